"""A new order: what the 12345 center sends, with the policy's limits frozen onto it at receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.acts import ActKind, Actor
from desktop_app.domain.center import Center, Person
from desktop_app.domain.deadlines import start_clocks
from desktop_app.domain.ids import ActId, OrderId, PersonId
from desktop_app.domain.orders import (
    HistoryEntry,
    Matter,
    Order,
    OrderKind,
    OrderLink,
    Outcome,
    Petitioner,
    Place,
)
from desktop_app.domain.redaction import without_petitioner
from desktop_app.domain.roles import CENTER_ROLES, Role

PLATFORM_ACTOR = Actor(PersonId("platform"), Role.PLATFORM, "12345", "12345 平台")


@dataclass(frozen=True, slots=True)
class Intake:
    """An order as it arrives, before it has an identity here. ``number`` is the sender's, unique."""

    number: str
    channel: str
    petitioner: Petitioner
    place: Place
    matter: Matter
    tier: str
    called_at: datetime
    links: tuple[OrderLink, ...] = ()
    tags: tuple[str, ...] = ()


def new_order(
    intake: Intake, center: Center, order_id: OrderId, act_id: ActId, at: datetime
) -> Order:
    """Return the order dispatched ``at``. Raises ``KeyError`` for a tier the policy does not know."""
    policy = center.policy
    tier = policy.tier(intake.tier)
    entry = HistoryEntry(
        act_id, ActKind.DISPATCH, PLATFORM_ACTOR, at, at, 1, Outcome.APPLIED, 1, payload={}
    )
    return Order(
        id=order_id,
        number=intake.number,
        channel=intake.channel,
        petitioner=intake.petitioner,
        place=intake.place,
        matter=intake.matter,
        tier=tier.id,
        tier_title=tier.title,
        tier_style=tier.style,
        insistent=tier.insistent,
        called_at=intake.called_at,
        dispatched_at=at,
        policy_id=policy.id,
        policy_version=policy.version,
        conclude_needs=tier.conclude_needs,
        clocks=start_clocks(policy, tier, at),
        links=intake.links,
        tags=intake.tags,
        history=(entry,),
    )


def is_own(order: Order, person_id: str, role: Role) -> bool:
    """Whether the order is this person's for good: the center's roles all, handlers their own."""
    return role in CENTER_ROLES or person_id in order.past_handlers


def sees_all(center: Center, person: Person, at: datetime) -> bool:
    """Whether every order is open to this person at ``at``: the center's roles, and the secretary's
    deputy while the authorisation holds.
    """
    return person.role in CENTER_ROLES or center.delegation(person.id, at) is not None


def sees(order: Order, person: Person, center: Center, at: datetime) -> bool:
    """Whether this person's seat is sent the order at ``at``."""
    return is_own(order, person.id, person.role) or sees_all(center, person, at)


def is_secret(order: Order) -> bool:
    """Whether the petitioner is hidden from handlers: asked for (保密), or the order is a report (举报)."""
    return order.petitioner.confidential or order.matter.kind is OrderKind.REPORT


def redacted(order: Order, role: Role) -> Order:
    """Return the order as ``role`` may hold it: confidential and report-type orders hide the
    petitioner from handlers, in texts and history too. A deputy's seat keeps what it was sent after
    the authorisation has ended, so a deputy gets no more than a handler does.
    """
    if role in CENTER_ROLES or not is_secret(order):
        return order
    return without_petitioner(order)
