"""Answers of our own platform that are not what was asked for, act by act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import Outcome
from desktop_app.services import decisions, intake, notes
from local_store.rows import DecisionKind, OutboxStatus
from sync.client import engine
from sync.protocol.codec import decode, encode
from sync.protocol.messages import ActResult, Problem, SyncAnswer
from tests.faults.checks import SYNC, all_once, backup, kinds
from tests.support.canned import response
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, running_platform
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat

Change = Callable[[SyncAnswer], SyncAnswer]


def altered(change: Change) -> Callable[[bytes], bytes]:
    """Return what rewrites a whole response, digest and all, as a faulty platform would send it."""

    def rewrite(whole: bytes) -> bytes:
        answer = decode(whole.partition(b"\r\n\r\n")[2], SyncAnswer)
        return response(encode(change(answer)))

    return rewrite


@pytest.mark.fault("answers.never_sent")
@pytest.mark.parametrize("outcome", list(Outcome))
def test_results_for_acts_never_sent_change_nothing(
    outcome: Outcome, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    """Not for acts of others, nor for own ones that were not in this request."""
    first, second, _ = desk.orders()
    intake.accept(desk.seat, first)
    sent = desk.store.next_batch(1, desk.seat.person_id)[0]
    later: list[str] = []

    def forge(answer: SyncAnswer) -> SyncAnswer:
        notes.note(desk.seat, second, "这条还没有发出")
        unsent = desk.store.next_batch(9, desk.seat.person_id)[-1].id
        later.append(unsent)
        forged = (
            ActResult(act_id="never-sent", outcome=outcome, rev=9),
            ActResult(act_id=unsent, outcome=outcome, rev=9),
        )
        return msgspec.structs.replace(answer, results=(*answer.results, *forged))

    line.arm(Fault(SYNC, rewrite=altered(forge)))
    desk.try_once()
    waiting = [act.id for act in desk.store.next_batch(9, desk.seat.person_id)]
    assert waiting == later
    assert sent.id not in waiting
    assert desk.store.decisions(desk.seat.person) == []
    all_once(running, desk)
    assert kinds(running, second) == [ActKind.DISPATCH, ActKind.NOTE]


@pytest.mark.fault("answers.missing")
@pytest.mark.parametrize("told", [0, 1])
def test_acts_without_a_result_stay_and_go_again(
    told: int, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first, second, third = desk.orders()
    for order_id in (first, second, third):
        intake.accept(desk.seat, order_id)
    cursor = desk.store.sync_point().cursor

    def forget(answer: SyncAnswer) -> SyncAnswer:
        return msgspec.structs.replace(
            answer, results=answer.results[:told], orders=(), cursor=cursor
        )

    line.arm(Fault(SYNC, rewrite=altered(forget), times=3))
    desk.try_once()
    waiting = desk.store.next_batch(9, desk.seat.person_id)
    assert len(waiting) == 3 - told
    all_once(running, desk)
    assert not line.armed()
    for order_id in (first, second, third):
        assert kinds(running, order_id) == [ActKind.DISPATCH, ActKind.ACCEPT]


@pytest.mark.fault("answers.deferred_forever")
def test_one_act_deferred_for_ever_holds_nothing_up(
    running: RunningPlatform,
    line: FaultProxy,
    desk: SyncedSeat,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The platform comes back from a backup that does not know one of the orders, and never will."""
    monkeypatch.setattr(engine, "POLL_SECONDS", 0)  # answered at once: the clock is ours
    old = backup(running, tmp_path / "old.db")
    running.platform.dispatch([sample_intake(4)])
    desk.sync()
    known = set(desk.orders())
    with running_platform(tmp_path / "second", clock, database=old) as second:
        (lost,) = (i for i in known if second.platform.order_by_id(i) is None)
        line.retarget(second.url)
        intake.accept(desk.seat, lost)
        for order_id in known - {lost}:
            intake.accept(desk.seat, order_id)
        desk.sync()
        for order_id in known - {lost}:
            assert kinds(second, order_id) == [ActKind.DISPATCH, ActKind.ACCEPT]
        (waiting,) = desk.store.outbox(waiting_only=True)
        assert (waiting.act.subject, waiting.status) == (lost, OutboxStatus.DEFERRED)
        assert waiting.reason
        line.exchanges.clear()
        began = clock.monotonic()
        other = next(iter(known - {lost}))
        while clock.monotonic() - began < 6 * 3600:
            clock.advance(timedelta(seconds=25))  # what a long poll lasts
            desk.runner.turn()
        tries = [e for e in line.exchanges if SYNC in e]
        assert 10 <= len(tries) <= 6 * 3600 / 100, "later each time, and never given up"
        notes.note(desk.seat, other, "别的照常")
        clock.advance(timedelta(seconds=2))
        desk.sync()
        assert kinds(second, other)[-1] is ActKind.NOTE
        assert desk.store.pending_count() == 1


@pytest.mark.fault("answers.rejected_head")
def test_a_rejected_act_at_the_head_lets_the_others_pass_and_stays_visible(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first, second, third = desk.orders()
    order = desk.seat.order(first)
    running.platform.act_as_platform(ActKind.WITHDRAW, order.number, {"reason": "重复派单"})
    intake.accept(desk.seat, first)
    intake.accept(desk.seat, second)
    notes.note(desk.seat, third, "电话打不通")
    desk.sync()
    assert desk.store.pending_count() == 0
    assert kinds(running, second) == [ActKind.DISPATCH, ActKind.ACCEPT]
    assert kinds(running, third) == [ActKind.DISPATCH, ActKind.NOTE]
    (decision,) = desk.store.decisions(desk.seat.person)
    assert decision.kind is DecisionKind.REJECTION
    assert decision.act is not None
    assert (decision.act.subject, decision.act.kind) == (first, ActKind.ACCEPT)
    assert decision.reason
    assert [r.act.id for r in running.platform.rejected()] == [decision.act.id], "there, too"
    desk.reopen()
    desk.sync()
    assert len(desk.store.decisions(desk.seat.person)) == 1, "until it is set aside"
    decisions.set_aside(desk.seat, first, decision.act.id, "已知道")
    desk.sync()
    assert desk.store.decisions(desk.seat.person) == []
    assert running.platform.rejected() == []


@pytest.mark.fault("answers.rejected_head")
def test_a_record_for_which_the_whole_request_is_refused_is_found_and_left_out(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, clock: ManualClock
) -> None:
    first, second, third = desk.orders()
    intake.accept(desk.seat, first)
    poison = desk.store.next_batch(1, desk.seat.person_id)[0].id.encode()
    for n in range(12):
        notes.note(desk.seat, (second, third)[n % 2], f"第 {n} 条")
    document = Problem(type="urn:x", title="不收", status=400, code="unreadable", end="e")
    refusal = response(encode(document), "400 Bad", "application/problem+json")
    line.arm(Fault(SYNC, answer=refusal, answer_only=poison, times=None))
    for _ in range(12):
        clock.advance(timedelta(seconds=30))
        desk.sync()
    assert kinds(running, second).count(ActKind.NOTE) == 6
    assert kinds(running, third).count(ActKind.NOTE) == 6
    assert desk.store.pending_count() == 1
    assert desk.notices, "somebody is told"
    line.clear()
    clock.advance(timedelta(hours=2))
    all_once(running, desk)
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT]
