"""Where alerts come from, and what an order's own history says was already done about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from desktop_app.domain.acts import ACT_TITLES, Act, ActKind
from desktop_app.domain.alert_values import AlertKind, AlertMark, Watch
from desktop_app.domain.center import Person
from desktop_app.domain.conflicts import why_not_decide
from desktop_app.domain.deadlines import open_clocks
from desktop_app.domain.lifecycle import holder, waits_for_signature
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import ClockRun, Conflict, HistoryEntry, Order, Stage
from desktop_app.domain.policy import (
    AlertMoment,
    Milestone,
    Policy,
    alert_moments,
    frozen_moments,
)


def watches(order: Order, person: Person) -> tuple[Watch, ...]:
    """Return what the alerts watch on an order: running clocks, conflicts ``person`` hears of."""
    return tuple(_watch(order, person, clock) for clock in open_clocks(order)) + conflict_watches(
        order, person
    )


def conflict_watches(order: Order, person: Person) -> tuple[Watch, ...]:
    """Return the open conflicts ``person`` hears about, as clocks up to their limit.

    Who decides hears of all moments, others of those that name their role (policy ``[decisions]``).
    """
    clocks = ((c, _conflict_clock(order, c, person)) for c in order.open_conflicts)
    # A stopped clock stops the handling, not the decision between two records.
    return tuple(
        replace(
            _watch(order, person, clock),
            kind=AlertKind.CONFLICT,
            mine=_decides(order, conflict, person),
            paused=False,
            to_sign=False,
        )
        for conflict, clock in clocks
        if clock.alerts
    )


def _decides(order: Order, conflict: Conflict, person: Person) -> bool:
    return not why_not_decide(order, conflict, person.id, person.role)


def _watch(order: Order, person: Person, clock: ClockRun) -> Watch:
    return Watch(
        order_id=order.id,
        number=order.number,
        title=mask_text(order.matter.title),
        village=order.place.village,
        tier=order.tier,
        tier_title=order.tier_title,
        tier_style=order.tier_style,
        insistent=order.insistent,
        stage=order.stage,
        holder=holder(order),
        clock=clock,
        mine=order.assignment_of(person.id) is not None,
        paused=order.paused is not None,
        to_sign=waits_for_signature(order),
    )


def _conflict_clock(order: Order, conflict: Conflict, person: Person) -> ClockRun:
    return ClockRun(
        id=f"conflict.{conflict.id}",
        label="两条记录对不上",
        node="",
        closed_by=Milestone.SETTLED,  # never looked at: a decision closes it, not a milestone
        started_at=conflict.opened_at,
        due_at=conflict.due_at,
        safe_due_at=conflict.due_at,
        alerts=frozen_moments(_moments_for(order, conflict, person)),
    )


def _moments_for(order: Order, conflict: Conflict, person: Person) -> tuple[AlertMoment, ...]:
    if not conflict.confirmed:
        return ()
    moments = alert_moments(conflict.alerts) or _unfrozen(conflict)
    told = (
        moments
        if _decides(order, conflict, person)
        else (m for m in moments if person.role in m.tell)
    )
    return tuple(AlertMoment(m.seconds, (person.role,)) for m in told)


def refusal_watch(
    order: Order | None, act: Act, policy: Policy, opened_at: datetime, due_at: datetime
) -> Watch:
    """Return a record of one's own that was not taken, as a clock up to when it should be dealt with.

    ``order``: the one it was made on, None when it is not on this seat.
    """
    role = act.actor.role
    at_once = AlertMoment(1 - int((due_at - opened_at).total_seconds()), ())
    moments = (AlertMoment(m.seconds, (role,)) for m in (at_once, *policy.decisions.alerts))
    clock = ClockRun(
        id=f"refused.{act.id}",
        label=f"{ACT_TITLES[act.kind]}没被采用",
        node="",
        closed_by=Milestone.SETTLED,  # never looked at: dealing with the record closes it
        started_at=opened_at,
        due_at=due_at,
        safe_due_at=due_at,
        alerts=frozen_moments(moments),
    )
    return Watch(
        order_id=act.subject,
        number=order.number if order else "",
        title=mask_text(order.matter.title) if order else ACT_TITLES[act.kind],
        village=order.place.village if order else "",
        tier=order.tier if order else "",
        tier_title=order.tier_title if order else "",
        tier_style=order.tier_style if order else "",
        insistent=False,
        stage=order.stage if order else Stage.HANDLING,
        holder=holder(order) if order else "",
        clock=clock,
        mine=True,
        kind=AlertKind.REFUSED,
    )


def _unfrozen(conflict: Conflict) -> tuple[AlertMoment, ...]:
    """Of a conflict from before the moments were kept: at once, and when the time is over."""
    whole = int((conflict.due_at - conflict.opened_at).total_seconds())
    return AlertMoment(1 - whole, ()), AlertMoment(0, ())


def marks_in(order: Order, person_id: str, policy: Policy) -> dict[str, AlertMark]:
    """Return what ``person_id`` acknowledged or put off on this order, on any seat.

    The marks of a seat can be lost with the machine; the acts come back from the platform.
    """
    marks: dict[str, AlertMark] = {}
    snoozes = 0
    for entry in order.history:
        if entry.actor.person_id != person_id:
            continue
        if entry.kind is ActKind.ACKNOWLEDGE:
            for key in _ids(entry):
                marks[key] = replace(_mark(marks, key, entry), acknowledged_at=entry.occurred_at)
        elif entry.kind is ActKind.SNOOZE:
            snoozes += 1
            until = entry.occurred_at + timedelta(seconds=policy.alerts.snooze_seconds)
            for key in _ids(entry):
                marks[key] = replace(_mark(marks, key, entry), snoozed_until=until, snoozes=snoozes)
    return marks


def _mark(marks: Mapping[str, AlertMark], key: str, entry: HistoryEntry) -> AlertMark:
    return marks.get(key, AlertMark(shown_at=entry.occurred_at))


def _ids(entry: HistoryEntry) -> tuple[str, ...]:
    found = entry.payload.get("alerts", ())
    return tuple(str(key) for key in found)


def merged(first: Mapping[str, AlertMark], second: Mapping[str, AlertMark]) -> dict[str, AlertMark]:
    """Return both sets of marks as one; nothing that was done is forgotten."""
    both = dict(first)
    for key, mark in second.items():
        other = both.get(key)
        both[key] = mark if other is None else _both(other, mark)
    return both


def _both(a: AlertMark, b: AlertMark) -> AlertMark:
    return AlertMark(
        shown_at=_earliest((a.shown_at, b.shown_at)),
        acknowledged_at=_earliest((a.acknowledged_at, b.acknowledged_at)),
        snoozed_until=max(
            (t for t in (a.snoozed_until, b.snoozed_until) if t is not None), default=None
        ),
        snoozes=max(a.snoozes, b.snoozes),
    )


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((t for t in times if t is not None), default=None)
