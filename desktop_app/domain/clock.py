"""The only place that asks the machine what time it is, and what a seat makes of the answer.

Due times are absolute and come from the platform. A seat therefore works with *platform time*: the
platform's last word plus what the monotonic clock has counted since (times the platform's own pace,
which is 1 except in a demonstration). The wall clock of the machine is only a fallback, and flagged.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol


class ClockQuality(StrEnum):
    """How far the time on an act can be trusted."""

    GOOD = "good"  # counted from the platform's word since the machine started
    ESTIMATED = "estimated"  # wall clock corrected by the last known offset
    SUSPECT = "suspect"  # the wall clock jumped, or the platform was never heard


class Clock(Protocol):
    """A source of time. ``now`` is aware UTC; ``monotonic`` is in seconds and never goes back."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class ScaledClock:
    """A clock that starts at ``start`` and runs ``speed`` times faster than ``base``."""

    def __init__(self, base: Clock, speed: float, start: datetime | None = None) -> None:
        self._base = base
        self.speed = speed
        self._start = start or base.now()
        self._anchor = base.monotonic()

    def now(self) -> datetime:
        elapsed = self._base.monotonic() - self._anchor
        return self._start + timedelta(seconds=elapsed * self.speed)

    def monotonic(self) -> float:
        return self._base.monotonic()


@dataclass(frozen=True, slots=True)
class Anchor:
    """The platform's word: its time and pace when this machine's clocks showed ``wall``/``mono``."""

    platform: datetime
    wall: datetime
    mono: float
    pace: float = 1.0


class PlatformTime:
    """What time it is on the platform, as well as this seat can know it.

    ``JUMP`` is how far the wall clock may run away from the monotonic one before it is called a jump.
    """

    JUMP = timedelta(seconds=30)

    def __init__(self, clock: Clock, stored: Anchor | None = None) -> None:
        self._clock = clock
        self._anchor = stored
        self._fresh = False  # anchored since this process started
        self._begun = (self._by_wall(), clock.monotonic())

    def _by_wall(self) -> datetime:
        """What the wall clock makes of the platform's last word; never before that word."""
        anchor, wall = self._anchor, self._clock.now()
        if anchor is None:
            return wall
        elapsed = max(0.0, (wall - anchor.wall).total_seconds())
        return anchor.platform + timedelta(seconds=elapsed * anchor.pace)

    @property
    def anchor(self) -> Anchor | None:
        return self._anchor

    def hear(self, platform: datetime, pace: float = 1.0) -> None:
        """Take the platform's time as the new anchor."""
        self._anchor = Anchor(platform, self._clock.now(), self._clock.monotonic(), pace)
        self._fresh = True

    def now(self) -> datetime:
        """Return platform time, aware UTC."""
        anchor = self._anchor
        if anchor is None or not self._fresh:
            return self._unheard(anchor.pace if anchor else 1.0)
        by_wall = (self._clock.now() - anchor.wall).total_seconds()
        by_mono = self._clock.monotonic() - anchor.mono
        # The monotonic clock may stand still in sleep; a wall clock that runs ahead of it then makes
        # alarms early, never late.
        elapsed = max(by_mono, by_wall) if by_wall - by_mono < 366 * 86400 else by_mono
        return anchor.platform + timedelta(seconds=elapsed * anchor.pace)

    def _unheard(self, pace: float) -> datetime:
        # Not heard since the start: a wall clock that is set back meanwhile must not hold time up.
        counted, by_wall = self._counted(pace), self._by_wall()
        return max(counted, by_wall) if by_wall - counted < timedelta(days=366) else counted

    def _counted(self, pace: float) -> datetime:
        at, mono = self._begun
        return at + timedelta(seconds=(self._clock.monotonic() - mono) * pace)

    def quality(self) -> ClockQuality:
        """Return how far ``now`` can be trusted."""
        anchor = self._anchor
        if anchor is None:
            return ClockQuality.SUSPECT
        by_wall = self._clock.now() - anchor.wall
        if not self._fresh:
            run_away = abs(self._by_wall() - self._counted(anchor.pace)) / max(anchor.pace, 1.0)
            jumped = by_wall < -self.JUMP or run_away > self.JUMP
            return ClockQuality.SUSPECT if jumped else ClockQuality.ESTIMATED
        drift = by_wall - timedelta(seconds=self._clock.monotonic() - anchor.mono)
        return ClockQuality.SUSPECT if abs(drift) > self.JUMP else ClockQuality.GOOD
