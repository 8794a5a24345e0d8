"""The platform comes back from a backup, or is another one altogether."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.services import handling, intake, signoff
from sync.client.engine import Phase
from sync.client.failures import FailureKind as K
from sync.client.mailbox import Note
from sync.platform.platform import Platform
from sync.platform.server import background_server
from tests.e2e.conftest import MakeSeat
from tests.faults.checks import all_once, backup, standing
from tests.faults.scale import scaled
from tests.support.center import HANDLERS, sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import CHEAP, RunningPlatform, running_platform, sample_logins
from tests.support.proxy import FaultProxy
from tests.support.synced import SyncedSeat

Seats = dict[str, SyncedSeat]


@pytest.fixture
def seats(running: RunningPlatform, make_seat: MakeSeat) -> Seats:
    running.platform.dispatch([sample_intake(1), sample_intake(2)])
    people = ("dispatcher", "secretary", "village", "leader")
    return {name: make_seat(name) for name in people}


def sync_all(seats: Seats, rounds: int = 1) -> None:
    for _ in range(rounds):
        for seat in seats.values():
            seat.clock.advance(timedelta(seconds=5))
            seat.sync()


def until_signed(seats: Seats, order_id: OrderId) -> None:
    dispatcher, secretary = seats["dispatcher"], seats["secretary"]
    dispatcher.sync()
    intake.accept(dispatcher.seat, order_id)
    intake.verify(dispatcher.seat, order_id, "matches", "一致")
    intake.propose(dispatcher.seat, order_id, HANDLERS, "先看现场")
    dispatcher.sync()
    secretary.sync()
    order = secretary.seat.order(order_id)
    assert order.proposal is not None
    signoff.sign(secretary.seat, order_id, order.proposal.hash, "同意")
    secretary.sync()


def handled(seats: Seats, order_id: OrderId) -> None:
    village, leader = seats["village"], seats["leader"]
    village.sync()
    handling.accept(village.seat, order_id)
    handling.meet(village.seat, order_id, "门口", "张女士", "属实")
    village.sync()
    leader.sync()
    handling.accept(leader.seat, order_id)
    handling.determine(leader.seat, order_id, "reasonable")
    leader.sync()
    village.sync()
    handling.explain(village.seat, order_id, "村书记", "讲了安排", "accepted")
    handling.conclude(village.seat, order_id, "已修复")
    village.sync()


ORDERS = list(itertools.permutations(("dispatcher", "secretary", "village", "leader")))


@pytest.mark.parametrize(
    ("age", "sequence"),
    [
        pytest.param(age, sequence, marks=pytest.mark.fault(entry))
        for age, entry, chosen in (
            (timedelta(hours=1), "server.restored_1h", ORDERS[:: scaled(2, 6)]),
            (timedelta(days=3), "server.restored_3d", ORDERS[1 :: scaled(2, 6)]),
        )
        for sequence in chosen
    ],
    ids=lambda value: f"{value.days}d" if isinstance(value, timedelta) else "-".join(value),
)
def test_after_a_restore_every_act_comes_back_once_whoever_comes_first(
    age: timedelta,
    sequence: tuple[str, ...],
    running: RunningPlatform,
    line: FaultProxy,
    seats: Seats,
    tmp_path: Path,
    clock: ManualClock,
) -> None:
    seats["dispatcher"].sync()
    order_id, other = seats["dispatcher"].orders()
    intake.accept(seats["dispatcher"].seat, other)
    seats["dispatcher"].sync()
    old = backup(running, tmp_path / "restored.db")
    until_signed(seats, order_id)
    handled(seats, order_id)
    sync_all(seats)
    before = running.platform.order_by_id(order_id)
    assert before is not None
    clock.advance(age)
    with running_platform(tmp_path / "second", clock, database=old) as second:
        line.retarget(second.url)
        for name in sequence:
            seats[name].sync()
        for _ in range(6):
            clock.advance(timedelta(minutes=10))
            for name in sequence:
                seats[name].sync()
        after = second.platform.order_by_id(order_id)
        assert after is not None
        ids = [e.act_id for e in after.history]
        assert sorted(ids) == sorted(e.act_id for e in before.history)
        assert after.stage is before.stage
        assert [e.kind for e in after.history if e.kind is ActKind.SIGN] == [ActKind.SIGN]
        for seat in seats.values():
            assert seat.store.pending_count() == 0
            assert [n.kind for n in seat.notices].count(K.RESTORED) == 1
            assert seat.store.view(order_id) == after
            assert seat.store.decisions(seat.seat.person) == []


@pytest.mark.fault("server.another")
def test_another_platform_at_the_address_stops_the_seat_and_deletes_nothing(
    running: RunningPlatform, line: FaultProxy, seats: Seats, tmp_path: Path, clock: ManualClock
) -> None:
    desk = seats["dispatcher"]
    desk.sync()
    order_id = desk.orders()[0]
    intake.accept(desk.seat, order_id)
    orders = desk.orders()
    with running_platform(tmp_path / "other", clock) as other:
        line.retarget(other.url)
        for _ in range(12):
            desk.runner.turn()
            if desk.runner.engine.phase is Phase.STOPPED:
                break
            desk.mailbox.post(Note.ASKED)
        assert desk.runner.engine.phase is Phase.STOPPED
        assert desk.runner.state.problem is not None
        assert desk.runner.state.problem.kind is K.OTHER_SERVER
        assert desk.orders() == orders
        assert desk.store.pending_count() == 1
        assert other.platform.order_count() == 0
    line.retarget(running.url)
    desk.sync()
    assert desk.store.pending_count() == 0


@pytest.mark.fault("server.wiped")
@pytest.mark.parametrize("set_up", [False, True], ids=["bare", "set up anew"])
def test_a_platform_that_was_wiped_gets_nothing_and_takes_nothing_away(
    *,
    set_up: bool,
    running: RunningPlatform,
    line: FaultProxy,
    seats: Seats,
    tmp_path: Path,
    clock: ManualClock,
) -> None:
    desk = seats["dispatcher"]
    desk.sync()
    for order_id in desk.orders():
        intake.accept(desk.seat, order_id)
    before = standing(desk)
    empty = Platform(f"sqlite:///{tmp_path / 'empty.db'}", clock, password_cost=CHEAP)
    if set_up:
        empty.setup_center(sample_center(), sample_logins(sample_center()))
    with background_server(empty, files=tmp_path / "empty-files") as address:
        line.retarget(address)
        for _ in range(30):
            desk.mailbox.post(Note.ASKED)
            desk.runner.turn()
        assert desk.runner.engine.phase in (Phase.STOPPED, Phase.BACKING_OFF)
        assert desk.runner.state.problem is not None
        assert desk.runner.state.problem.kind is K.OTHER_SERVER
        assert standing(desk) == before
        assert desk.runner.state.signed_in
    empty.close()
    line.retarget(running.url)
    all_once(running, desk)
