"""Several people at once: what one did while the other could not know it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import ConflictKind, Stage
from desktop_app.services import handling, intake, notes, outbox_export, signoff
from local_store.rows import DecisionKind, OutboxStatus
from sync.client import login
from sync.client.engine import Phase
from sync.client.failures import FailureKind as K
from sync.client.mailbox import Note
from tests.e2e.conftest import MakeSeat
from tests.faults.checks import SYNC, all_once, kinds
from tests.support.center import HANDLERS, sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, sample_logins
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat


def proposed(desk: SyncedSeat, order_id: OrderId, text: str = "先看现场") -> None:
    intake.accept(desk.seat, order_id)
    intake.verify(desk.seat, order_id, "matches", "一致")
    intake.propose(desk.seat, order_id, HANDLERS, text)


@pytest.mark.fault("people.sign_while_edited")
@pytest.mark.parametrize("first", ["signature", "edit"])
def test_a_signature_counts_only_for_the_text_that_was_on_the_screen(
    first: str, running: RunningPlatform, desk: SyncedSeat, make_seat: MakeSeat
) -> None:
    order_id = desk.orders()[0]
    proposed(desk, order_id)
    desk.sync()
    secretary = make_seat("secretary")
    secretary.sync()
    shown = secretary.seat.order(order_id).proposal
    assert shown is not None
    intake.withdraw_proposal(desk.seat, order_id, "漏了站所")
    intake.propose(desk.seat, order_id, HANDLERS[:2], "改后的拟办")
    signoff.sign(secretary.seat, order_id, shown.hash, "同意")
    for seat in (secretary, desk) if first == "signature" else (desk, secretary):
        seat.sync()
    for seat in (desk, secretary, desk):
        all_once(running, seat)
    order = running.platform.order_by_id(order_id)
    assert order is not None
    if first == "signature":
        assert order.stage is not Stage.PROPOSED
        assert order.signature is not None
        assert order.signature.proposal_hash == shown.hash
        assert desk.store.decisions(desk.seat.person), (
            "the edit came too late, and its author is told"
        )
        return
    assert order.stage is Stage.PROPOSED, "nobody has signed the new text"
    assert order.signature is None
    (decision,) = secretary.store.decisions(secretary.seat.person)
    assert decision.kind is DecisionKind.CONFLICT
    assert decision.conflict is not None
    assert decision.conflict.kind is ConflictKind.STALE_SIGNATURE
    now_shown = secretary.seat.order(order_id).proposal
    assert now_shown is not None
    assert now_shown.hash != shown.hash
    assert now_shown.note == "改后的拟办"


@pytest.mark.fault("people.withdrawn")
def test_an_order_withdrawn_upstream_while_it_was_worked_on(
    running: RunningPlatform, desk: SyncedSeat, make_seat: MakeSeat
) -> None:
    order_id = desk.orders()[0]
    proposed(desk, order_id)
    desk.sync()
    secretary = make_seat("secretary")
    secretary.sync()
    shown = secretary.seat.order(order_id).proposal
    assert shown is not None
    signoff.sign(secretary.seat, order_id, shown.hash, "同意")
    secretary.sync()
    village = make_seat("village")
    village.sync()
    handling.accept(village.seat, order_id)
    handling.meet(village.seat, order_id, "门口", "张女士", "属实")
    handling.explain(village.seat, order_id, "村书记", "讲了安排", "accepted")
    draft = {"measures": "写到一半的办结报告"}
    village.store.save_draft(order_id, "conclude", draft, village.seat.now())
    number = village.seat.order(order_id).number
    running.platform.act_as_platform(ActKind.WITHDRAW, number, {"reason": "重复派单"})
    village.sync()
    order = running.platform.order_by_id(order_id)
    assert order is not None
    assert order.stage is Stage.WITHDRAWN, "the platform's state stands"
    assert village.store.view(order_id) == order
    assert village.store.pending_count() == 0
    field = [k for k in kinds(running, order_id) if k in (ActKind.MEET, ActKind.EXPLAIN)]
    assert field == [ActKind.MEET, ActKind.EXPLAIN], "what happened in the field is kept"
    refused = [d.act.kind for d in village.store.decisions(village.seat.person) if d.act]
    assert refused == [ActKind.HANDLER_ACCEPT], "a step is refused, with its reason, and visible"
    kept = village.store.load_draft(order_id, "conclude")
    assert kept is not None
    assert kept.values == draft


@pytest.mark.fault("people.left_township")
def test_an_order_that_went_to_the_next_township_while_it_was_edited(
    running: RunningPlatform, desk: SyncedSeat
) -> None:
    platform, here = running.platform, running.platform.township()
    elsewhere = replace(sample_center(), township="邻乡", name="邻乡中心")
    logins = [(f"{a}@next", word, person) for a, word, person in sample_logins(elsewhere)]
    there = platform.setup_center(elsewhere, logins, township="110117199")
    first = desk.orders()[0]
    number = desk.seat.order(first).number
    intake.accept(desk.seat, first)
    intake.log_call(desk.seat, first, "张女士", reached=True, text="说是邻乡的路")
    desk.store.save_draft(first, "propose", {"opinion": "写到一半的拟办"}, desk.seat.now())
    platform.act_as_platform(ActKind.WITHDRAW, number, {"reason": "属邻乡，已转派"}, township=here)
    platform.dispatch([sample_intake(int(number[-4:]))], township=there)
    desk.sync()
    order = platform.order_by_id(first, township=here)
    assert order is not None
    assert order.stage is Stage.WITHDRAWN
    assert desk.store.view(first) == order, "the seat has learnt it"
    assert [entry.kind for entry in order.history][-1] is ActKind.CALL, "the call is kept"
    (refused,) = desk.store.decisions(desk.seat.person)
    assert refused.act is not None
    assert refused.act.kind is ActKind.ACCEPT
    assert desk.store.pending_count() == 0
    kept = desk.store.load_draft(first, "propose")
    assert kept is not None
    assert kept.values == {"opinion": "写到一半的拟办"}
    moved = platform.order(number, township=there)
    assert moved is not None
    assert moved.id not in desk.orders(), "and sees nothing of what goes on there"
    assert [entry.kind for entry in moved.history] == [ActKind.DISPATCH]


@pytest.mark.fault("people.token_expired")
def test_a_token_that_expires_between_two_batches_is_renewed_without_a_word(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, clock: ManualClock
) -> None:
    for n in range(30):
        notes.note(desk.seat, desk.orders()[n % 3], f"第 {n} 条")

    def slowly(whole: bytes) -> bytes:
        clock.advance(timedelta(minutes=16))
        return whole

    desk.runner.engine.batch = desk.runner.engine._max_batch = 10
    line.arm(Fault(SYNC, rewrite=slowly, times=3))
    line.exchanges.clear()
    all_once(running, desk)
    refreshes = [e for e in line.exchanges if b"/v1/sessions/refresh" in e]
    assert len(refreshes) >= 2
    assert desk.notices == []
    count = sum(kinds(running, order_id).count(ActKind.NOTE) for order_id in desk.orders())
    assert count == 30


@pytest.mark.fault("people.refresh_lost")
@pytest.mark.parametrize("restarted", [False, True])
def test_a_renewal_whose_answer_was_lost_signs_nobody_out(
    *,
    restarted: bool,
    running: RunningPlatform,
    line: FaultProxy,
    desk: SyncedSeat,
    clock: ManualClock,
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    clock.advance(timedelta(days=2))
    line.drop()
    line.arm(Fault(b"POST /v1/sessions/refresh", times=3, cut_response=0))
    desk.mailbox.post(Note.ASKED)
    for _ in range(20):
        if line.armed():
            desk.runner.turn()
    assert not line.armed()
    if restarted:
        desk.reopen()
        clock.advance(timedelta(days=3))
    all_once(running, desk)
    assert desk.runner.state.signed_in
    assert desk.notices == []
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT]


@pytest.mark.fault("people.revoked")
def test_an_account_closed_while_twenty_acts_wait(
    running: RunningPlatform, line: FaultProxy, make_seat: MakeSeat, tmp_path: Path
) -> None:
    running.platform.dispatch([sample_intake(n) for n in range(1, 21)])
    desk = make_seat()
    desk.sync()
    line.down()
    for order_id in desk.orders():
        intake.accept(desk.seat, order_id)
    running.platform.switch_account("dispatcher", active=False)
    line.up()
    for _ in range(12):
        desk.mailbox.post(Note.ASKED)
        desk.runner.turn()
        if desk.runner.engine.phase is Phase.SIGNED_OUT:
            break
    assert desk.runner.engine.phase is Phase.SIGNED_OUT
    with pytest.raises(login.LoginError) as refused:
        desk.sign_in()
    assert refused.value.kind is K.FORBIDDEN
    for order_id in desk.orders():
        assert kinds(running, order_id) == [ActKind.DISPATCH], "nothing enters under that name"
    waiting = desk.store.outbox(waiting_only=True)
    assert len(waiting) == 20
    assert {item.status for item in waiting} == {OutboxStatus.WAITING}
    exported = outbox_export.export(desk.seat, tmp_path / "stick.jiban")
    assert exported.path.stat().st_size > 0
    assert desk.store.pending_count() == 20, "carried out, and still here"
    second = make_seat("dispatcher2")
    all_once(running, second)
    running.platform.switch_account("dispatcher", active=True)
    desk.sign_in()
    desk.turns()
    all_once(running, desk)
    for order_id in desk.orders():
        assert kinds(running, order_id) == [ActKind.DISPATCH, ActKind.ACCEPT]
    assert running.platform.rejected() == []


@pytest.mark.fault("people.two_users")
def test_two_people_on_one_computer_send_each_under_their_own_name(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first, second, third = desk.orders()
    line.down()
    intake.accept(desk.seat, first)
    notes.note(desk.seat, second, "甲记的")
    desk.person_id = "dispatcher2"
    desk.reopen()
    intake.accept(desk.seat, third)
    line.up()
    desk.sign_in()
    desk.sync()
    assert desk.store.pending_count() == 2, "the other's records wait for the other"
    assert kinds(running, third) == [ActKind.DISPATCH, ActKind.ACCEPT]
    assert kinds(running, first) == [ActKind.DISPATCH]
    desk.person_id = "dispatcher"
    desk.reopen()
    desk.sign_in()
    all_once(running, desk)
    by = {}
    for order_id in (first, second, third):
        order = running.platform.order_by_id(order_id)
        assert order is not None
        by[order_id] = order.history[-1].actor.person_id
    assert by == {first: "dispatcher", second: "dispatcher", third: "dispatcher2"}
    assert running.platform.rejected() == []
