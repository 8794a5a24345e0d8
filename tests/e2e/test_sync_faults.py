"""What bad lines, portals and busy platforms do: nothing is lost, nothing happens twice."""

from __future__ import annotations

import random
import time
from datetime import timedelta

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Outcome
from desktop_app.services import intake, notes
from sync.client.failures import FailureKind as K
from sync.client.transport import wire
from sync.protocol.messages import ActResult
from tests.e2e.conftest import MakeSeat
from tests.support.canned import answer_bytes, response
from tests.support.center import sample_intake
from tests.support.platform import RunningPlatform
from tests.support.proxy import PORTAL, Fault, FaultProxy
from tests.support.synced import SyncedSeat

SYNC = b"POST /v1/sync"


@pytest.fixture
def desk(running: RunningPlatform, make_seat: MakeSeat) -> SyncedSeat:
    running.platform.dispatch([sample_intake(n) for n in range(1, 4)])
    seat = make_seat()
    seat.sync()
    return seat


def kinds(running: RunningPlatform, order_id: OrderId) -> list[ActKind]:
    order = running.platform.order_by_id(order_id)
    assert order is not None
    return [entry.kind for entry in order.history]


def once(running: RunningPlatform, desk: SyncedSeat) -> None:
    """Everything recorded is at the platform, once, and the seat holds the same."""
    desk.sync()
    assert desk.store.pending_count() == 0
    for order_id in desk.orders():
        order = running.platform.order_by_id(order_id)
        assert order is not None
        ids = [entry.act_id for entry in order.history]
        assert len(ids) == len(set(ids))
        assert desk.store.base(order_id) == order
        assert desk.store.view(order_id) == order


REQUEST_CUTS = [1, 40, 300, 600]
RESPONSE_CUTS = [0, 1, 20, 150, 400, 1000, 4000]


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(SYNC, cut_request=n) for n in REQUEST_CUTS),
        *(Fault(SYNC, cut_response=n) for n in RESPONSE_CUTS),
        Fault(SYNC, cut_response=0, reset=True),
        Fault(SYNC, cut_response=200, reset=True, times=5),
        Fault(SYNC, flip=700, times=3),
        Fault(SYNC, flip=30),
        Fault(SYNC, answer=PORTAL, times=3),
        Fault(SYNC, answer=response(b'{"status":"ok","results":[]}'), times=3),
        Fault(SYNC, answer=response(b"{}"), times=3),
        Fault(SYNC, answer=response(b"", "302 Found", headers={"Location": "/login"})),
        Fault(SYNC, answer=response(b"<html>", "401 Unauthorized", "text/html"), times=3),
        Fault(SYNC, answer=response(b"busy", "503 Busy", "text/plain"), times=6),
        Fault(SYNC, answer=response(answer_bytes(), digest=False), times=2),
        Fault(SYNC, answer=response(answer_bytes(), length=False)[:-20], times=2),
        Fault(SYNC, answer=response(answer_bytes(), zipped=True, length=False)[:-20], times=2),
    ],
    ids=str,
)
def test_one_effect_whatever_the_line_does(
    fault: Fault, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first, second, _ = desk.orders()
    intake.accept(desk.seat, first)
    intake.verify(desk.seat, first, "matches", "内容一致")
    notes.note(desk.seat, second, "现场电话打不通")
    line.arm(fault)
    desk.sync()
    assert not line.armed(), "the fault was met"
    once(running, desk)
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT, ActKind.VERIFY]
    assert kinds(running, second) == [ActKind.DISPATCH, ActKind.NOTE]
    assert desk.runner.state.problem is None


def test_an_answer_of_somebody_else_s_platform_changes_nothing_and_says_so(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    before = desk.store.sync_point()
    line.arm(Fault(SYNC, answer=response(answer_bytes(server_id="other"))))
    desk.try_once()
    assert desk.store.sync_point() == before
    assert desk.store.pending_count() == 1
    assert [n.kind for n in desk.notices] == [K.OTHER_SERVER]
    assert desk.runner.state.problem is not None
    assert "另一个平台" in desk.runner.state.problem.title
    once(running, desk)


@pytest.mark.parametrize("seed", range(4))
def test_half_of_all_answers_are_errors(
    seed: int, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    dice = random.Random(seed)
    error = response(b"error", "500 Oops", "text/plain")
    spoil = line.take

    def half(head: bytes) -> Fault | None:
        spoil(head)
        return Fault(answer=error) if dice.random() < 0.5 else None

    line.take = half  # type: ignore[method-assign]
    for n in range(10):
        for order_id in desk.orders():
            notes.note(desk.seat, order_id, f"第 {n} 次联系")
        desk.sync(600)
    line.take = spoil  # type: ignore[method-assign]
    once(running, desk)
    for order_id in desk.orders():
        assert kinds(running, order_id).count(ActKind.NOTE) == 10


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7, 8),
        ("Fri, 20 Nov 2026 00:15:40 GMT", 1, 900),
        ("99999999", 900, 901),
        (None, 1, 3),
        ("soon", 1, 3),
    ],
)
def test_a_platform_that_asks_to_wait_is_waited_for(
    value: str | None,
    least: float,
    most: float,
    running: RunningPlatform,
    line: FaultProxy,
    desk: SyncedSeat,
) -> None:
    intake.accept(desk.seat, desk.orders()[0])
    headers = {"Retry-After": value} if value else {}
    line.arm(Fault(SYNC, answer=response(b"", "429 Slow", "text/plain", headers=headers)))
    began = desk.clock.monotonic()
    desk.sync()
    assert least <= desk.clock.monotonic() - began <= most
    once(running, desk)


def test_a_slow_drip_is_given_up_and_smaller_pieces_are_asked_for(
    running: RunningPlatform,
    line: FaultProxy,
    desk: SyncedSeat,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    intake.accept(desk.seat, desk.orders()[0])
    with monkeypatch.context() as patch:
        patch.setattr(wire, "EXCHANGE_SECONDS", 0.4)
        line.arm(Fault(SYNC, drip=0.05))
        began = time.monotonic()
        desk.try_once()
        assert time.monotonic() - began < 1.5
    assert desk.runner.engine.page < 500
    once(running, desk)


def test_results_for_acts_never_sent_and_missing_results_change_nothing(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    point = desk.store.sync_point()
    forged = answer_bytes(
        server_id=point.server_id,
        epoch=point.epoch,
        end=point.epoch,
        cursor=point.cursor,
        now=desk.clock.now(),
        results=(ActResult(act_id="never-sent", outcome=Outcome.APPLIED, rev=9),),
    )
    line.arm(Fault(SYNC, answer=response(forged)))
    desk.try_once()
    assert desk.store.pending_count() == 1
    desk.clock.advance(timedelta(seconds=2))
    once(running, desk)


def test_days_without_a_line_cost_little_and_lose_nothing(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    line.down()
    began, turns = desk.clock.monotonic(), 0
    while desk.clock.monotonic() - began < 3 * 86400:
        if turns % 50 == 0:
            notes.note(desk.seat, desk.orders()[turns // 50 % 3], f"记一笔 {turns}")
        desk.runner.turn()
        turns += 1
        assert turns < 10_000
    assert desk.runner.state.problem is not None
    assert desk.runner.state.problem.kind is K.REFUSED
    waiting = desk.store.pending_count()
    assert waiting > 10
    line.up()
    once(running, desk)
    assert sum(kinds(running, i).count(ActKind.NOTE) for i in desk.orders()) == waiting
