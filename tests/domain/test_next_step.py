"""Whoever holds the order is offered a step that is possible; nobody else is sent to work."""

from __future__ import annotations

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.ids import PersonId
from desktop_app.domain.lifecycle import holder, next_step
from desktop_app.domain.orders import Duty, Handler, Order, Stage
from desktop_app.domain.refusals import Refusal
from tests.domain.test_lifecycle_matrix import PEOPLE
from tests.support.acts import actor_of, make_act, step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()
OTHERS = (HANDLERS[0], Handler(Duty.ASSIST, PersonId("village2"), "东沟村书记"))


def fresh(tier: str = "general") -> Order:
    return sample_order(START, tier=tier, center=C)


def offered(order: Order, person: str) -> ActKind | None:
    at = order.history[-1].received_at
    found = next_step(order, actor_of(C, person), C, at)
    return found.kind if found else None


def emergency(until: ActKind) -> Order:
    return step(walk(fresh("emergency"), C, until), C, "dispatcher", K.EMERGENCY).order


def test_the_plan_and_the_progress_of_a_complex_order_are_offered_and_asked_for() -> None:
    order = walk(fresh("complex"), C, K.HANDLER_ACCEPT)
    seen = []
    while (kind := offered(order, "village")) is not None and order.stage is Stage.HANDLING:
        seen.append(kind)
        order = step(order, C, "village", kind).order
    assert set(seen) == {K.MEET, K.EXPLAIN, K.PLAN, K.DETERMINE, K.PROGRESS, K.CONCLUDE}
    assert seen[-1] is K.CONCLUDE
    late = [c.id for c in order.clocks if c.met_at is None]
    assert late == ["day13", "day15"], "nothing is left to run on after the conclusion"


def test_a_general_order_asks_for_no_plan_and_an_emergency_for_no_determination() -> None:
    for tier in ("general", "emergency", "livelihood"):
        order = walk(fresh(tier), C, K.HANDLER_ACCEPT)
        kinds = set()
        while order.stage is Stage.HANDLING:
            kind = offered(order, "village")
            assert kind is not None
            kinds.add(kind)
            order = step(order, C, "village", kind).order
        assert not kinds & {K.PLAN, K.PROGRESS}
        assert (K.DETERMINE in kinds) is (tier == "general")


def test_in_an_emergency_the_dispatcher_verifies_once_and_then_proposes() -> None:
    order = emergency(K.ACCEPT)
    assert offered(order, "dispatcher") is K.VERIFY
    order = step(order, C, "dispatcher", K.VERIFY).order
    assert offered(order, "dispatcher") is K.PROPOSE
    order = step(order, C, "dispatcher", K.PROPOSE).order
    assert offered(order, "dispatcher") is None
    assert offered(order, "secretary") is K.SIGN
    assert offered(emergency(K.VERIFY), "dispatcher") is K.PROPOSE


def test_a_withdrawn_or_returned_proposal_is_to_be_made_again_in_an_emergency_too() -> None:
    order = step(walk(fresh("emergency"), C, K.PROPOSE), C, "dispatcher", K.WITHDRAW_PROPOSAL).order
    order = step(order, C, "dispatcher", K.EMERGENCY).order
    assert offered(order, "dispatcher") is K.PROPOSE
    assert offered(order, "secretary") is None


def test_a_proposal_made_again_after_its_signature_fell_is_offered_for_signing() -> None:
    order = walk(fresh(), C, K.PROPOSE)
    at = order.history[-1].received_at
    back = make_act(order, C, "secretary", K.RETURN_PROPOSAL, at, seat="away")
    order = step(order, C, "secretary", K.SIGN).order
    order = decide(order, back, C, order.history[-1].received_at).order
    choice = p.Resolve(back.id, "second", "要换人")
    order = step(order, C, "secretary", K.RESOLVE_CONFLICT, choice).order
    assert offered(order, "dispatcher") is K.PROPOSE
    order = step(order, C, "dispatcher", K.PROPOSE).order
    assert offered(order, "secretary") is K.SIGN


def test_an_interim_conclusion_chosen_over_a_final_one_is_followed_by_a_final_one() -> None:
    order = walk(fresh(), C, K.DETERMINE)
    at = order.history[-1].received_at
    interim = p.Conclude("先垫平", finished=False, promise="25 日前")
    other = make_act(order, C, "leader", K.CONCLUDE, at, interim)
    order = step(order, C, "village", K.CONCLUDE).order
    order = decide(order, other, C, order.history[-1].received_at).order
    choice = p.Resolve(other.id, "second", "还没修完")
    order = step(order, C, "leader", K.RESOLVE_CONFLICT, choice).order
    assert order.stage is Stage.HANDLING
    assert offered(order, "village") is K.CONCLUDE


def test_work_taken_up_again_after_the_review_is_reviewed_again() -> None:
    order = walk(fresh(), C, K.CONCLUDE)
    at = order.history[-1].received_at
    other = make_act(order, C, "leader", K.REVIEW, at, p.Review(False, "又塌了"))
    order = step(order, C, "dispatcher", K.REVIEW).order
    order = decide(order, other, C, order.history[-1].received_at).order
    choice = p.Resolve(other.id, "second", "去看过")
    order = step(order, C, "leader", K.RESOLVE_CONFLICT, choice).order
    order = step(order, C, "village", K.CONCLUDE, p.Conclude("重修")).order
    assert offered(order, "dispatcher") is K.REVIEW
    with pytest.raises(Refusal) as caught:
        step(order, C, "dispatcher", K.REPORT_BACK)
    assert caught.value.code == "not_reviewed"


def test_a_handler_who_was_replaced_is_not_sent_to_work() -> None:
    order = emergency(K.ACCEPT)
    order = step(order, C, "dispatcher", K.PROPOSE, p.Propose(OTHERS)).order
    order = step(order, C, "secretary", K.SIGN).order
    assert offered(order, "village") is None
    assert offered(order, "village2") is K.HANDLER_ACCEPT


def test_an_unresolved_order_waits_for_the_platform() -> None:
    order = walk(fresh(), C, K.REPORT_BACK)
    unsolved = p.CallBackResult(True, False, False)
    assert holder(step(order, C, "platform", K.CALL_BACK, unsolved).order) == "平台"
    assert holder(walk(fresh(), C, K.CALL_BACK)) == "派单员"


@pytest.mark.parametrize("policy", ["pinggu", "xining"])
def test_following_what_is_offered_leads_every_tier_to_the_archive_with_no_clock_open(
    policy: str,
) -> None:
    center = sample_center(policy)
    for tier in center.policy.tiers:
        for with_emergency in (False, True):
            order = sample_order(START, tier=tier.id, center=center)
            if with_emergency:
                order = step(walk(order, center, K.ACCEPT), center, "dispatcher", K.EMERGENCY).order
            for _ in range(40):
                order = _somebody_goes_on(order, center)
            assert order.stage is Stage.ARCHIVED, (policy, tier.id, order.stage)
            assert [c.id for c in order.clocks if c.met_at is None] == []


def _somebody_goes_on(order: Order, center: object) -> Order:
    from desktop_app.domain.center import Center

    assert isinstance(center, Center)
    if order.stage is Stage.REPORTED:
        return step(order, center, "platform", K.CALL_BACK).order
    for person in PEOPLE:
        if person != "platform":
            at = order.history[-1].received_at
            found = next_step(order, actor_of(center, person), center, at)
            if found is not None:
                return step(order, center, person, found.kind).order
    return order
