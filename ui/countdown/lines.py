"""The lines of the page: which clocks, in which band, in which order, and when that changes by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_app.domain.alert_values import AlertKind, Watch
from desktop_app.domain.alert_words import next_words, node_text
from desktop_app.domain.center import Person
from desktop_app.domain.deadlines import BAND_TITLES, BAND_URGENCY, Band, band_of, share_left
from desktop_app.domain.orders import STAGE_TITLES
from desktop_app.domain.policy import Bands

ORDER = (Band.OVER, Band.NEAR, Band.HALF, Band.OK, Band.HOLD)
HEADS = {
    Band.OVER: "已过限，先办这些",
    Band.NEAR: "快到限",
    Band.HALF: "时间过半",
    Band.OK: "时间还够",
    Band.HOLD: "时限停住，不计时",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One running clock. ``key`` stays the same while it runs."""

    key: str
    watch: Watch
    band: Band
    share: float
    node: str
    step: str
    next: str


@dataclass(frozen=True, slots=True)
class Head:
    """The line above a band."""

    band: Band
    count: int

    @property
    def title(self) -> str:
        return BAND_TITLES[self.band]

    @property
    def words(self) -> str:
        return HEADS[self.band]


Entry = Head | Line


@dataclass(frozen=True, slots=True)
class Lines:
    """Everything on the page. ``counts`` are of all bands, whatever the filter; ``until``: when a
    clock next goes into another band.
    """

    entries: tuple[Entry, ...] = ()
    counts: tuple[tuple[Band, int], ...] = ()
    orders: int = 0
    until: datetime | None = None

    def count(self, band: Band | None) -> int:
        return sum(n for b, n in self.counts if band is None or b is band)


def arrange(
    watches: Iterable[Watch],
    person: Person,
    bands: Bands,
    now: datetime,
    *,
    only: Band | None = None,
    one_each: bool = False,
) -> Lines:
    """Sort the clocks into bands, worst first. ``one_each``: only the worst clock of every order."""
    lines = sorted((_line(w, person, bands, now) for w in watches), key=_worst_first)
    if one_each:
        lines = list({line.watch.order_id: line for line in reversed(lines)}.values())[::-1]
    counts = tuple((b, sum(line.band is b for line in lines)) for b in ORDER)
    entries: list[Entry] = []
    for band, count in counts:
        if count and only in (None, band):
            entries.append(Head(band, count))
            entries.extend(line for line in lines if line.band is band)
    changes = [t for line in lines if (t := _next_band(line, bands, now)) is not None]
    orders = len({line.watch.order_id for line in lines})
    return Lines(tuple(entries), counts, orders, min(changes, default=None))


def _line(watch: Watch, person: Person, bands: Bands, now: datetime) -> Line:
    return Line(
        key=f"{watch.order_id}:{watch.clock.id}",
        watch=watch,
        band=band_of(watch.clock, now, bands, paused=watch.paused),
        share=share_left(watch.clock, now),
        node=node_text(watch),
        step="待裁定" if watch.kind is AlertKind.CONFLICT else STAGE_TITLES[watch.stage],
        next=next_words(watch, person).removesuffix("。"),
    )


def _worst_first(line: Line) -> tuple[int, float, datetime, str]:
    return (BAND_URGENCY[line.band], line.share, line.watch.clock.due_at, line.key)


def _next_band(line: Line, bands: Bands, now: datetime) -> datetime | None:
    """When the clock leaves its band; None for what is overdue or stopped."""
    bound = {Band.OK: bands.half, Band.HALF: bands.near, Band.NEAR: 0.0}.get(line.band)
    if bound is None:
        return None
    clock = line.watch.clock
    whole = (clock.safe_due_at - clock.started_at).total_seconds()
    at = clock.safe_due_at - timedelta(seconds=whole * bound)
    return max(at, now) + timedelta(seconds=1)
