"""Running for good: what is told, what is outlived, who takes over. Pauses take no time here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from sync.platform.gateway.desk import Desk
from sync.platform.gateway.gateway import Gateway
from sync.platform.gateway.loop import run
from sync.platform.gateway.tally import Tally
from sync.platform.platform import Platform
from tests.support.clock import ManualClock
from tests.support.foreign import Foreign, Weather
from tests.sync.platform.gateway.conftest import TERMS, http_port, put_orders, reported_orders


class Pauses(threading.Event):
    """An event whose waits do what is planned for them, one after the other, and then stop."""

    def __init__(self, clock: ManualClock, *plans: Callable[[], object]) -> None:
        super().__init__()
        self._clock = clock
        self._plans = list(plans)

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.advance(timedelta(seconds=timeout or 0))
        if self._plans:
            self._plans.pop(0)()
        else:
            self.set()
        return self.is_set()


def nothing() -> None: ...


@pytest.fixture
def told() -> list[Tally | str]:
    return []


def test_only_what_moved_and_what_is_new_is_told(
    platform: Platform,
    gateway: Gateway,
    foreign: Foreign,
    clock: ManualClock,
    told: list[Tally | str],
) -> None:
    def storm() -> None:
        foreign.weather = Weather(failed_query=1.0)

    def calm() -> None:
        foreign.weather = Weather()

    def order() -> None:
        foreign.dispatch("N-1", 标题="甲")

    plans = (nothing, storm, nothing, nothing, calm, order)
    run(gateway, 30, Pauses(clock, *plans), told.append)
    said = [t.problems or t.taken for t in told if isinstance(t, Tally)]
    assert [type(s) for s in said] == [list, int, int]  # trouble once, that it is over, the order
    assert said[1:] == [0, 1]


def test_a_database_that_fails_is_outlived(
    platform: Platform,
    gateway: Gateway,
    foreign: Foreign,
    clock: ManualClock,
    told: list[Tally | str],
) -> None:
    put_orders(platform, reported_orders(1))

    def rename(a: str, b: str) -> Callable[[], None]:
        def work(db: Connection) -> None:
            db.execute(text(f"ALTER TABLE {a} RENAME TO {b}"))

        return lambda: platform.database.write(work)

    breaks = rename("gateway_notes", "away")
    heals = rename("away", "gateway_notes")
    foreign.weather = Weather(failed_query=1.0)
    run(gateway, 30, Pauses(clock, breaks, nothing, nothing, heals, nothing), told.append)
    assert [s for s in told if isinstance(s, str)] == [told[1]]
    assert "数据库暂时用不了" in str(told[1])
    foreign.weather = Weather()
    run(gateway, 60, Pauses(clock, nothing), told.append)
    assert list(foreign.copies().values()) == [1]


def test_the_second_stands_by_and_takes_over(
    platform: Platform, desk: Desk, gateway: Gateway, foreign: Foreign, clock: ManualClock,
    told: list[Tally | str],
) -> None:  # fmt: skip
    gateway.round()
    put_orders(platform, reported_orders(1))
    second = Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "two")
    run(second, 30, Pauses(clock, nothing, nothing, nothing, nothing), told.append)
    assert isinstance(told[0], str)
    assert "待命" in told[0]
    assert [t.sent for t in told[1:] if isinstance(t, Tally)] == [1]
    gateway.round()  # it had given the lease back
