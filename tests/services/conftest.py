"""Seats on one store and one clock: the people of the sample center, each where they work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import PersonId
from desktop_app.services.seat import Seat
from local_store.store import Store
from tests.support.answering import Answering, synced_store, with_orders
from tests.support.clock import ManualClock

SeatOf = Callable[[str], Seat]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def platform() -> Answering:
    return with_orders(1, 2, 3, 4)


@pytest.fixture
def store(tmp_path: Path, platform: Answering) -> Iterator[Store]:
    store = synced_store(tmp_path, platform)
    yield store
    store.close()


@pytest.fixture
def seat_of(store: Store, clock: ManualClock) -> SeatOf:
    """Return the seat of somebody, all on the same store."""
    time = PlatformTime(clock)
    time.hear(clock.now())
    return lambda person_id: Seat(store, time, PersonId(person_id))
