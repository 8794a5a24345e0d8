"""Acts made without seeing each other: each situation of the conflict table, and its outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.conflicts import why_not_decide
from desktop_app.domain.orders import ConflictKind, Order, Outcome, Stage
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from tests.support.acts import make_act, step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()
LATER = timedelta(hours=6)


def fresh() -> Order:
    return sample_order(START, center=C)


def offline(seen: Order, person: str, kind: ActKind, payload: object | None = None) -> Act:
    """An act made by somebody who saw only ``seen``."""
    return make_act(seen, C, person, kind, seen.history[-1].received_at + LATER, payload)


def test_two_dispatchers_accept_the_second_is_told_who_was_first() -> None:
    order = fresh()
    second = offline(order, "dispatcher2", K.ACCEPT)
    taken = step(order, C, "dispatcher", K.ACCEPT).order
    decision = decide(taken, second, C, START + LATER)
    assert (decision.outcome, decision.by) == (Outcome.ALREADY, "周女士")
    assert decision.order.stage is Stage.ACCEPTED


def test_field_records_always_merge() -> None:
    order = walk(fresh(), C, K.HANDLER_ACCEPT)
    visit = offline(order, "village", K.MEET)
    moved = step(order, C, "leader", K.MEET).order
    assert decide(moved, visit, C, START + LATER * 2).outcome is Outcome.MERGED


def test_two_different_conclusions_stand_side_by_side_until_the_lead_decides() -> None:
    order = walk(fresh(), C, K.DETERMINE)
    village = offline(order, "village", K.CONCLUDE, p.Conclude("当天已清空"))
    interim = p.Conclude("已立警示牌", finished=False, promise="11 月 25 日前")
    first = step(order, C, "leader", K.CONCLUDE, interim).order
    decision = decide(first, village, C, START + LATER * 3)
    assert decision.outcome is Outcome.CONFLICT
    both = decision.order
    assert both.conclusion == first.conclusion
    entry = both.entry(village.id)
    assert entry is not None
    assert entry.payload == village.payload
    (conflict,) = both.open_conflicts
    assert conflict.kind is ConflictKind.TWO_RESULTS
    assert why_not_decide(both, conflict, "leader", Role.LEADER) == ""
    assert why_not_decide(both, conflict, "village", Role.VILLAGE)
    with pytest.raises(Refusal):
        step(both, C, "village", K.RESOLVE_CONFLICT, p.Resolve(conflict.id, "second", "我去看过"))
    put_off = step(
        both, C, "leader", K.RESOLVE_CONFLICT, p.Resolve(conflict.id, "put_off", "当面核")
    )
    assert put_off.order.open_conflicts[0].put_off
    chosen = p.Resolve(conflict.id, "second", "现场看过")
    after = step(put_off.order, C, "leader", K.RESOLVE_CONFLICT, chosen).order
    assert after.stage is Stage.CONCLUDED
    assert after.conclusion is not None
    assert after.conclusion.measures == "当天已清空"
    assert not after.open_conflicts


def test_choosing_the_first_keeps_the_order_and_both_texts() -> None:
    order = walk(fresh(), C, K.DETERMINE)
    other = offline(order, "village", K.CONCLUDE, p.Conclude("乙"))
    first = step(order, C, "leader", K.CONCLUDE, p.Conclude("甲")).order
    both = decide(first, other, C, START + LATER * 3).order
    choice = p.Resolve(other.id, "first", "以领办为准")
    after = step(both, C, "leader", K.RESOLVE_CONFLICT, choice).order
    assert after.conclusion is not None
    assert after.conclusion.measures == "甲"
    assert after.entry(other.id) is not None


def test_a_conclusion_made_after_seeing_the_first_is_no_conflict() -> None:
    order = walk(fresh(), C, K.DETERMINE)
    interim = step(order, C, "leader", K.CONCLUDE, p.Conclude("阶段", finished=False)).order
    assert step(interim, C, "village", K.CONCLUDE).outcome is Outcome.APPLIED


def test_a_signature_on_a_changed_proposal_is_stale_and_never_carried_over() -> None:
    order = walk(fresh(), C, K.PROPOSE)
    signature = offline(order, "secretary", K.SIGN)
    changed = step(order, C, "dispatcher", K.WITHDRAW_PROPOSAL).order
    again = p.Propose(HANDLERS, "改了")
    changed = step(changed, C, "dispatcher", K.PROPOSE, again).order
    decision = decide(changed, signature, C, START + LATER * 2)
    assert decision.outcome is Outcome.CONFLICT
    stale = decision.order
    assert stale.stage is Stage.PROPOSED
    assert stale.assignments == ()
    (conflict,) = stale.open_conflicts
    assert conflict.kind is ConflictKind.STALE_SIGNATURE
    with pytest.raises(Refusal):
        step(
            stale, C, "secretary", K.RESOLVE_CONFLICT, p.Resolve(conflict.id, "second", "就用旧的")
        )
    signed = step(stale, C, "secretary", K.SIGN).order
    assert signed.stage is Stage.SIGNED
    assert not signed.open_conflicts


def test_a_signature_while_the_proposal_was_withdrawn_is_stale_too() -> None:
    order = walk(fresh(), C, K.PROPOSE)
    signature = offline(order, "secretary", K.SIGN)
    withdrawn = step(order, C, "dispatcher", K.WITHDRAW_PROPOSAL).order
    decision = decide(withdrawn, signature, C, START + LATER * 2)
    assert decision.outcome is Outcome.CONFLICT
    assert decision.order.stage is Stage.VERIFIED
    assert decision.order.signature is None


def test_the_platform_wins_on_state_and_late_field_records_still_merge() -> None:
    order = walk(fresh(), C, K.HANDLER_ACCEPT)
    visit = offline(order, "village", K.MEET)
    finding = offline(order, "village", K.DETERMINE)
    gone = step(order, C, "platform", K.WITHDRAW).order
    after = decide(gone, visit, C, START + LATER * 2)
    assert (after.outcome, after.order.stage) == (Outcome.MERGED, Stage.WITHDRAWN)
    with pytest.raises(Refusal) as caught:
        decide(after.order, finding, C, START + LATER * 2)
    assert caught.value.code == "stage"


def test_made_before_the_limit_and_arrived_after_it_counts_as_met() -> None:
    order = walk(fresh(), C, K.HANDLER_ACCEPT)
    at, arrives = START + timedelta(hours=20), START + timedelta(days=2)
    visit = make_act(order, C, "village", K.MEET, at)
    met = decide(order, visit, C, arrives).order
    clock = next(c for c in met.clocks if c.id == "day1")
    assert (clock.met_at, clock.late, clock.doubtful) == (at, False, False)
    entry = met.history[-1]
    assert (entry.occurred_at, entry.received_at) == (at, arrives)


@pytest.mark.parametrize(
    ("clock", "occurred"),
    [
        (ClockQuality.SUSPECT, START + timedelta(hours=20)),
        (ClockQuality.GOOD, START - timedelta(days=300)),
        (ClockQuality.GOOD, START + timedelta(days=300)),
    ],
)
def test_a_clock_that_cannot_be_trusted_counts_by_arrival_and_is_flagged(
    clock: ClockQuality, occurred: object
) -> None:
    order = walk(fresh(), C, K.HANDLER_ACCEPT)
    arrives = START + timedelta(days=2)
    visit = make_act(order, C, "village", K.MEET, occurred, clock=clock)  # type: ignore[arg-type]
    node = next(c for c in decide(order, visit, C, arrives).order.clocks if c.id == "day1")
    assert (node.met_at, node.late, node.doubtful) == (arrives, True, True)


def test_an_earlier_record_that_arrives_later_moves_the_closing_earlier() -> None:
    order = walk(fresh(), C, K.HANDLER_ACCEPT)
    early = make_act(order, C, "village", K.MEET, START + timedelta(hours=20))
    late = make_act(order, C, "leader", K.MEET, START + timedelta(hours=30))
    order = decide(order, late, C, START + timedelta(hours=30)).order
    assert next(c for c in order.clocks if c.id == "day1").late
    order = decide(order, early, C, START + timedelta(hours=40)).order
    assert not next(c for c in order.clocks if c.id == "day1").late


def test_two_acts_of_one_offline_seat_are_not_each_others_rivals() -> None:
    order = walk(fresh(), C, K.ACCEPT)
    missed = [
        make_act(
            order, C, "dispatcher", K.VERIFY, START + timedelta(hours=h), p.Verify("unreachable")
        )
        for h in (1, 2, 3)
    ]
    for act in missed:
        decision = decide(order, act, C, START + timedelta(hours=5))
        assert decision.outcome is Outcome.APPLIED
        order = decision.order
    assert order.stage is Stage.VERIFIED
