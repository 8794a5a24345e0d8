"""Clocks: started once at receipt, closed by what was done, stopped and resumed. All pure.

Source of the rules: domain glossary, "Clocks"; the figures are the policy's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from desktop_app.domain.calendars import SHANGHAI, add_working_days, working_days_between
from desktop_app.domain.ids import ActId
from desktop_app.domain.orders import CLOSED_STAGES, ClockRun, Order, Pause
from desktop_app.domain.policy import (
    Bands,
    ClockRule,
    Counting,
    Milestone,
    Policy,
    TierRule,
    frozen_moments,
)
from desktop_app.domain.values import replace


class Band(StrEnum):
    """How a running clock stands, by share of time left."""

    OK = "ok"
    HALF = "half"
    NEAR = "near"
    OVER = "over"
    HOLD = "hold"


BAND_TITLES = {
    Band.OK: "充裕",
    Band.HALF: "过半",
    Band.NEAR: "临期",
    Band.OVER: "超时",
    Band.HOLD: "停表",
}
BAND_URGENCY = {Band.OVER: 0, Band.NEAR: 1, Band.HALF: 2, Band.OK: 3, Band.HOLD: 4}


def start_clocks(
    policy: Policy, tier: TierRule, at: datetime, round_: int = 1
) -> tuple[ClockRun, ...]:
    """Freeze the tier's limits onto an order dispatched ``at`` (aware UTC)."""
    return tuple(_start(policy, rule, at, round_) for rule in tier.clocks)


def _start(policy: Policy, rule: ClockRule, at: datetime, round_: int) -> ClockRun:
    due = due_time(policy, rule.counting, rule.limit, at)
    # Of a short limit the margin takes no more than half: nothing is born overdue.
    safe = due - min(timedelta(seconds=policy.safety_margin), (due - at) / 2)
    return ClockRun(
        id=rule.id if round_ == 1 else f"{rule.id}.r{round_}",
        label=rule.label,
        node=rule.node,
        closed_by=rule.closed_by,
        started_at=at,
        due_at=due,
        safe_due_at=safe,
        counting=rule.counting,
        limit=rule.limit,
        round=round_,
        alerts=frozen_moments(rule.alerts),
    )


def restart_clocks(
    policy: Policy, clocks: tuple[ClockRun, ...], round_: int, at: datetime
) -> tuple[ClockRun, ...]:
    """Start the clocks of ``round_`` once more for the next one, by the limits frozen on them."""
    return tuple(_restart(policy, c, at) for c in clocks if c.round == round_)


def _restart(policy: Policy, clock: ClockRun, at: datetime) -> ClockRun:
    rule = ClockRule(
        id=clock.id.removesuffix(f".r{clock.round}"),
        label=clock.label,
        node=clock.node,
        closed_by=clock.closed_by,
        counting=clock.counting if clock.limit else Counting.ELAPSED,
        limit=clock.limit or int((clock.due_at - clock.started_at).total_seconds()),
        alerts=clock.moments,
    )
    return _start(policy, rule, at, clock.round + 1)


def due_time(policy: Policy, counting: Counting, limit: int, at: datetime) -> datetime:
    """Return when a limit that starts ``at`` ends. ``limit``: seconds if elapsed, else days."""
    if counting is Counting.ELAPSED:
        return at + timedelta(seconds=limit)
    if counting is Counting.WORKING_DAYS:
        return add_working_days(policy, at, limit)
    local = at.astimezone(SHANGHAI) + timedelta(days=limit)
    end = local.replace(hour=23, minute=59, second=59, microsecond=0)
    return end.astimezone(at.tzinfo)


def close_clocks(
    clocks: tuple[ClockRun, ...],
    milestone: Milestone,
    at: datetime,
    act_id: ActId,
    round_: int,
    *,
    doubtful: bool = False,
) -> tuple[ClockRun, ...]:
    """Close the round's clocks that ``milestone`` closes. An earlier record moves a closing earlier."""
    return tuple(
        replace(c, met_at=at, met_by=act_id, doubtful=doubtful)
        if c.closed_by is milestone and c.round == round_ and (c.met_at is None or at < c.met_at)
        else c
        for c in clocks
    )


def resume_clocks(
    policy: Policy, clocks: tuple[ClockRun, ...], pause: Pause, at: datetime
) -> tuple[ClockRun, ...]:
    """Give open clocks back the time the ``pause`` took, each in its own way of counting."""

    def shifted(clock: ClockRun) -> ClockRun:
        if clock.met_at is not None:
            return clock
        start = max(pause.started_at, clock.started_at)
        due = _shift(policy, clock, start, at)
        return replace(clock, due_at=due, safe_due_at=clock.safe_due_at + (due - clock.due_at))

    return tuple(shifted(c) for c in clocks)


def _shift(policy: Policy, clock: ClockRun, start: datetime, end: datetime) -> datetime:
    if clock.due_at <= start or end <= start:
        return clock.due_at  # already due when the clock was stopped: no time is given back
    if clock.counting is Counting.WORKING_DAYS:
        lost = working_days_between(policy, start, end)
        return add_working_days(policy, clock.due_at, lost) if lost else clock.due_at
    if clock.counting is Counting.CALENDAR_DAYS:
        return clock.due_at + timedelta(days=(end - start).days)
    return clock.due_at + (end - start)


def open_clocks(order: Order) -> tuple[ClockRun, ...]:
    """Return the clocks that still run, soonest due first."""
    return tuple(sorted(_running(order), key=_first_due))


def current_clock(order: Order) -> ClockRun | None:
    """Return the clock that is due next, or None when nothing runs."""
    soonest = None
    for clock in _running(order):
        if soonest is None or _first_due(clock) < _first_due(soonest):
            soonest = clock
    return soonest


def _running(order: Order) -> list[ClockRun]:
    if order.stage in CLOSED_STAGES:
        return []
    return [c for c in order.clocks if c.met_at is None and c.round == order.round]


def _first_due(clock: ClockRun) -> tuple[datetime, str]:
    return clock.due_at, clock.id


def share_left(clock: ClockRun, now: datetime, *, safe: bool = True) -> float:
    """Return the share of the limit that is left: 1 at the start, 0 at the due time, negative after."""
    due = clock.safe_due_at if safe else clock.due_at
    total = (due - clock.started_at).total_seconds()
    left = (due - now).total_seconds()
    return left / total if total > 0 else (-1.0 if left < 0 else 0.0)


def band_of(clock: ClockRun, now: datetime, bands: Bands, *, paused: bool = False) -> Band:
    """Return the clock's band at ``now`` (platform time)."""
    if paused:
        return Band.HOLD
    share = share_left(clock, now)
    if share < 0:
        return Band.OVER
    if share <= bands.near:
        return Band.NEAR
    return Band.HALF if share <= bands.half else Band.OK
