"""What was done in the first round and arrives in the second, and who counts in which."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import ClockRun, Duty, Handler, Order, Outcome, Stage
from desktop_app.domain.policy import Milestone
from desktop_app.domain.refusals import Refusal
from tests.support.acts import make_act, step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()


def second_round(order: Order) -> Order:
    """From reported to a fresh second round."""
    order = step(order, C, "platform", K.CALL_BACK, p.CallBackResult(True, False, False)).order
    return step(order, C, "platform", K.SECOND_ROUND).order


def first_round() -> Order:
    return walk(sample_order(START, center=C), C, K.REPORT_BACK)


def from_first(person: str, kind: ActKind, payload: object | None = None) -> Act:
    """Made on a seat that saw the order only up to its determination."""
    seen = walk(sample_order(START, center=C), C, K.DETERMINE)
    at = seen.history[-1].received_at + timedelta(minutes=1)
    return make_act(seen, C, person, kind, at, payload, seat="away")


def on(order: Order, act: Act) -> Order:
    return decide(order, act, C, order.history[-1].received_at + timedelta(minutes=3)).order


def tried(order: Order, act: Act) -> tuple[str, Order]:
    """The code of the refusal, or "" and the order after the act."""
    try:
        return "", on(order, act)
    except Refusal as refusal:
        return refusal.code, order


def clock(order: Order, name: str) -> ClockRun:
    return next(c for c in order.clocks if c.id == name)


UNTIL = (K.ACCEPT, K.VERIFY, K.PROPOSE, K.SIGN, K.HANDLER_ACCEPT)


@pytest.mark.parametrize("until", [None, *UNTIL])
def test_a_visit_of_the_first_round_is_kept_but_closes_nothing_of_the_second(
    until: ActKind | None,
) -> None:
    order = second_round(first_round())
    if until is not None:
        order = walk(order, C, until)
    visit = from_first("village", K.MEET)
    after = on(order, visit)
    entry = after.entry(visit.id)
    assert entry is not None
    assert (entry.outcome, entry.round) == (Outcome.MERGED, 1)
    assert after.stage is order.stage
    assert clock(after, "day1.r2").met_at is None
    assert Milestone.MET not in after.achieved


@pytest.mark.parametrize(
    ("person", "kind"),
    [("dispatcher2", K.VERIFY), ("leader", K.DETERMINE), ("village", K.CONCLUDE),
     ("dispatcher2", K.PROPOSE), ("secretary", K.RETURN_PROPOSAL), ("dispatcher2", K.EMERGENCY),
     ("leader", K.HANDLER_ACCEPT), ("dispatcher2", K.REVIEW), ("dispatcher2", K.REPORT_BACK)],
)  # fmt: skip
def test_a_step_of_the_first_round_does_not_move_the_second(person: str, kind: ActKind) -> None:
    act = from_first(person, kind, p.Conclude("早先写的") if kind is K.CONCLUDE else None)
    order = second_round(first_round())
    stops = (*UNTIL, K.DETERMINE, K.CONCLUDE, K.REVIEW)
    for at in (order, *(walk(order, C, until) for until in stops)):
        code, after = tried(at, act)
        assert code in ("", "round", "not_assigned")
        if code == "":
            assert after.history[-1].outcome is Outcome.ALREADY
        assert (after.stage, after.achieved) == (at.stage, at.achieved)


def test_a_second_acceptance_of_the_first_round_does_not_accept_the_second() -> None:
    seen = sample_order(START, center=C)
    act = make_act(seen, C, "dispatcher2", K.ACCEPT, START + timedelta(minutes=1))
    after = on(second_round(first_round()), act)
    assert after.history[-1].outcome is Outcome.ALREADY
    assert after.stage is Stage.DISPATCHED


def test_what_the_first_round_left_undecided_does_not_change_the_second() -> None:
    order = first_round()
    other = from_first("village", K.CONCLUDE, p.Conclude("早先写的"))
    order = second_round(on(order, other))
    assert order.open_conflicts
    with pytest.raises(Refusal) as caught:
        step(order, C, "dispatcher", K.RESOLVE_CONFLICT, p.Resolve(other.id, "second", "看过"))
    assert caught.value.code == "round"
    first = p.Resolve(other.id, "first", "以反馈为准")
    assert not step(order, C, "dispatcher", K.RESOLVE_CONFLICT, first).order.open_conflicts


def test_nobody_closes_a_node_of_a_round_that_has_no_handlers_yet() -> None:
    order = second_round(first_round())
    after = step(order, C, "village", K.MEET).order
    assert clock(after, "day1.r2").met_at is None
    after = walk(after, C, K.SIGN)
    assert clock(step(after, C, "village", K.MEET).order, "day1.r2").met_at is not None


def test_a_time_before_the_round_began_counts_by_arrival() -> None:
    order = walk(second_round(first_round()), C, K.HANDLER_ACCEPT)
    visit = make_act(order, C, "village", K.MEET, START)
    node = clock(on(order, visit), "day1.r2")
    assert node.doubtful
    assert node.met_at is not None
    assert node.met_at > node.started_at


def test_a_handler_who_was_replaced_still_records_while_the_new_ones_have_not_begun() -> None:
    order = walk(second_round(first_round()), C, K.PROPOSE)
    others = p.Sign(
        "换东沟村。", (HANDLERS[0], Handler(Duty.ASSIST, PersonId("village2"), "东沟村"))
    )
    order = step(order, C, "secretary", K.SIGN, others).order
    after = step(order, C, "village", K.MEET).order
    assert after.stage is Stage.SIGNED
    assert clock(after, "day1.r2").met_at is None
    assert step(after, C, "village2", K.MEET).order.stage is Stage.HANDLING


@pytest.mark.parametrize(("tier", "policy"), [("general", "pinggu"), ("general", "xining")])
@pytest.mark.parametrize("known", [True, False])
def test_a_second_round_of_a_tier_the_policy_dropped_keeps_the_limits_of_the_order(
    tier: str, policy: str, known: bool
) -> None:
    center = sample_center(policy)
    order = walk(sample_order(START, tier=tier, center=center), center, K.REPORT_BACK)
    order = step(order, center, "platform", K.CALL_BACK, p.CallBackResult(True, False, False)).order
    if not known:  # dispatched before clocks kept their limit
        order = replace(order, clocks=tuple(replace(c, limit=0) for c in order.clocks))
    tiers = tuple(t for t in center.policy.tiers if t.id != tier)
    later = replace(center, policy=replace(center.policy, tiers=tiers))
    usual = step(order, center, "platform", K.SECOND_ROUND).order
    order = step(order, later, "platform", K.SECOND_ROUND).order
    first, second = ([c for c in order.clocks if c.round == n] for n in (1, 2))
    assert [(c.label, c.node, c.closed_by, c.alerts) for c in second] == [
        (c.label, c.node, c.closed_by, c.alerts) for c in first
    ]
    if known:
        assert order.clocks == usual.clocks
    else:
        assert [c.due_at - c.started_at for c in second] == [c.due_at - c.started_at for c in first]
    third = step(walk(order, later, K.REPORT_BACK), later, "platform", K.CALL_BACK,
                 p.CallBackResult(True, False, False)).order  # fmt: skip
    assert {c.id for c in third.clocks if c.round == 2} == {f"{c.id}.r2" for c in first}
