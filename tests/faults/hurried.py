"""A world in which lines go faster and waits take no time: hours of a bad line in seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desktop_app.domain.clock import Clock
from sync.client.address import Address
from sync.client.mailbox import Mailbox
from sync.client.runner import Runner, Told
from sync.client.transport import Transport
from tests.support.clock import START, ManualClock
from tests.support.proxy import FaultProxy
from tests.support.synced import SyncedSeat


class HurriedClock(ManualClock):
    """Runs by itself, ``times`` as fast as real clocks; ``skip`` takes a wait at once."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self.times = times
        self._began = time.monotonic()
        self._skipped = 0.0

    def skip(self, seconds: float) -> None:
        self._skipped += seconds

    def monotonic(self) -> float:
        return 1000.0 + (time.monotonic() - self._began) * self.times + self._skipped

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic() - 1000.0)


class SkippingMailbox(Mailbox):
    """A mailbox whose waits take no time here, yet pass for the clock and for the line."""

    def __init__(self, clock: HurriedClock, line: FaultProxy) -> None:
        super().__init__()
        self._clock, self._line = clock, line

    def wait(self, seconds: float) -> None:
        if not self.waiting:
            self._clock.skip(seconds)
            self._line.skip(seconds / self._clock.times)


@dataclass
class HurriedSeat(SyncedSeat):
    """A seat in such a world. ``line``: the one it hangs on."""

    line: FaultProxy | None = None

    def open(self) -> None:
        super().open()
        assert isinstance(self.clock, HurriedClock)
        assert self.line is not None
        self.mailbox = SkippingMailbox(self.clock, self.line)  # type: ignore[assignment]
        self.runner = self._runner()

    def _runner(self) -> Runner:
        told = Told(self.changes.append, self.states.append, self.notices.append)
        return Runner(
            self.store,
            self.time,
            self.clock,
            self.mailbox,
            told,
            dice=self.dice,
            open_line=far_away,
        )


def far_away(address: Address, clock: Clock, authority: str) -> Transport:
    """Open a line that compresses, as those to any other machine do."""
    return Transport(replace(address, loopback=False), clock, authority)
