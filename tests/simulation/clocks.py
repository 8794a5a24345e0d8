"""The clocks: true time, the platform's, and one per machine that can be wrong and can sleep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.support.clock import START

Seconds = Callable[[], float]


def true_time(seconds: float) -> datetime:
    """Return the moment so many virtual seconds after the beginning."""
    return START + timedelta(seconds=seconds)


class MachineClock:
    """Wall clock and monotonic clock of one machine. ``error`` is how wrong the wall clock is."""

    def __init__(self, passed: Seconds) -> None:
        self._passed = passed
        self.error = timedelta()
        self._slept = 0.0

    def now(self) -> datetime:
        return true_time(self._passed()) + self.error

    def monotonic(self) -> float:
        return 1000.0 + self._passed() - self._slept

    def jump(self, by: timedelta) -> None:
        """Move the wall clock, as a user, an empty battery or a time server would."""
        self.error += by

    def slept(self, seconds: float) -> None:
        """The monotonic clock stood still for so long."""
        self._slept += seconds
