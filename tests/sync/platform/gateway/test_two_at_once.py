"""Two gateways of one township at the same moment, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.platform.gateway.courier import ParcelState, intent
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.gateway import Gateway
from sync.platform.gateway.lease import LeaseHeld
from sync.platform.gateway.port import ResultKind
from sync.platform.gateway.results import results_of
from sync.platform.gateway.tables import TABLES
from sync.platform.tables import metadata
from tests.support.clock import ManualClock
from tests.support.foreign import STORM, Foreign
from tests.support.platform import make_platform
from tests.sync.platform.gateway.conftest import TERMS, http_port, put_orders, reported_orders


@pytest.fixture
def pair(database: str, clock: ManualClock, foreign: Foreign) -> Iterator[list[Gateway]]:
    """Two gateways in two processes' worth of connections, with one name: the lease stops neither."""
    platforms = [make_platform(database, clock), make_platform(database, clock)]
    desks = [Desk(platform) for platform in platforms]
    yield [Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "same") for desk in desks]
    for platform in platforms:
        platform.close()


@pytest.mark.fault("gateway.two_at_once")
def test_each_result_is_sent_once_and_each_order_taken_once(
    database: str, pair: list[Gateway], foreign: Foreign, clock: ManualClock
) -> None:
    orders = reported_orders(25)
    platform = make_platform(database, clock)
    put_orders(platform, orders)
    for n in range(25):
        foreign.dispatch(f"N-{n}", 标题=f"第 {n} 件")
        foreign.say("urge", f"N-{n}")
    barrier = threading.Barrier(2)
    failures: list[BaseException] = []

    def work(gateway: Gateway) -> None:
        try:
            barrier.wait(10)
            for _ in range(4):
                with contextlib.suppress(LeaseHeld):  # both renewed it at the same moment
                    gateway.round()
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(gateway,)) for gateway in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    wanted = {r.reference for order in orders for r in results_of(order)}
    assert foreign.copies() == dict.fromkeys(wanted, 1)
    assert pair[0].ledger.counts() == {ParcelState.ARRIVED: 25}
    for n in range(25):
        order = platform.order(f"N-{n}")
        assert order is not None
        assert [entry.kind.value for entry in order.history] == ["dispatch", "urge"]
    platform.close()


def test_of_two_intents_on_one_row_one_counts(
    database: str, pair: list[Gateway], clock: ManualClock
) -> None:
    platform = make_platform(database, clock)
    put_orders(platform, reported_orders(1))
    platform.close()
    first, second = (gateway.ledger for gateway in pair)
    first.prepare([results_of(reported_orders(1)[0])[0]], clock.now())
    (read,) = first.open_parcels()
    assert second.move(read, intent(read, "", clock.now())) is not None
    assert first.move(read, intent(read, "", clock.now())) is None
    (now,) = first.open_parcels()
    assert (now.attempts, now.state) == (1, ParcelState.UNSURE)


def test_the_lease_lets_one_in(
    database: str, pair: list[Gateway], foreign: Foreign, clock: ManualClock
) -> None:
    pair[0].round()
    desk = pair[1].desk
    other = Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "other")
    with pytest.raises(LeaseHeld, match="same"):
        other.round()
    pair[0].close()
    other.round()


def test_texts_that_a_column_cannot_hold_stop_nothing(
    database: str, pair: list[Gateway], foreign: Foreign, clock: ManualClock
) -> None:
    """NUL and very long texts from the foreign system, in every place it can put them."""
    foreign.say("urge", "N-1", "u\0", text="有 NUL")
    foreign.say("urge", "N-1", "u-1", text="有 \0 的字")
    foreign.dispatch("N-1", 标题="路\0坏", 主要内容="a\0b", 来电人="张\0女士", 三级分类="a\0-b")
    foreign.dispatch("N-2\0", 标题="甲")
    foreign.dispatch("N" * 500, 标题="甲")
    platform = make_platform(database, clock)
    put_orders(platform, reported_orders(1))
    platform.close()
    foreign.refuses[reported_orders(1)[0].number] = "不收\0" * 1000
    for _ in range(2):
        assert "网关内部出错，详见日志。" not in pair[0].round().problems
    desk = pair[0].desk
    order = desk.order("N-1")
    assert order is not None
    assert [entry.kind.value for entry in order.history] == ["dispatch", "urge"]
    (refused,) = pair[0].ledger.in_state(ParcelState.REFUSED)
    assert "不收" in refused.reason


def test_the_tables_are_the_platforms_own_kind() -> None:
    for table in TABLES:
        assert table.metadata is metadata
        assert next(iter(table.primary_key.columns)).name == "township", table.name
        for index in table.indexes:
            assert next(iter(index.columns)).name == "township", index.name


@pytest.mark.fault("gateway.lost_answer")
def test_every_kind_goes_out_once_and_in_its_order(
    database: str, foreign: Foreign, clock: ManualClock
) -> None:
    """The acceptance does not come behind the result, whatever is lost on the way."""
    platform = make_platform(database, clock)
    orders = reported_orders(6)
    put_orders(platform, orders)
    foreign.weather, foreign.seed = replace(STORM, spoilt=0.0), 3
    desk = Desk(platform)
    port = http_port(desk.read_orders, foreign.url)
    gateway = Gateway(desk, port, TERMS, "one", kinds=frozenset(ResultKind))
    for _ in range(200):
        gateway.round()
        clock.advance(timedelta(minutes=11))
        if gateway.ledger.counts() == {ParcelState.ARRIVED: 12}:
            break
    platform.close()
    said = [(body["number"], body["kind"]) for _, body in foreign.accepted]
    for order in orders:
        kinds = [kind for number, kind in said if number == order.number]
        assert kinds == ["accepted", "result"]
