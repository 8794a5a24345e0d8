"""What a benchmark is, how samples are taken, and the table they end in."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``target`` is an upper bound in ``unit``, or a lower one with ``at_least``;
    ``judged`` is median or p95.
    """

    name: str
    work: str
    target: float
    unit: str = "ms"
    judged: str = "median"
    floor: str = ""
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.target if self.at_least else value <= self.target


@dataclass(slots=True)
class Measured:
    """Samples of one row in its unit, and of its floors and peers taken in the same run.

    ``floor`` is the bare work into an encrypted file where the row writes one, ``plain`` the same into
    a plain one. ``peers``: samples by name; none when that peer is not installed.
    """

    samples: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    note: str = ""
    plain: list[float] = field(default_factory=list)
    peers: dict[str, list[float]] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        """The smallest sample that 95 % do not exceed."""
        ordered = sorted(self.samples)
        return ordered[max(0, math.ceil(len(ordered) * 0.95) - 1)]

    def judged(self, row: Row) -> float:
        return self.p95 if row.judged == "p95" else self.median


@dataclass(frozen=True, slots=True)
class Options:
    """``quick`` takes few samples and a small store; ``wanted`` tells whether a row was asked for."""

    quick: bool
    wanted: Callable[[str], bool]

    @property
    def orders(self) -> int:
        return 5_000 if self.quick else 100_000

    def times(self, full: int) -> int:
        """Return how often to repeat what a full run repeats ``full`` times."""
        return max(3, full // 5) if self.quick else full


Results = Iterator[tuple[str, Measured]]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share a preparation. ``run`` yields results as they are there."""

    name: str
    rows: tuple[Row, ...]
    run: Callable[[Options], Results]


def take(work: Callable[[], object], times: int, scale: float = 1000.0) -> list[float]:
    """Return how long ``work`` took each time (milliseconds by default), after one unmeasured run."""
    work()
    samples = []
    for _ in range(times):
        with quiet_collector():
            begun = time.perf_counter()
            work()
            samples.append((time.perf_counter() - begun) * scale)
    return samples


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Collect before, not during: what one benchmark left behind is not the next one's cost."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def number(value: float) -> str:
    """Return a figure with three significant digits at most."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cells(row: Row, found: Measured) -> tuple[str, ...]:
    """Return the texts of one line of the table."""
    if not found.samples:
        missing = found.note or "not measured"
        return row.work, _bound(row), "–", "–", "–", "–", "–", _peers(found), missing
    value = found.judged(row)
    floor = statistics.median(found.floor) if found.floor else None
    verdict = "" if row.met(value) else "MISSED"
    return (
        row.work,
        _bound(row),
        number(found.median),
        number(found.p95),
        number(statistics.median(found.plain)) if found.plain else "–",
        number(floor) if floor is not None else "–",
        f"{value / floor:.1f}" if floor else "–",
        _peers(found),
        " ".join(part for part in (verdict, found.note) if part),
    )


def _peers(found: Measured) -> str:
    """Return each peer's median, or that it is not installed."""
    texts = [
        f"{name} {number(statistics.median(samples))}" if samples else f"{name} 未安装"
        for name, samples in found.peers.items()
    ]
    return ", ".join(texts) or "–"


def _bound(row: Row) -> str:
    judged = " p95" if row.judged == "p95" else ""
    return f"{'≥' if row.at_least else '≤'} {row.target:g} {row.unit}{judged}"


HEADINGS = ("work", "target", "median", "p95", "plain", "floor", "ratio", "peers", "")


def table(lines: Sequence[tuple[str, ...]]) -> str:
    """Return the table as text, every column as wide as its widest cell."""
    everything = [HEADINGS, *lines]
    widths = [max(_width(line[n]) for line in everything) for n in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            _padded(cell, widths[n], right=2 <= n <= 6) for n, cell in enumerate(line)
        ).rstrip()
        for line in everything
    )


def _width(text: str) -> int:
    return sum(2 if "\u2e80" <= c <= "\uffef" else 1 for c in text)


def _padded(text: str, width: int, *, right: bool) -> str:
    room = " " * (width - _width(text))
    return room + text if right else text + room


def as_json(row: Row, found: Measured) -> dict[str, Any]:
    """Return one line for ``bench.json``."""
    measured = bool(found.samples)
    return {
        "name": row.name,
        "work": row.work,
        "unit": row.unit,
        "target": row.target,
        "judged": row.judged,
        "median": found.median if measured else None,
        "p95": found.p95 if measured else None,
        "samples": found.samples,
        "floor": row.floor,
        "floor_median": statistics.median(found.floor) if found.floor else None,
        "plain_floor_median": statistics.median(found.plain) if found.plain else None,
        "peers": found.peers,
        "met": row.met(found.judged(row)) if measured else None,
        "note": found.note,
    }
