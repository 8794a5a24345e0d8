"""No assignment without a signature for that very version, by whatever road an act tries to get there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center
from desktop_app.domain.center_rules import decide_center
from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import ConflictKind, Duty, Handler, Order, Outcome, Stage
from desktop_app.domain.refusals import Refusal
from tests.support.acts import make_act, step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()
LATER = timedelta(hours=6)
OTHERS = (HANDLERS[0], Handler(Duty.ASSIST, PersonId("village2"), "东沟村书记"))


def with_deputy() -> Center:
    """leader2 may sign for the secretary for a week."""
    grant = p.AuthoriseDeputy(PersonId("leader2"), START, START + timedelta(days=7), "外出开会")
    order = sample_order(START, center=C)
    act = make_act(order, C, "secretary", K.AUTHORISE_DEPUTY, START, grant)
    return decide_center(C, act, START)


D = with_deputy()


def offline(seen: Order, person: str, kind: ActKind, payload: object | None = None) -> Act:
    return make_act(seen, D, person, kind, seen.history[-1].received_at + LATER, payload)


def arrives(order: Order, act: Act, after: timedelta = LATER * 2) -> Order:
    return decide(order, act, D, order.history[-1].received_at + after).order


def resolve(order: Order, conflict: str, choice: str) -> Order:
    found = next(c for c in order.conflicts if c.id == conflict)
    return step(
        order, D, "secretary", K.RESOLVE_CONFLICT, p.Resolve(found.id, choice, "看过")
    ).order


def resigned_after(order: Order, handlers: tuple[Handler, ...] = OTHERS) -> Order:
    """Withdrawn, proposed anew, and the new version signed by the secretary."""
    order = step(order, D, "dispatcher", K.WITHDRAW_PROPOSAL).order
    order = step(order, D, "dispatcher", K.PROPOSE, p.Propose(handlers, "改了")).order
    return step(order, D, "secretary", K.SIGN, p.Sign("同意。")).order


@pytest.mark.parametrize("opinion", ["同意。", "同意,抓紧。"])
def test_a_signature_on_the_old_version_is_stale_even_when_the_new_one_is_signed(
    opinion: str,
) -> None:
    order = walk(sample_order(START, center=D), D, K.PROPOSE)
    old = offline(order, "leader2", K.SIGN, p.Sign(opinion))
    signed = resigned_after(order)
    decision = decide(signed, old, D, START + LATER * 3)
    assert decision.outcome is Outcome.CONFLICT
    (conflict,) = decision.order.open_conflicts
    assert conflict.kind is ConflictKind.STALE_SIGNATURE
    assert decision.order.assignments == signed.assignments
    with pytest.raises(Refusal) as caught:
        resolve(decision.order, conflict.id, "second")
    assert caught.value.code == "stale"


def two_signatures() -> tuple[Order, Act]:
    """The secretary signed; the deputy's signature of the same version arrived after it."""
    order = walk(sample_order(START, center=D), D, K.PROPOSE)
    second = offline(order, "leader2", K.SIGN, p.Sign("同意,换东沟村。", OTHERS))
    first = step(order, D, "secretary", K.SIGN).order
    return arrives(first, second), second


def test_of_two_signatures_on_one_version_the_secretary_may_choose_the_second() -> None:
    both, second = two_signatures()
    after = resolve(both, second.id, "second")
    assert after.signature is not None
    assert after.signature.act_id == second.id
    assert after.signature.on_behalf_of == "secretary"
    assert {a.handler.person_id for a in after.assignments} == {"leader", "village2"}


def returned_over_the_signature() -> tuple[Order, Act, Act]:
    """Signed; then a return and another signature of that version arrived; the return was chosen."""
    order = walk(sample_order(START, center=D), D, K.PROPOSE)
    back = offline(order, "leader2", K.RETURN_PROPOSAL)
    other = make_act(order, D, "leader2", K.SIGN, START + LATER, p.Sign("换人。", OTHERS), seat="b")
    order = arrives(arrives(step(order, D, "secretary", K.SIGN).order, back), other)
    return resolve(order, back.id, "second"), back, other


def test_a_signature_does_not_come_back_after_the_proposal_was_returned() -> None:
    order, _, other = returned_over_the_signature()
    assert (order.stage, order.assignments) == (Stage.VERIFIED, ())
    with pytest.raises(Refusal):
        resolve(order, other.id, "second")


def test_a_signature_is_not_carried_over_to_a_later_proposal_by_a_decision() -> None:
    order, _, other = returned_over_the_signature()
    order = step(order, D, "dispatcher", K.PROPOSE, p.Propose(HANDLERS, "又改")).order
    with pytest.raises(Refusal) as caught:
        resolve(order, other.id, "second")
    assert caught.value.code == "stale"
    order = step(order, D, "secretary", K.SIGN).order
    with pytest.raises(Refusal):
        resolve(order, other.id, "second")
    assert not resolve(order, other.id, "first").open_conflicts


def test_a_return_of_the_old_version_does_not_undo_the_signature_of_the_new_one() -> None:
    order = walk(sample_order(START, center=D), D, K.PROPOSE)
    back = offline(order, "leader2", K.RETURN_PROPOSAL)
    again = make_act(
        order, D, "leader2", K.RETURN_PROPOSAL, START + LATER, p.Reason("另派"), seat="b"
    )
    order = arrives(arrives(step(order, D, "secretary", K.SIGN).order, back), again)
    order = resolve(order, back.id, "second")
    order = step(order, D, "dispatcher", K.PROPOSE, p.Propose(OTHERS, "改了")).order
    order = step(order, D, "secretary", K.SIGN).order
    with pytest.raises(Refusal) as caught:
        resolve(order, again.id, "second")
    assert caught.value.code == "stale"


def test_a_second_return_does_not_touch_a_proposal_that_was_made_again() -> None:
    order = walk(sample_order(START, center=D), D, K.PROPOSE)
    again = offline(order, "leader2", K.RETURN_PROPOSAL, p.Reason("另派"))
    order = arrives(step(order, D, "secretary", K.RETURN_PROPOSAL).order, again)
    assert resolve(order, again.id, "second").returned == "另派"
    order = step(order, D, "dispatcher", K.PROPOSE, p.Propose(OTHERS, "改了")).order
    with pytest.raises(Refusal):
        resolve(order, again.id, "second")
    signed = step(order, D, "secretary", K.SIGN).order
    with pytest.raises(Refusal):
        resolve(signed, again.id, "second")


def test_a_return_chosen_over_an_emergency_signature_leaves_the_emergency_running() -> None:
    order = walk(sample_order(START, tier="emergency", center=D), D, K.ACCEPT)
    order = step(order, D, "dispatcher", K.EMERGENCY).order
    order = step(order, D, "dispatcher", K.PROPOSE, p.Propose(OTHERS)).order
    back = offline(order, "leader2", K.RETURN_PROPOSAL)
    order = arrives(step(order, D, "secretary", K.SIGN).order, back)
    order = resolve(order, back.id, "second")
    assert (order.stage, order.signature) == (Stage.HANDLING, None)
    assert order.signature_pending
    assert [a.handler for a in order.assignments] == list(HANDLERS)
    assert not any(a.signed for a in order.assignments)
    order = step(order, D, "dispatcher", K.PROPOSE).order
    assert not step(order, D, "secretary", K.SIGN).order.signature_pending


def test_a_second_emergency_record_does_not_undo_the_signature() -> None:
    order = walk(sample_order(START, tier="emergency", center=D), D, K.ACCEPT)
    other = offline(order, "secretary", K.EMERGENCY, p.EmergencyStart(OTHERS, "先抢修"))
    order = step(order, D, "dispatcher", K.EMERGENCY).order
    order = step(order, D, "dispatcher", K.PROPOSE).order
    order = arrives(step(order, D, "secretary", K.SIGN).order, other)
    chosen = p.Resolve(other.id, "second", "看过")
    with pytest.raises(Refusal) as caught:
        step(order, D, "leader", K.RESOLVE_CONFLICT, chosen)
    assert caught.value.code == "signed"


def test_while_an_emergency_waits_for_its_signature_another_proposal_can_be_chosen() -> None:
    order = walk(sample_order(START, tier="emergency", center=D), D, K.ACCEPT)
    order = step(order, D, "dispatcher", K.EMERGENCY).order
    other = offline(order, "dispatcher2", K.PROPOSE, p.Propose(OTHERS, "另拟"))
    order = arrives(step(order, D, "dispatcher", K.PROPOSE).order, other)
    chosen = p.Resolve(other.id, "second", "看过")
    after = step(order, D, "leader", K.RESOLVE_CONFLICT, chosen).order
    assert after.proposal is not None
    assert (after.proposal.version, after.proposal.handlers) == (2, OTHERS)
    assert after.signature_pending


def test_a_withdrawn_proposal_cannot_be_signed_once_an_emergency_begins() -> None:
    order = walk(sample_order(START, tier="emergency", center=D), D, K.PROPOSE)
    order = step(order, D, "dispatcher", K.WITHDRAW_PROPOSAL).order
    order = step(order, D, "dispatcher", K.EMERGENCY).order
    with pytest.raises(Refusal) as caught:
        step(order, D, "secretary", K.SIGN)
    assert caught.value.code == "withdrawn"
    order = step(order, D, "dispatcher", K.PROPOSE).order
    assert not step(order, D, "secretary", K.SIGN).order.signature_pending


def test_the_first_rounds_proposal_cannot_be_signed_for_the_second_round() -> None:
    order = walk(sample_order(START, tier="emergency", center=D), D, K.REPORT_BACK)
    order = step(order, D, "platform", K.CALL_BACK, p.CallBackResult(True, False, False)).order
    order = step(order, D, "platform", K.SECOND_ROUND).order
    order = step(order, D, "dispatcher", K.ACCEPT).order
    order = step(order, D, "dispatcher", K.EMERGENCY).order
    with pytest.raises(Refusal) as caught:
        step(order, D, "secretary", K.SIGN)
    assert caught.value.code == "withdrawn"


def test_signed_as_proposed_with_an_empty_list_is_not_called_changed() -> None:
    order = walk(sample_order(START, center=D), D, K.PROPOSE)
    signed = step(order, D, "secretary", K.SIGN, p.Sign("同意。", ())).order
    assert signed.signature is not None
    assert not signed.signature.changed
