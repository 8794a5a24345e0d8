"""A seat and a platform over a good line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.orders import Stage
from desktop_app.services import intake, notes
from sync.client import events as ev
from sync.client import login
from sync.client.engine import Phase
from sync.client.failures import Failure, FailureKind
from sync.client.mailbox import Note
from sync.protocol.messages import RawSyncAnswer, SyncRequest
from tests.e2e.conftest import MakeSeat
from tests.support.center import sample_intake
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy


def dispatch(running: RunningPlatform, count: int = 1, start: int = 1) -> None:
    results = running.platform.dispatch([sample_intake(n) for n in range(start, start + count)])
    assert len(results) == count


def test_what_is_dispatched_arrives_and_what_is_recorded_goes_up(
    running: RunningPlatform, make_seat: MakeSeat
) -> None:
    dispatch(running)
    desk = make_seat()
    desk.sync()
    (order_id,) = desk.orders()
    intake.accept(desk.seat, order_id)
    assert desk.store.pending_count() == 1
    desk.sync()
    assert desk.store.pending_count() == 0
    order = running.platform.order_by_id(order_id)
    assert order is not None
    assert order.stage is Stage.ACCEPTED
    assert desk.store.base(order_id) == order
    assert desk.runner.state.online
    assert desk.runner.state.problem is None
    assert desk.runner.state.last_sync is not None


def test_nothing_new_costs_one_request(
    running: RunningPlatform, make_seat: MakeSeat, line: FaultProxy
) -> None:
    dispatch(running)
    desk = make_seat()
    desk.sync()
    line.exchanges.clear()
    desk.sync()
    assert [e.split()[1] for e in line.exchanges] == [b"/v1/sync"]
    assert line.connections <= 2


def test_a_big_center_comes_in_pages(running: RunningPlatform, make_seat: MakeSeat) -> None:
    dispatch(running, 1300)
    desk = make_seat()
    desk.sync()
    assert len(desk.orders()) == 1300
    assert desk.store.index_some() == 0 or desk.runner._behind


def test_a_long_outbox_goes_in_batches_of_whole_orders_and_none_comes_back(
    running: RunningPlatform, make_seat: MakeSeat
) -> None:
    dispatch(running, 4)
    desk = make_seat()
    desk.sync()
    orders = desk.orders()
    for n in range(3):
        for order_id in orders:
            notes.note(desk.seat, order_id, f"第 {n} 次去看过。")
    desk.runner.engine.batch = desk.runner.engine._max_batch = 7  # two orders and a bit
    sent: list[int] = []
    back: list[int] = []
    exchange = desk.runner._transports[0].exchange

    def noted(request: SyncRequest, token: str) -> RawSyncAnswer | Failure:
        answer = exchange(request, token)
        assert isinstance(answer, RawSyncAnswer)
        sent.append(len(request.acts))
        back.append(len(answer.orders) + len(answer.packs))
        return answer

    desk.runner._transports[0].exchange = noted  # type: ignore[method-assign]
    desk.sync()
    assert sent == [6, 6]
    assert back == [0, 0]
    assert desk.store.pending_count() == 0
    for order_id in orders:
        assert desk.store.base(order_id) == running.platform.order_by_id(order_id)


@pytest.mark.fault("people.two_users")
def test_acts_go_only_under_their_own_actor(running: RunningPlatform, make_seat: MakeSeat) -> None:
    """Two people on one computer: what one recorded waits for that one to sign in (I11)."""
    dispatch(running)
    desk = make_seat("dispatcher")
    desk.sync()
    (order_id,) = desk.orders()
    intake.accept(desk.seat, order_id)
    desk.person_id = "secretary"
    desk.sign_in()
    desk.sync()
    assert desk.store.pending_count() == 1
    order = running.platform.order_by_id(order_id)
    assert order is not None
    assert order.stage is Stage.DISPATCHED
    desk.person_id = "dispatcher"
    desk.sign_in()
    desk.sync()
    assert desk.store.pending_count() == 0
    order = running.platform.order_by_id(order_id)
    assert order is not None
    assert [e.kind for e in order.history] == [ActKind.DISPATCH, ActKind.ACCEPT]


@pytest.mark.fault("people.token_expired")
def test_an_expired_token_is_renewed_without_a_word(
    running: RunningPlatform, make_seat: MakeSeat
) -> None:
    dispatch(running)
    desk = make_seat()
    desk.sync()
    (order_id,) = desk.orders()
    intake.accept(desk.seat, order_id)
    desk.clock.advance(timedelta(hours=3))
    desk.sync()
    assert desk.store.pending_count() == 0
    assert desk.notices == []


@pytest.mark.fault("people.refresh_lost")
def test_a_refresh_whose_answer_was_lost_is_asked_again(
    running: RunningPlatform, make_seat: MakeSeat, line: FaultProxy
) -> None:
    dispatch(running)
    desk = make_seat()
    desk.sync()
    (order_id,) = desk.orders()
    intake.accept(desk.seat, order_id)
    desk.clock.advance(timedelta(days=2))
    line.arm(Fault(b"POST /v1/sessions/refresh", times=2, cut_response=0))
    desk.sync()
    assert not line.armed()
    assert desk.store.pending_count() == 0
    assert desk.runner.state.signed_in


def test_an_ended_session_asks_for_a_person_and_keeps_the_outbox(
    running: RunningPlatform, make_seat: MakeSeat
) -> None:
    dispatch(running)
    desk = make_seat()
    desk.sync()
    (order_id,) = desk.orders()
    intake.accept(desk.seat, order_id)
    desk.clock.advance(timedelta(days=100))
    for _ in range(12):
        desk.runner.turn()
        if desk.runner.engine.phase is Phase.SIGNED_OUT:
            break
        desk.mailbox.post(Note.ASKED)
    assert desk.runner.engine.phase is Phase.SIGNED_OUT
    assert [n.kind for n in desk.notices] == [FailureKind.SIGN_IN_AGAIN]
    assert desk.store.pending_count() == 1
    desk.sign_in()
    desk.turns()
    assert desk.store.pending_count() == 0


def test_a_seat_that_starts_without_a_network_works_and_says_so(
    running: RunningPlatform, make_seat: MakeSeat, line: FaultProxy
) -> None:
    dispatch(running)
    desk = make_seat()
    desk.sync()
    (order_id,) = desk.orders()
    line.down()
    desk.reopen()
    for _ in range(8):
        desk.runner.turn()
    assert not desk.runner.state.online
    assert desk.runner.state.problem is not None
    assert desk.runner.state.problem.kind is FailureKind.REFUSED
    intake.accept(desk.seat, order_id)
    line.up()
    desk.sync()
    assert desk.store.pending_count() == 0
    assert isinstance(desk.runner.task, ev.Poll)


@pytest.mark.fault("people.revoked")
def test_a_closed_account_s_records_stay_and_go_when_it_is_opened_again(
    running: RunningPlatform, make_seat: MakeSeat
) -> None:
    dispatch(running, 20)
    desk = make_seat()
    desk.sync()
    for order_id in desk.orders():
        intake.accept(desk.seat, order_id)
    running.platform.switch_account("dispatcher", active=False)
    desk.mailbox.post(Note.WOKEN)
    for _ in range(8):
        desk.runner.turn()
        if desk.runner.engine.phase is Phase.SIGNED_OUT:
            break
    assert desk.runner.engine.phase is Phase.SIGNED_OUT
    assert [n.kind for n in desk.notices] == [FailureKind.SIGN_IN_AGAIN]
    with pytest.raises(login.LoginError) as error:
        desk.sign_in()
    assert error.value.kind is FailureKind.FORBIDDEN
    assert desk.store.pending_count() == 20
    running.platform.switch_account("dispatcher", active=True)
    desk.sign_in()
    desk.turns()
    assert desk.store.pending_count() == 0
    assert running.platform.rejected() == []


def test_the_platform_s_time_becomes_the_seat_s_and_survives_a_restart(
    running: RunningPlatform, make_seat: MakeSeat, line: FaultProxy
) -> None:
    desk = make_seat()
    desk.sync()
    assert desk.time.quality() is ClockQuality.GOOD
    line.down()
    desk.clock.advance(timedelta(hours=2))
    desk.reopen()
    assert desk.time.quality() is ClockQuality.ESTIMATED
    assert desk.time.now() == desk.clock.now()
