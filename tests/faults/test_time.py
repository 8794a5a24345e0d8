"""Clocks that are wrong, stand still or jump. The platform's time counts, and alarms come early, not late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.alert_sources import watches
from desktop_app.domain.alerts import due_alerts
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import OrderId
from desktop_app.services import alerts as alert_verbs
from desktop_app.services import intake, notes
from tests.faults.checks import all_once, kinds
from tests.support.center import sample_intake
from tests.support.clock import START, ManualClock
from tests.support.platform import RunningPlatform
from tests.support.proxy import FaultProxy
from tests.support.synced import SyncedSeat

HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)


@pytest.fixture
def machine() -> ManualClock:
    """The seat's own clock; the platform has another one (``clock``)."""
    return ManualClock()


@pytest.fixture
def seat(
    running: RunningPlatform, line: FaultProxy, machine: ManualClock, tmp_path: Path
) -> Iterator[SyncedSeat]:
    running.platform.dispatch([sample_intake(n) for n in range(1, 3)])
    one = SyncedSeat(tmp_path / "seat", machine, "dispatcher", line.url)
    one.sign_in()
    one.sync()
    yield one
    one.close()


def due_times(seat: SyncedSeat) -> dict[OrderId, list[datetime]]:
    return {i: [clock.due_at for clock in seat.seat.order(i).clocks] for i in seat.orders()}


def told(seat: SyncedSeat) -> list[str]:
    """Return what is due to the person at the seat now."""
    found = [w for i in seat.orders() for w in watches(seat.seat.order(i), seat.seat.person)]
    marks = seat.store.alert_marks()
    gathered = due_alerts(found, seat.seat.center.policy, seat.seat.person, seat.seat.now(), marks)
    return [alert.id for alert in gathered.alerts]


def entry_clock(running: RunningPlatform, order_id: OrderId) -> ClockQuality:
    order = running.platform.order_by_id(order_id)
    assert order is not None
    return order.history[-1].clock


@pytest.mark.fault("time.year_off")
@pytest.mark.parametrize("jump", [-YEAR, YEAR, -2 * YEAR, 2 * YEAR, -3 * HOUR, 3 * HOUR], ids=str)
def test_a_machine_whose_clock_is_moved(
    jump: timedelta, running: RunningPlatform, clock: ManualClock, seat: SyncedSeat
) -> None:
    first, second = seat.orders()
    before = due_times(seat)
    seat.clock.jump(jump)
    assert seat.time.quality() is ClockQuality.SUSPECT
    assert seat.time.now() >= clock.now(), "early at worst"
    notes.note(seat.seat, first, "时钟被改过")
    assert due_times(seat) == before
    all_once(running, seat)
    assert entry_clock(running, first) is ClockQuality.SUSPECT
    assert due_times(seat) == before, "the platform's own, whatever this machine thinks"
    assert seat.time.quality() is ClockQuality.GOOD
    assert seat.time.now() == clock.now()
    notes.note(seat.seat, second, "对过时了")
    all_once(running, seat)
    assert entry_clock(running, second) is ClockQuality.GOOD


@pytest.mark.fault("time.year_off")
@pytest.mark.parametrize("jump", [-YEAR, YEAR], ids=str)
def test_a_machine_whose_clock_is_moved_while_it_is_off_and_without_a_line(
    jump: timedelta,
    running: RunningPlatform,
    line: FaultProxy,
    clock: ManualClock,
    seat: SyncedSeat,
) -> None:
    first = seat.orders()[0]
    before = due_times(seat)
    line.down()
    seat.clock.jump(jump)
    seat.reopen()
    assert seat.time.now() >= clock.now()
    assert seat.time.quality() is not ClockQuality.GOOD
    intake.accept(seat.seat, first)
    line.up()
    all_once(running, seat)
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT]
    assert entry_clock(running, first) is not ClockQuality.GOOD
    assert due_times(seat).keys() == before.keys()
    assert seat.time.now() == clock.now()


@pytest.mark.fault("time.suspend_8h")
@pytest.mark.parametrize("counts", [False, True], ids=["monotonic stands", "monotonic runs"])
def test_a_machine_that_slept_knows_the_time_and_takes_up_the_line(
    *,
    counts: bool,
    running: RunningPlatform,
    line: FaultProxy,
    clock: ManualClock,
    seat: SyncedSeat,
) -> None:
    before = set(told(seat))
    clock.advance(8 * HOUR)
    (seat.clock.advance if counts else seat.clock.jump)(8 * HOUR)
    line.drop()  # no connection outlives the night
    assert seat.time.now() == clock.now()
    assert set(told(seat)) - before, "what became due meanwhile is told at once"
    running.platform.dispatch([sample_intake(3)])
    for _ in range(20):  # nobody asks: the poll that was under way ends and it goes on by itself
        if len(seat.orders()) == 3:
            break
        seat.runner.turn()
    assert len(seat.orders()) == 3
    assert seat.notices == [], "the session is renewed without a word"
    assert seat.time.quality() is ClockQuality.GOOD


@pytest.mark.fault("time.reboot")
def test_a_machine_that_was_restarted_without_a_network_goes_on_counting(
    running: RunningPlatform, line: FaultProxy, clock: ManualClock, seat: SyncedSeat
) -> None:
    first = seat.orders()[0]
    before = due_times(seat)
    line.down()
    clock.advance(2 * HOUR)
    seat.clock = ManualClock(START + 2 * HOUR)  # its monotonic clock begins again
    seat.clock.advance(timedelta(seconds=-900))
    seat.clock.jump(timedelta(seconds=900))
    seat.reopen()
    assert seat.time.now() == clock.now()
    assert seat.time.quality() is ClockQuality.ESTIMATED
    assert due_times(seat) == before
    assert told(seat)
    intake.accept(seat.seat, first)
    line.up()
    all_once(running, seat)
    assert entry_clock(running, first) is ClockQuality.ESTIMATED
    assert seat.time.quality() is ClockQuality.GOOD


@pytest.mark.fault("time.server_wrong_3h")
@pytest.mark.parametrize("wrong", [-3 * HOUR, 3 * HOUR], ids=str)
def test_a_platform_that_was_three_hours_wrong_is_followed_and_followed_back(
    wrong: timedelta, running: RunningPlatform, clock: ManualClock, seat: SyncedSeat
) -> None:
    first, second = seat.orders()
    before = due_times(seat)
    clock.jump(wrong)
    all_once(running, seat)
    assert seat.time.now() == clock.now()
    early = told(seat)
    alert_verbs.shown(seat.seat, early)
    notes.note(seat.seat, first, "平台的钟走错时记的")
    all_once(running, seat)
    clock.jump(-wrong)
    intake.accept(seat.seat, first)
    all_once(running, seat)
    assert seat.time.now() == clock.now(), "followed back"
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.NOTE, ActKind.ACCEPT]
    left = due_times(seat)[second]
    assert left == before[second]
    for offset in (timedelta(0), HOUR):
        to_go = left[0] + offset - clock.now()
        clock.advance(to_go)
        seat.clock.advance(to_go)
        due = [alert for alert in told(seat) if second in alert]
        assert due, "it comes at its time, also when it was shown too early"
        assert len(due) == len(set(due))
