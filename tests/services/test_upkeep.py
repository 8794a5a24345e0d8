"""Tidying up: the journal is kept 90 days by the platform's time, whatever the machine's clock says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import PersonId
from desktop_app.services import notes, upkeep
from tests.support.township import Township


@pytest.fixture
def township(tmp_path: Path) -> Iterator[Township]:
    made = Township(tmp_path)
    yield made
    made.close()


def kept(township: Township) -> int:
    """Return how many delivered acts a restored platform could be sent again."""
    store = township.seats["dispatcher"].store
    store.start_replay(township.platform.server_id, "another epoch")
    return len(store.next_batch(100, PersonId("dispatcher")))


def deliver(township: Township, count: int) -> None:
    (order_id,) = township.dispatch()
    desk = township.seat("dispatcher")
    for n in range(count):
        notes.note(desk, order_id, f"第 {n + 1} 条")
    township.sync("dispatcher")


def test_a_clock_a_year_ahead_drops_nothing(township: Township) -> None:
    deliver(township, 3)
    desk = township.seats["dispatcher"]
    township.clock.jump(timedelta(days=365))
    assert not upkeep.tidy(desk.store, desk.time)
    assert kept(township) == 3


def test_a_seat_that_has_not_heard_the_platform_since_its_start_drops_nothing(
    township: Township,
) -> None:
    deliver(township, 3)
    desk = township.seats["dispatcher"]
    restarted = PlatformTime(township.clock, desk.time.anchor)
    township.clock.jump(timedelta(days=365))
    assert not upkeep.tidy(desk.store, restarted)
    assert kept(township) == 3


def test_after_ninety_days_delivered_acts_go(township: Township) -> None:
    deliver(township, 3)
    desk = township.seats["dispatcher"]
    township.pass_time(days=91)
    notes.note(desk, desk.store.open_orders()[0], "今天的一条")
    assert upkeep.tidy(desk.store, desk.time)
    assert kept(township) == 1
