"""What a step achieves for the clocks, and when it does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.deadlines import close_clocks
from desktop_app.domain.moments import round_of
from desktop_app.domain.orders import ClockRun, Order
from desktop_app.domain.policy import Milestone
from desktop_app.domain.roles import HANDLER_ROLES
from desktop_app.domain.values import replace


def counts(order: Order, act: Act) -> bool:
    """In a later round only its own handlers close a node; others' records are kept beside."""
    return (
        order.round == 1
        or act.actor.role not in HANDLER_ROLES
        or order.assignment_of(act.actor.person_id) is not None
        or act.kind is ActKind.SIGN  # by a deputy
    )


def achieves(payload: object) -> bool:
    if isinstance(payload, p.Conclude):
        return payload.finished
    if isinstance(payload, p.Review):
        return payload.settled
    return True


def achieve(order: Order, milestone: Milestone, at: datetime, act: Act, doubtful: bool) -> Order:
    """Note a milestone and close the clocks that wait for it."""
    return replace(order, **achieving(order, milestone, at, act, doubtful))


def achieving(
    order: Order, milestone: Milestone, at: datetime, act: Act, doubtful: bool
) -> dict[str, Any]:
    """Return the fields that ``achieve`` changes."""
    achieved = tuple(dict.fromkeys((*order.achieved, milestone)))
    return {"achieved": achieved, "clocks": closed(order, milestone, at, act, doubtful)}


def closed(
    order: Order, milestone: Milestone, at: datetime, act: Act, doubtful: bool
) -> tuple[ClockRun, ...]:
    """Return the clocks, those closed that wait for ``milestone`` in the round of ``act``."""
    round_ = round_of(order, act)
    return close_clocks(order.clocks, milestone, at, act.id, round_, doubtful=doubtful)
