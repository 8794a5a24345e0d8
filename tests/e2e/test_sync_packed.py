"""A township of some size: the first sync comes packed, and everything after goes on as ever."""

from __future__ import annotations

from datetime import timedelta

from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Stage
from desktop_app.services import intake, notes
from tests.e2e.conftest import MakeSeat
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat

MANY = 230


def _orders(running: RunningPlatform) -> list[OrderId]:
    found = [running.platform.order(sample_intake(n).number) for n in range(1, MANY + 1)]
    return [order.id for order in found if order is not None]


def _same(seat: SyncedSeat, running: RunningPlatform) -> None:
    for order_id in _orders(running):
        order = running.platform.order_by_id(order_id)
        assert seat.store.base(order_id) == seat.store.view(order_id) == order
    assert all(finding.ok for finding in seat.store.doctor())


def test_what_came_packed_is_worked_on_lost_sight_of_and_comes_again(
    running: RunningPlatform, line: FaultProxy, make_seat: MakeSeat, clock: ManualClock
) -> None:
    running.platform.dispatch([sample_intake(n) for n in range(1, MANY + 1)])
    zhou = make_seat()
    zhou.sync()
    _same(zhou, running)
    sun = make_seat("dispatcher2")
    sun.sync()

    ids = _orders(running)
    for order_id in ids[:60]:
        intake.accept(zhou.seat, order_id)
    notes.note(sun.seat, ids[0], "别处记的")
    sun.sync()
    zhou.sync()  # of the first order somebody else knew more
    sun.sync()
    assert zhou.store.pending_count() == 0
    _same(zhou, running)
    _same(sun, running)
    first = running.platform.order_by_id(ids[0])
    assert first is not None
    assert (first.stage, first.rev) == (Stage.ACCEPTED, 3)

    clock.advance(timedelta(seconds=5))
    for order_id in ids[60:70]:
        intake.accept(zhou.seat, order_id)
    line.arm(Fault(match=b"POST /v1/sync", cut_response=40))
    zhou.sync()  # the answer was cut: sent again, and the orders come whole
    _same(zhou, running)
    zhou.reopen()
    _same(zhou, running)
