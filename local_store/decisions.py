"""What somebody has to decide: open conflicts with both versions, and own acts that were refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.acts import ACT_TITLES, Act, ActKind, Actor
from desktop_app.domain.apply import decide
from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.center import Center, Person
from desktop_app.domain.conflicts import SIGNING, why_not_decide
from desktop_app.domain.ids import ActId
from desktop_app.domain.intake import is_own
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import (
    STAGE_TITLES,
    Conflict,
    ConflictKind,
    HistoryEntry,
    Order,
)
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import ROLE_TITLES
from local_store import acts, packs
from local_store.rows import Choice, Decision, DecisionKind, OutboxItem, OutboxStatus
from local_store.tx import Tx
from sync.protocol import codec

_LABELS = {"first": "以甲为准", "second": "以乙为准", "put_off": "先都留着，当面核"}


def decisions(
    tx: Tx, center: Center | None, person: Person, now: datetime | None = None
) -> list[Decision]:
    """Return open conflicts and this person's refused acts, oldest first.

    ``now``: platform time, for what passes to others when it is overdue; None: nothing is overdue.
    """
    asked = _Asked(center, person, now)
    found = [
        *(_rejection(tx, item) for item in _refused(tx, person)),
        *(d for o in _disputed(tx) if _shown_to(o, person) for d in _conflicts(o, asked)),
    ]
    return sorted(found, key=lambda d: (d.opened_at, d.order_id))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, in which center, when."""

    center: Center | None
    person: Person
    now: datetime | None


def _refused(tx: Tx, person: Person) -> list[OutboxItem]:
    items = acts.outbox(tx, (OutboxStatus.REJECTED,))
    return [item for item in items if item.act.actor.person_id == person.id]


def _disputed(tx: Tx) -> list[Order]:
    rows = tx.all(
        f"SELECT {packs.SHOWN} FROM orders o{packs.JOIN}"  # noqa: S608 - own text
        " WHERE o.conflicts > 0"
    )
    return [codec.decode_order(row[0]) for row in rows]


def _shown_to(order: Order, person: Person) -> bool:
    """Handlers are asked about their own orders; a deputy also about a signature that was late."""
    if is_own(order, person.id, person.role):
        return True
    entries = (order.entry(c.second) for c in order.open_conflicts)
    return any(e is not None and e.actor.person_id == person.id for e in entries)


def _rejection(tx: Tx, item: OutboxItem) -> Decision:
    row = tx.one(
        f"SELECT {packs.SHOWN} FROM orders o{packs.JOIN}"  # noqa: S608 - own text
        " WHERE o.order_id = ?",
        (item.act.subject,),
    )
    village = codec.decode_order(row[0]).place.village if row else ""
    return Decision(
        kind=DecisionKind.REJECTION,
        order_id=item.act.subject,
        number=item.number,
        title=mask_text(item.title) or ACT_TITLES[item.act.kind],
        village=village,
        opened_at=item.recorded_at,
        due_at=item.due_at,
        act=item.act,
        reason=item.reason,
        code=item.code,
    )


def _conflicts(order: Order, asked: _Asked) -> list[Decision]:
    return [_conflict(order, c, asked) for c in order.open_conflicts]


def _conflict(order: Order, conflict: Conflict, asked: _Asked) -> Decision:
    person, policy = asked.person, asked.center.policy if asked.center else None
    why_not = why_not_decide(order, conflict, person.id, person.role, asked.now, policy)
    first, second = order.entry(conflict.first), order.entry(conflict.second)
    return Decision(
        kind=DecisionKind.CONFLICT,
        order_id=order.id,
        number=order.number,
        title=mask_text(order.matter.title),
        village=order.place.village,
        opened_at=conflict.opened_at,
        due_at=conflict.due_at if conflict.confirmed else None,
        why_not=why_not,
        conflict=conflict,
        first=first,
        second=second,
        choices=tuple(
            _choice(order, conflict, key, asked, why_not, (first, second)) for key in _LABELS
        ),
    )


def _choice(
    order: Order,
    conflict: Conflict,
    key: str,
    asked: _Asked,
    why_not: str,
    entries: tuple[HistoryEntry | None, HistoryEntry | None],
) -> Choice:
    effect, refused = _tried(order, conflict, key, asked)
    return Choice(key, _LABELS[key], effect, _tells(key, asked.person, entries), why_not or refused)


def _tried(order: Order, conflict: Conflict, key: str, asked: _Asked) -> tuple[str, str]:
    """Return what a choice would lead to, and why it is not possible."""
    if conflict.kind is ConflictKind.STALE_SIGNATURE and key == "second":
        did = ACT_TITLES[conflict.step]
        return (
            f"旧版上的{did}留在经过里，标“未采用”。",
            f"旧版上的{did}不能转用。请按新版重签，或退回。",
        )
    if key == "put_off":
        return _put_off_words(conflict, asked), ""
    now, center = asked.now or conflict.opened_at, asked.center
    resolve = Act(
        ActId("trial"), order.id, ActKind.RESOLVE_CONFLICT, _actor(asked.person), now,
        base_rev=order.rev,
        payload={"conflict_id": conflict.id, "choice": key, "reason": "试"},
    )  # fmt: skip
    other = "乙" if key == "first" else "甲"
    try:
        after = decide(order, resolve, center, now).order if center else order
    except Refusal as refusal:
        if refusal.code in ("not_decider", "actor"):
            return _effect(order, order, other), ""
        return "", str(refusal)
    return _effect(order, after, other), ""


def _put_off_words(conflict: Conflict, asked: _Asked) -> str:
    if not conflict.confirmed:
        return "两条都留着，时限照走。"
    until = f"{conflict.due_at.astimezone(SHANGHAI):%m-%d %H:%M} 前须选定"
    then = asked.center.policy.decisions.then if asked.center else ()
    others = "、".join(ROLE_TITLES[role] for role in then if conflict.step not in SIGNING)
    return f"两条都留着，时限照走。{until}" + (f"，过时{others}也可选定。" if others else "。")


def _actor(person: Person) -> Actor:
    return Actor(person.id, person.role, person.name, person.title)


def _effect(before: Order, after: Order, other: str) -> str:
    word = "工单仍是" if before.stage is after.stage else "工单转为"
    return f"{word}“{STAGE_TITLES[after.stage]}”。{other}留在经过里，标“未采用”。"


def _tells(
    key: str, person: Person, entries: tuple[HistoryEntry | None, HistoryEntry | None]
) -> str:
    if key == "put_off":
        return "双方和派单员"
    titles = [e.actor.title for e in entries if e and e.actor.person_id != person.id]
    return "、".join(dict.fromkeys(titles))
