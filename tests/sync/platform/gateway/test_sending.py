"""Results through a foreign system that loses answers and takes twice what it is sent twice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from sync.platform.gateway.courier import ParcelState, Terms
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.exchange_folder import ExchangeFolder
from sync.platform.gateway.gateway import Gateway
from sync.platform.gateway.lease import LeaseHeld
from sync.platform.gateway.port import (
    AnswerError,
    Delivery,
    Finding,
    GatewayPort,
    PortError,
    Received,
    Result,
    Sent,
    Taken,
)
from sync.platform.gateway.results import results_of
from sync.platform.gateway.spreadsheet_port import SpreadsheetPort
from sync.platform.platform import Platform
from tests.support.acts import step, walk
from tests.support.center import sample_order
from tests.support.clock import START, ManualClock
from tests.support.foreign import STORM, Foreign, Weather, foreign_system
from tests.support.platform import make_platform
from tests.sync.platform.gateway.conftest import (
    CENTER,
    TERMS,
    http_port,
    put_orders,
    reported_orders,
    rounds,
)

S = ParcelState


class Killed(BaseException):
    """The process dies here."""


class DyingPort:
    """A port whose process may die before or after each call, as the dice say."""

    def __init__(self, inner: GatewayPort, dice: random.Random, share: float) -> None:
        self._inner, self._dice, self._share = inner, dice, share
        self.title, self.can_find = inner.title, inner.can_find
        self.batch, self.confirms = inner.batch, inner.confirms
        self.next_delivery, self.confirmed = inner.next_delivery, inner.confirmed
        self.confirm = inner.confirm

    def _die(self) -> None:
        if self._dice.random() < self._share:
            raise Killed

    def receive(self, mark: str) -> Received:
        self._die()
        return self._inner.receive(mark)

    def received(self, page: Received, taken: Sequence[Taken]) -> None:
        self._die()
        self._inner.received(page, taken)
        self._die()

    def find(self, result: Result) -> Finding:
        self._die()
        return self._inner.find(result)

    def send(self, delivery: Delivery) -> Sent:
        self._die()
        sent = self._inner.send(delivery)
        self._die()
        return sent


@contextmanager
def dying_commits(platform: Platform, dice: random.Random, share: float) -> Iterator[None]:
    """Let the process die right before some of its commits: what it wrote there is lost."""

    def die(_connection: object) -> None:
        if dice.random() < share:
            raise Killed

    event.listen(platform.database.engine, "commit", die)
    try:
        yield
    finally:
        event.remove(platform.database.engine, "commit", die)


def run_through_crashes(
    database: Path, clock: ManualClock, foreign: Foreign, seed: int, terms: Terms
) -> int:
    """Run gateways that die and are started again until all is quiet. Returns how many died."""
    dice, deaths, quiet = random.Random(seed), 0, 0
    for life in range(200):
        platform = make_platform(str(database), clock)
        desk = Desk(platform)
        port = http_port(desk.read_orders, foreign.url)
        share = 0.025 if life < 30 else 0.0
        try:
            gateway = Gateway(desk, DyingPort(port, dice, share), terms, "only")
            with dying_commits(platform, dice, share / 2):
                while quiet < 3:
                    tally = gateway.round()
                    open_ = bool(gateway.ledger.open_parcels(1)) or bool(tally.problems)
                    quiet = 0 if open_ or share else quiet + 1
                    clock.advance(timedelta(minutes=2))
                    if dice.random() < share:
                        raise Killed
                return deaths
        except Killed:
            deaths += 1
            clock.advance(timedelta(seconds=dice.randrange(300)))
        finally:
            platform.close()
    raise AssertionError("it never came to rest")


@pytest.mark.fault("gateway.lost_answer")
@pytest.mark.fault("gateway.killed")
@pytest.mark.parametrize("seed", range(2))
def test_every_result_arrives_once_whatever_happens(
    tmp_path: Path, clock: ManualClock, seed: int
) -> None:
    """Many results and orders, a storm, and a courier that dies at every kind of step."""
    database = tmp_path / "platform.db"
    orders = reported_orders(60)
    platform = make_platform(str(database), clock)
    put_orders(platform, orders)
    platform.close()
    with foreign_system(clock, STORM, seed) as foreign:
        for n in range(30):
            foreign.dispatch(f"S-{n:04d}", 标题=f"第 {n} 件", 主要内容="路灯不亮", 来电人="张女士")
        deaths = run_through_crashes(database, clock, foreign, seed, TERMS)
        wanted = {r.reference for order in orders for r in results_of(order)}
        assert foreign.copies() == dict.fromkeys(wanted, 1)
        assert foreign.posts > len(wanted)
        assert deaths == 30
    platform = make_platform(str(database), clock)
    assert platform.order_count() == 60 + 30
    for n in range(30):
        order = platform.order(f"S-{n:04d}")
        assert order is not None
        assert order.rev == 1
    platform.close()


@pytest.mark.control("gateway_query_off")
def test_without_asking_first_results_arrive_twice(tmp_path: Path, clock: ManualClock) -> None:
    """The control: take the question away, send again what is in doubt, and doubles appear."""

    class Unasked(DyingPort):
        def find(self, result: Result) -> Finding:
            return Finding(0)

    platform = make_platform(str(tmp_path / "platform.db"), clock)
    put_orders(platform, reported_orders(20))
    with foreign_system(clock, STORM, 1) as foreign:
        desk = Desk(platform)
        port = Unasked(http_port(desk.read_orders, foreign.url), random.Random(0), 0.0)
        rounds(Gateway(desk, port, TERMS, "only"), clock, 25, minutes=6)
        copies = foreign.copies()
    platform.close()
    assert max(copies.values()) > 1


@pytest.mark.control("gateway_settle_off")
def test_a_no_that_comes_too_early_doubles(tmp_path: Path, clock: ManualClock) -> None:
    """The control: trust the query at once although what was accepted shows only later."""
    hasty = replace(TERMS, settle=timedelta(0), first_pause=timedelta(0))
    platform = make_platform(str(tmp_path / "platform.db"), clock)
    put_orders(platform, reported_orders(10))
    weather = Weather(lost_answer=0.5, hidden=timedelta(minutes=3))
    with foreign_system(clock, weather, 2) as foreign:
        desk = Desk(platform)
        rounds(
            Gateway(desk, http_port(desk.read_orders, foreign.url), hasty, "only"),
            clock,
            8,
            minutes=0.5,
        )
        copies = foreign.copies()
    platform.close()
    assert max(copies.values()) > 1


@pytest.mark.fault("gateway.restored")
def test_a_database_from_before_the_sending_sends_nothing_again(
    tmp_path: Path, clock: ManualClock, foreign: Foreign
) -> None:
    orders = reported_orders(8)
    for database in ("first.db", "restored.db"):  # the second knows nothing of what was sent
        platform = make_platform(str(tmp_path / database), clock)
        put_orders(platform, orders)
        desk = Desk(platform)
        gateway = Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "only")
        rounds(gateway, clock, 3, minutes=20)
        assert gateway.ledger.counts() == {S.ARRIVED: 8}
        platform.close()
    assert set(foreign.copies().values()) == {1}


def test_a_refusal_is_a_persons_task_and_holds_nobody_up(
    platform: Platform, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    orders = reported_orders(3)
    put_orders(platform, orders)
    foreign.refuses[orders[0].number] = "已归档，电话 13800001234\x1b[2J"
    rounds(gateway, clock, 2)
    (refused,) = gateway.ledger.in_state(S.REFUSED)
    assert refused.result.number == orders[0].number
    assert "已归档" in refused.reason
    assert "13800001234" not in refused.reason
    assert refused.reason.isprintable()
    assert gateway.ledger.counts() == {S.ARRIVED: 2, S.REFUSED: 1}


def test_an_outage_costs_few_requests_and_nothing_is_lost(
    platform: Platform, desk: Desk, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(10))
    with foreign_system(clock) as foreign:
        gateway = Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "one")
        foreign.weather = Weather(failed_query=1.0)
        rounds(gateway, clock, 12, minutes=5)
        assert foreign.queries == 0
        assert "稍后再试" in gateway.ledger.note("problem")
        foreign.weather = Weather()
        rounds(gateway, clock, 10, minutes=7)
        assert set(foreign.copies().values()) == {1}
        assert gateway.ledger.counts() == {S.ARRIVED: 10}
        assert gateway.ledger.note("problem") == ""


def test_one_that_cannot_be_asked_about_does_not_hold_up_the_others(
    platform: Platform, desk: Desk, foreign: Foreign, clock: ManualClock
) -> None:
    orders = reported_orders(5)
    put_orders(platform, orders)

    class Poisoned(DyingPort):
        def find(self, result: Result) -> Finding:
            if result.number == orders[0].number:
                raise PortError("对方系统出错（500），稍后再试。")
            return super().find(result)

    port = Poisoned(http_port(desk.read_orders, foreign.url), random.Random(0), 0.0)
    rounds(Gateway(desk, port, TERMS, "one"), clock, 4, minutes=0.2)
    assert len(foreign.copies()) == 4


def test_a_second_process_is_turned_away_until_the_first_is_gone(
    platform: Platform, desk: Desk, gateway: Gateway, foreign: Foreign, clock: ManualClock
) -> None:
    gateway.round()
    other = Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "two")
    with pytest.raises(LeaseHeld):
        other.round()
    gateway.close()
    other.round()
    with pytest.raises(LeaseHeld):
        gateway.round()
    clock.advance(timedelta(minutes=5))
    gateway.round()


@pytest.mark.fault("gateway.two_at_once")
def test_two_couriers_that_read_the_same_row_send_it_once(
    platform: Platform, desk: Desk, foreign: Foreign, clock: ManualClock
) -> None:
    """The lease fails them both: they ask at the same time and both mean to send."""
    put_orders(platform, reported_orders(1))
    first = Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "same")

    port = http_port(desk.read_orders, foreign.url)
    second = Gateway(desk, port, TERMS, "same")
    overtaken = port.next_delivery

    def next_delivery(highest: int) -> str:
        first.round()
        return overtaken(highest)

    port.next_delivery = next_delivery  # type: ignore[method-assign]
    second.round()
    assert list(foreign.copies().values()) == [1]
    assert foreign.posts == 1


def test_a_sending_that_begins_too_late_is_given_up(
    platform: Platform, desk: Desk, foreign: Foreign, clock: ManualClock
) -> None:
    """A process that slept between its intent and its first byte may have been replaced."""
    put_orders(platform, reported_orders(1))
    port = http_port(desk.read_orders, foreign.url)
    gateway = Gateway(desk, port, TERMS, "one")
    send = port.send

    def late(delivery: Delivery) -> Sent:
        clock.advance(TERMS.begin_within)
        return send(delivery)

    port.send = late  # type: ignore[method-assign]
    gateway.round()
    assert foreign.posts == 0
    assert gateway.ledger.counts() == {S.PREPARED: 1}


def test_doubt_outlasts_a_clock_that_leaps_forward(
    platform: Platform, desk: Desk, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(1))
    weather = Weather(lost_answer=1.0)
    with foreign_system(clock, weather) as foreign:
        port = http_port(desk.read_orders, foreign.url)
        gateway = Gateway(desk, port, TERMS, "one", patient=True)
        gateway.round()
        clock.jump(timedelta(days=1))
        asked = foreign.queries
        rounds(gateway, clock, 9)
        assert foreign.queries == asked
        rounds(gateway, clock, 3)
        assert foreign.queries == asked + 1
        assert gateway.ledger.counts() == {S.ARRIVED: 1}


def test_a_correction_does_not_overtake_what_it_corrects(
    platform: Platform, desk: Desk, clock: ManualClock
) -> None:
    order = walk(sample_order(START, 1, center=CENTER), CENTER, K.REPORT_BACK)
    about = order.history[-1].act_id
    order = step(order, CENTER, "dispatcher", K.CORRECT, p.Correct(about, "下周完工")).order
    put_orders(platform, [order])
    with foreign_system(clock, Weather(cut_before=1.0)) as foreign:
        gateway = Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "one")
        rounds(gateway, clock, 5)
        assert foreign.posts == 1, "the first is in doubt, the correction waits"
        foreign.weather = Weather()
        rounds(gateway, clock, 12)
        assert [body["version"] for _, body in foreign.accepted] == [1, 2]


def test_many_that_cannot_be_asked_about_do_not_hold_up_what_comes_after(
    platform: Platform, desk: Desk, foreign: Foreign, clock: ManualClock
) -> None:
    """Orders with numbers of ours, of which the foreign system says 404."""
    unknown = {order.number for order in reported_orders(30)}
    put_orders(platform, reported_orders(31))

    class Poisoned(DyingPort):
        def find(self, result: Result) -> Finding:
            if result.number in unknown:
                raise AnswerError("对方系统出错（404），稍后再试。")
            return super().find(result)

    port = Poisoned(http_port(desk.read_orders, foreign.url), random.Random(0), 0.0)
    gateway = Gateway(desk, port, TERMS, "one")
    rounds(gateway, clock, 4)
    assert len(foreign.copies()) == 1
    put_orders(platform, reported_orders(1, first=32))
    rounds(gateway, clock, 1, minutes=90)
    assert len(foreign.copies()) == 2, "what has not failed yet goes first"
    assert gateway.ledger.stuck() == []
    rounds(gateway, clock, 30, minutes=90)
    assert {parcel.result.number for parcel in gateway.ledger.stuck()} == unknown


def test_what_is_in_doubt_when_the_port_is_changed_is_a_persons_decision(
    platform: Platform, desk: Desk, foreign: Foreign, clock: ManualClock, tmp_path: Path
) -> None:
    """The folder does not hold what may have gone out by HTTP: its no says nothing."""
    put_orders(platform, reported_orders(1))
    foreign.weather = Weather(lost_answer=1.0)
    Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "one").round()
    assert len(foreign.copies()) == 1
    folder = ExchangeFolder(tmp_path / "交换", desk.owner, clock.monotonic)
    folder.prepare()
    gateway = Gateway(desk, SpreadsheetPort(folder, desk.read_orders, clock.now), TERMS, "one")
    rounds(gateway, clock, 3, minutes=15)
    assert list((tmp_path / "交换" / "out").iterdir()) == []
    (parcel,) = gateway.ledger.in_state(S.DOUBTFUL)
    assert "换对接方式以前" in parcel.reason
    assert gateway.decisions.confirm_arrival(parcel.reference)
