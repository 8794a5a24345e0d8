"""Returns bind to the proposal that was read; late rivals leave a closed order alone; snoozes end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.orders import ConflictKind, Order, Outcome, Stage
from desktop_app.domain.refusals import Refusal
from tests.support.acts import make_act, step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()
LATER = timedelta(hours=6)
MINUTE = timedelta(minutes=1)


def proposed() -> Order:
    return walk(sample_order(START, center=C), C, K.PROPOSE)


def again(order: Order) -> Order:
    """Withdrawn and proposed anew."""
    order = step(order, C, "dispatcher", K.WITHDRAW_PROPOSAL).order
    return step(order, C, "dispatcher", K.PROPOSE, p.Propose(HANDLERS, "改了")).order


def offline(seen: Order, person: str, kind: ActKind, payload: object | None = None) -> Act:
    return make_act(
        seen, C, person, kind, seen.history[-1].received_at + LATER, payload, seat="away"
    )


def refusal(order: Order, act: Act, at: datetime) -> Refusal:
    with pytest.raises(Refusal) as caught:
        decide(order, act, C, at)
    return caught.value


# returns ------------------------------------------------------------------------------------------


def test_a_return_of_the_old_version_does_not_touch_the_new_one_and_stays_visible() -> None:
    order = proposed()
    back = offline(order, "secretary", K.RETURN_PROPOSAL)
    changed = again(order)
    decision = decide(changed, back, C, START + LATER * 3)
    assert decision.outcome is Outcome.CONFLICT
    assert "退回" in decision.note
    assert (decision.order.stage, decision.order.returned) == (Stage.PROPOSED, "")
    assert decision.order.proposal == changed.proposal
    (conflict,) = decision.order.open_conflicts
    assert (conflict.kind, conflict.step) == (ConflictKind.STALE_SIGNATURE, K.RETURN_PROPOSAL)
    with pytest.raises(Refusal) as caught:
        step(decision.order, C, "secretary", K.RESOLVE_CONFLICT,
             p.Resolve(conflict.id, "second", "就退"))  # fmt: skip
    assert caught.value.code == "stale"
    for kind in (K.SIGN, K.RETURN_PROPOSAL):
        assert not step(decision.order, C, "secretary", kind).order.open_conflicts


def test_a_return_of_the_old_version_is_stale_also_when_the_new_one_is_signed() -> None:
    order = proposed()
    back = offline(order, "secretary", K.RETURN_PROPOSAL)
    signed = step(again(order), C, "secretary", K.SIGN).order
    decision = decide(signed, back, C, START + LATER * 3)
    (conflict,) = decision.order.open_conflicts
    assert conflict.kind is ConflictKind.STALE_SIGNATURE
    assert decision.order.assignments == signed.assignments


def test_a_return_of_the_version_that_stands_is_applied_whatever_else_was_recorded() -> None:
    order = proposed()
    back = offline(order, "secretary", K.RETURN_PROPOSAL)
    noted = step(order, C, "dispatcher", K.NOTE).order
    decision = decide(noted, back, C, START + LATER * 3)
    assert (decision.outcome, decision.order.stage) == (Outcome.MERGED, Stage.VERIFIED)


def test_the_same_return_of_one_version_from_two_seats_is_already_done() -> None:
    order = proposed()
    back = offline(order, "secretary", K.RETURN_PROPOSAL)
    returned = step(order, C, "secretary", K.RETURN_PROPOSAL).order
    anew = step(returned, C, "dispatcher", K.PROPOSE, p.Propose(HANDLERS, "改了")).order
    for now in (returned, anew):
        decision = decide(now, back, C, START + LATER * 3)
        assert decision.outcome is Outcome.ALREADY
        assert decision.order.stage is now.stage


# closed orders ------------------------------------------------------------------------------------


@pytest.mark.parametrize("closing", [K.WITHDRAW, K.ARCHIVE])
def test_a_late_rival_opens_no_conflict_on_a_closed_order(closing: ActKind) -> None:
    order = walk(sample_order(START, center=C), C, K.DETERMINE)
    late = offline(order, "leader", K.CONCLUDE, p.Conclude("另一种写法"))
    same = offline(order, "leader", K.CONCLUDE)
    if closing is K.ARCHIVE:
        closed = walk(sample_order(START, center=C), C, K.ARCHIVE)
    else:
        done = step(order, C, "village", K.CONCLUDE).order
        closed = step(done, C, "platform", K.WITHDRAW).order
    at = closed.history[-1].received_at + LATER * 3
    refused = refusal(closed, late, at)
    assert refused.code == "closed"
    assert "魏家湾村书记" in refused.reason
    assert decide(closed, same, C, at).outcome is Outcome.ALREADY


# snoozes ------------------------------------------------------------------------------------------


def snooze(order: Order, at: datetime, person: str = "dispatcher", clock: str = "settle") -> Act:
    alerts = p.Alerts((f"{order.id}:{clock}:0",))
    return make_act(order, C, person, K.SNOOZE, at, alerts)


def snoozed(order: Order, at: datetime, person: str = "dispatcher") -> Order:
    return decide(order, snooze(order, at, person), C, at).order


def test_an_order_is_put_off_so_often_and_no_more_by_each_person() -> None:
    order = sample_order(START, center=C)
    most = C.policy.alerts.snoozes
    for n in range(most):
        order = snoozed(order, START + n * MINUTE)
    refused = refusal(order, snooze(order, START + 5 * MINUTE), START + 5 * MINUTE)
    assert refused.code == "snoozes"
    assert f"{most} 次" in refused.reason
    snoozed(order, START + 5 * MINUTE, "secretary")


@pytest.mark.parametrize("clock", ["settle", "new"])
def test_what_is_overdue_is_not_put_off(clock: str) -> None:
    order = sample_order(START, center=C)
    due = min(c.safe_due_at for c in order.clocks)
    first = min(order.clocks, key=lambda c: (c.safe_due_at, c.id)).id
    act = snooze(order, due + MINUTE, clock=first if clock == "settle" else clock)
    assert refusal(order, act, due + MINUTE).code == "overdue"
    in_time = replace(act, occurred_at=due - MINUTE)
    assert decide(order, in_time, C, due + LATER).outcome is Outcome.APPLIED


def test_a_clock_that_was_met_does_not_keep_the_others_from_being_put_off() -> None:
    order = walk(sample_order(START, center=C), C, K.MEET)
    at = START + timedelta(days=2)
    alerts = p.Alerts((f"{order.id}:day1:0", f"{order.id}:day3:0"))
    act = make_act(order, C, "dispatcher", K.SNOOZE, at, alerts)
    assert decide(order, act, C, at).outcome is Outcome.APPLIED
