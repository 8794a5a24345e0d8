"""What a bad line does to bytes: latency, a narrow pipe, lost packets, times without any line.

Lost packets are not lost to TCP: they come later, and everything behind them waits.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

PACKET = 1400


@dataclass(frozen=True, slots=True)
class Link:
    """``delay``: one way, in seconds; ``rate``: bytes per second and direction; ``loss``: share of
    packets that come a retransmission later. ``up`` and ``down``: seconds with and without a line, in
    turns (0: always up). ``cutting``: the connections end when the line goes, and new ones are refused;
    else their packets only stand still.
    """

    delay: float = 0.0
    rate: float = 1e9
    loss: float = 0.0
    up: float = 0.0
    down: float = 0.0
    cutting: bool = False

    def faster(self, times: float) -> Link:
        """Return the same line in a world where everything goes ``times`` as fast."""
        return Link(
            self.delay / times, self.rate * times, self.loss,
            self.up / times, self.down / times, self.cutting,
        )  # fmt: skip


FAIR = Link()


class Lane:
    """One direction of a link. All connections share it."""

    def __init__(self, link: Link, seed: int) -> None:
        self._link = link
        self._dice = random.Random(seed)
        self._free = 0.0
        self._latest = 0.0

    def arrival(self, size: int, now: float, line_back: float) -> float:
        """Return when a packet of ``size`` bytes that is sent ``now`` comes out, never before an
        earlier one. ``line_back``: when the line is there (again).
        """
        link = self._link
        begin = max(now, self._free, line_back)
        self._free = begin + size / link.rate
        lost = link.loss > 0 and self._dice.random() < link.loss
        late = 3 * link.delay + 0.02 if lost else 0.0
        self._latest = max(self._latest, self._free + link.delay + late)
        return self._latest


class Weather:
    """Whether there is a line just now, in ``asyncio`` time; ``skip`` lets time pass at once."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._began = asyncio.get_running_loop().time()

    def skip(self, seconds: float) -> None:
        self._began -= seconds

    def back(self) -> float:
        """Return when the line is there: now, or at the end of this time without one."""
        now = asyncio.get_running_loop().time()
        left = self.turns_in()
        return now + left if self.gone() else now

    def gone(self) -> bool:
        link = self._link
        return link.down > 0 and self._into() >= link.up

    def turns_in(self) -> float:
        """Return the seconds until the line goes or comes back."""
        link, into = self._link, self._into()
        return link.up - into if into < link.up else link.up + link.down - into

    def _into(self) -> float:
        link = self._link
        now = asyncio.get_running_loop().time()
        return (now - self._began) % ((link.up + link.down) or 1.0)
