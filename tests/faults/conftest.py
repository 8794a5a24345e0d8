"""A platform, a bad line to it, and seats: as the end-to-end tests have them."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import MakeSeat, clock, line, make_seat, running
from tests.support.center import sample_intake
from tests.support.platform import RunningPlatform
from tests.support.synced import SyncedSeat

__all__ = ["clock", "desk", "line", "make_seat", "running"]


@pytest.fixture
def desk(running: RunningPlatform, make_seat: MakeSeat) -> SyncedSeat:
    """The dispatcher's seat with three orders that nobody has accepted yet."""
    running.platform.dispatch([sample_intake(n) for n in range(1, 4)])
    seat = make_seat()
    seat.sync()
    return seat
