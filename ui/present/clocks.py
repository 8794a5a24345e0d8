"""Countdowns, tier badges and node tracks from the order's clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from desktop_app.domain.deadlines import Band as DueBand
from desktop_app.domain.deadlines import band_of, current_clock
from desktop_app.domain.orders import ClockRun, Order
from desktop_app.domain.policy import Bands
from ui.present.times import day_time
from ui.widgets.kinds import Band, NodeState, TierKind
from ui.widgets.text import countdown_text
from ui.widgets.values import CountdownFace, TierFace, TrackNode


class Running(Protocol):
    """What a countdown needs of a clock, be it the domain's or a list row's."""

    @property
    def started_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def safe_due_at(self) -> datetime: ...


def seconds_left(clock: Running, now: datetime) -> float:
    """Seconds until the internal limit; negative once it is past."""
    return (clock.safe_due_at - now).total_seconds()


def share_left(clock: Running, now: datetime) -> float:
    """Share of the limit that is left, 1 at the start and negative past the limit."""
    total = (clock.safe_due_at - clock.started_at).total_seconds()
    left = seconds_left(clock, now)
    return left / total if total > 0 else (-1.0 if left < 0 else 0.0)


def countdown(
    clock: Running | None, now: datetime, bands: Bands, *, paused: bool = False
) -> CountdownFace:
    """The face of a countdown cell. Without a clock nothing is due: an empty green one."""
    if clock is None:
        return CountdownFace("", Band.OK, 0.0)
    share = share_left(clock, now)
    text = countdown_text(seconds_left(clock, now), paused)
    return CountdownFace(text, _band(share, bands, paused), min(max(share, 0.0), 1.0))


def _band(share: float, bands: Bands, paused: bool) -> Band:
    if paused:
        return Band.HOLD
    if share < 0:
        return Band.OVER
    if share <= bands.near:
        return Band.NEAR
    return Band.HALF if share <= bands.half else Band.OK


def tier_face(title: str, style: str) -> TierFace:
    """The badge of a tier; the word comes from policy."""
    return TierFace(title, TierKind.of(style))


def order_countdown(order: Order, now: datetime, bands: Bands) -> CountdownFace:
    """The countdown of the clock that is due next."""
    return countdown(current_clock(order), now, bands, paused=order.paused is not None)


def track(order: Order, now: datetime, bands: Bands) -> tuple[TrackNode, ...]:
    """The node track of the present round: every clock that has a mark on it."""
    current = current_clock(order)
    nodes = (c for c in order.clocks if c.node and c.round == order.round)
    return tuple(_node(c, order, now, bands, is_current=c == current) for c in nodes)


def _node(
    clock: ClockRun, order: Order, now: datetime, bands: Bands, *, is_current: bool
) -> TrackNode:
    if clock.met_at is not None:
        state = NodeState.LATE if clock.late else NodeState.MET
        return TrackNode(clock.node, state, clock.label, day_time(clock.met_at))
    paused = order.paused is not None
    if not paused and band_of(clock, now, bands) is DueBand.OVER:
        text = countdown_text(seconds_left(clock, now))
        return TrackNode(clock.node, NodeState.DUE, clock.label, text, strong=True)
    if is_current:
        text = countdown_text(seconds_left(clock, now), paused)
        return TrackNode(clock.node, NodeState.CUR, clock.label, text, strong=True)
    return TrackNode(clock.node, NodeState.FUT, clock.label, day_time(clock.due_at))
