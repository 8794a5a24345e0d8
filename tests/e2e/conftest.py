"""A platform, a bad line to it, and seats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, running_platform
from tests.support.proxy import FaultProxy, fault_proxy
from tests.support.synced import SyncedSeat

MakeSeat = Callable[..., SyncedSeat]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def running(tmp_path: Path, clock: ManualClock) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path, clock) as platform:
        yield platform


@pytest.fixture
def line(running: RunningPlatform) -> Iterator[FaultProxy]:
    with fault_proxy(running.url) as proxy:
        yield proxy


@pytest.fixture
def make_seat(tmp_path: Path, clock: ManualClock, line: FaultProxy) -> Iterator[MakeSeat]:
    made: list[SyncedSeat] = []

    def make(person_id: str = "dispatcher", name: str = "", address: str = "") -> SyncedSeat:
        profile = tmp_path / f"seat-{name or person_id}-{len(made)}"
        seat = SyncedSeat(profile, clock, person_id, address or line.url)
        made.append(seat)
        seat.sign_in()
        return seat

    yield make
    for seat in made:
        seat.close()
