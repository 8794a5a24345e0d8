"""The main path and its returns, told as stories."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.center_rules import decide_center
from desktop_app.domain.deadlines import open_clocks
from desktop_app.domain.ids import CENTER, PersonId
from desktop_app.domain.lifecycle import TABLE, next_step, why_not
from desktop_app.domain.orders import Duty, Handler, Order, Outcome, Stage
from desktop_app.domain.policy import Milestone
from desktop_app.domain.refusals import Refusal
from tests.support.acts import PATH, actor_of, make_act, step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()


def fresh(tier: str = "general") -> Order:
    return sample_order(START, tier=tier, center=C)


def refusal(order: Order, person: str, kind: ActKind, payload: object | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        step(order, C, person, kind, payload)
    return caught.value


def test_the_whole_path_leads_to_the_archive_and_closes_every_clock() -> None:
    order = walk(fresh(), C, K.ARCHIVE)
    assert order.stage is Stage.ARCHIVED
    assert [e.kind for e in order.history[1:]] == [kind for kind, _ in PATH]
    assert not open_clocks(order)
    assert all(c.met_at and not c.late for c in order.clocks)


def test_an_unreachable_petitioner_takes_three_attempts() -> None:
    order = walk(fresh(), C, K.ACCEPT)
    missed = p.Verify("unreachable")
    for attempt in (1, 2):
        order = step(order, C, "dispatcher", K.VERIFY, missed).order
        assert (order.stage, order.call_attempts) == (Stage.ACCEPTED, attempt)
    assert step(order, C, "dispatcher", K.VERIFY, missed).order.stage is Stage.VERIFIED


def test_a_corrected_verification_must_say_what_was_corrected_and_keeps_the_original() -> None:
    order = walk(fresh(), C, K.ACCEPT)
    assert refusal(order, "dispatcher", K.VERIFY, p.Verify("corrected")).code == "incomplete"
    fix = p.Verify("corrected", corrections=(("地点", "东街 12 号门前", "东街 21 号门前"),))
    after = step(order, C, "dispatcher", K.VERIFY, fix).order
    assert after.place == order.place
    assert after.verification is not None
    assert after.verification.corrections[0][2] == "东街 21 号门前"


def test_a_withdrawn_proposal_can_be_made_again_and_has_another_hash() -> None:
    order = walk(fresh(), C, K.PROPOSE)
    assert order.proposal is not None
    back = step(order, C, "dispatcher", K.WITHDRAW_PROPOSAL).order
    assert back.stage is Stage.VERIFIED
    again = step(back, C, "dispatcher", K.PROPOSE).order
    assert again.proposal is not None
    assert again.proposal.version == 2
    assert again.proposal.hash != order.proposal.hash


def test_a_return_needs_a_reason_and_shows_it_to_the_dispatcher() -> None:
    order = walk(fresh(), C, K.PROPOSE)
    assert (
        refusal(order, "secretary", K.RETURN_PROPOSAL, p.Reason("  ")).reason == "少填一项：理由。"
    )
    back = step(order, C, "secretary", K.RETURN_PROPOSAL).order
    assert (back.stage, back.returned) == (Stage.VERIFIED, "请加上农办")


def test_signing_with_changes_assigns_the_changed_handlers() -> None:
    order = walk(fresh(), C, K.PROPOSE)
    changed = (HANDLERS[0], Handler(Duty.ASSIST, PersonId("village2"), "东沟村书记"))
    after = step(order, C, "secretary", K.SIGN, p.Sign("换东沟村。", changed)).order
    assert after.signature is not None
    assert after.signature.changed
    assert {a.handler.person_id for a in after.assignments} == {"leader", "village2"}


@pytest.mark.parametrize(
    "handlers",
    [
        HANDLERS[:1],
        HANDLERS[1:],
        (HANDLERS[1], HANDLERS[1]),
        (Handler(Duty.LEAD, PersonId("village"), "村书记"), HANDLERS[1]),
        (HANDLERS[0], Handler(Duty.ASSIST, PersonId("nobody"), "查无此人")),
        (HANDLERS[0], HANDLERS[1], Handler(Duty.HELP, PersonId("dispatcher"), "派单员")),
    ],
)
def test_a_proposal_needs_one_leader_and_a_village_that_exist(
    handlers: tuple[Handler, ...],
) -> None:
    order = walk(fresh(), C, K.VERIFY)
    assert refusal(order, "dispatcher", K.PROPOSE, p.Propose(handlers)).code == "handler"


def test_an_emergency_is_handled_first_and_shows_the_missing_signature_until_it_comes() -> None:
    order = walk(fresh("emergency"), C, K.ACCEPT)
    order = step(order, C, "dispatcher", K.EMERGENCY).order
    assert order.stage is Stage.HANDLING
    assert order.signature_pending
    assert not any(a.signed for a in order.assignments)
    settle = next(c for c in order.clocks if c.id == "settle")
    assert settle.met_at is not None
    order = step(order, C, "village", K.EXPLAIN).order
    order = step(order, C, "village", K.CONCLUDE).order
    assert refusal(order, "dispatcher", K.REPORT_BACK).code == "signature_missing"
    order = step(order, C, "dispatcher", K.PROPOSE).order
    order = step(order, C, "secretary", K.SIGN).order
    assert not order.signature_pending
    assert all(a.signed for a in order.assignments)
    assert order.stage is Stage.CONCLUDED
    assert step(order, C, "dispatcher", K.REPORT_BACK).order.stage is Stage.REPORTED


def test_a_deputy_signs_only_within_the_period_and_the_signature_says_for_whom() -> None:
    order = walk(fresh(), C, K.PROPOSE)
    assert refusal(order, "leader2", K.SIGN).code == "not_signer"
    grant = p.AuthoriseDeputy(PersonId("leader2"), START, START + timedelta(hours=2), "外出开会")
    act = make_act(order, C, "secretary", K.AUTHORISE_DEPUTY, START, grant)
    center = decide_center(C, act, START)
    signed = step(order, center, "leader2", K.SIGN).order
    assert signed.signature is not None
    assert signed.signature.on_behalf_of == "secretary"
    with pytest.raises(Refusal) as late:
        step(order, center, "leader2", K.SIGN, after=timedelta(hours=3))
    assert late.value.code == "not_signer"
    revoke = make_act(
        order, center, "secretary", K.REVOKE_DEPUTY, START + timedelta(minutes=1),
        p.RevokeDeputy(act.id),
    )  # fmt: skip
    revoked = decide_center(center, revoke, START + timedelta(minutes=1))
    with pytest.raises(Refusal):
        step(order, revoked, "leader2", K.SIGN)


def test_only_the_secretary_authorises_and_only_leaders_or_the_head_may_be_deputies() -> None:
    order = fresh()
    for person, deputy, code in (
        ("dispatcher", "leader", "role"),
        ("secretary", "village", "deputy"),
        ("secretary", "nobody", "deputy"),
    ):
        grant = p.AuthoriseDeputy(PersonId(deputy), START, START + timedelta(hours=1), "外出")
        with pytest.raises(Refusal) as caught:
            decide_center(C, make_act(order, C, person, K.AUTHORISE_DEPUTY, START, grant), START)
        assert caught.value.code == code
    assert CENTER == "center"


def test_conclusion_waits_for_what_the_tier_demands_and_names_it() -> None:
    order = walk(fresh(), C, K.HANDLER_ACCEPT)
    assert refusal(order, "village", K.CONCLUDE).reason == "先填“见面沟通”。"
    order = step(order, C, "village", K.MEET).order
    assert refusal(order, "village", K.CONCLUDE).reason == "先填“说明情况”。"


def test_an_interim_conclusion_keeps_the_order_in_handling() -> None:
    order = walk(fresh(), C, K.DETERMINE)
    interim = p.Conclude("已立警示牌", finished=False, promise="11 月 25 日前")
    after = step(order, C, "leader", K.CONCLUDE, interim).order
    assert after.stage is Stage.HANDLING
    assert Milestone.CONCLUDED not in after.achieved
    assert step(after, C, "village", K.CONCLUDE).order.stage is Stage.CONCLUDED


def test_a_review_that_finds_it_unsettled_sends_it_back_without_unclosing_a_clock() -> None:
    order = walk(fresh(), C, K.CONCLUDE)
    met = [c.met_at for c in order.clocks]
    back = step(order, C, "dispatcher", K.REVIEW, p.Review(False, "还有积水")).order
    assert back.stage is Stage.HANDLING
    assert [c.met_at for c in back.clocks] == met
    again = step(back, C, "village", K.CONCLUDE, p.Conclude("已重新疏通")).order
    assert step(again, C, "dispatcher", K.REVIEW).order.stage is Stage.REVIEWED


def test_an_unresolved_call_back_waits_for_the_second_round_which_starts_afresh() -> None:
    order = walk(fresh(), C, K.REPORT_BACK)
    order = step(order, C, "platform", K.CALL_BACK, p.CallBackResult(True, False, False)).order
    assert refusal(order, "dispatcher", K.ARCHIVE).code == "unresolved"
    order = step(order, C, "platform", K.SECOND_ROUND).order
    assert (order.stage, order.round, order.assignments) == (Stage.DISPATCHED, 2, ())
    assert len(open_clocks(order)) == 5
    assert order.past_handlers == ("leader", "village", "station")
    order = walk(order, C, K.CALL_BACK)
    assert [c.round for c in order.callbacks] == [1, 2]
    assert step(order, C, "dispatcher", K.ARCHIVE).order.stage is Stage.ARCHIVED


def test_a_correction_is_a_new_act_and_only_of_ones_own_records() -> None:
    order = walk(fresh(), C, K.MEET)
    meeting = order.history[-1]
    fix = p.Correct(meeting.act_id, "见到的是张女士家人")
    after = step(order, C, "village", K.CORRECT, fix).order
    assert after.entry(meeting.act_id) == meeting
    assert refusal(order, "leader", K.CORRECT, fix).code == "correct"


def test_a_switched_off_person_and_a_changed_role_are_refused() -> None:
    order = fresh()
    act = make_act(order, C, "dispatcher", K.ACCEPT, START)
    from dataclasses import replace

    for people in (
        tuple(replace(q, active=False) for q in C.people),
        tuple(q for q in C.people if q.id != "dispatcher"),
    ):
        with pytest.raises(Refusal) as caught:
            decide(order, act, replace(C, people=people), START)
        assert caught.value.code == "actor"


def test_the_next_step_is_always_offered_to_whoever_holds_the_order() -> None:
    order = fresh()
    for kind, person in PATH:
        if person != "platform":
            offered = next_step(order, actor_of(C, person), C, START)
            assert offered is not None
            if kind is not K.DETERMINE:
                assert offered.kind is kind
            assert offered.label
        order = step(order, C, person, kind).order


def test_every_row_of_the_table_refuses_with_words_that_a_person_understands() -> None:
    order = fresh()
    for row in TABLE:
        reason = why_not(order, actor_of(C, "grid"), C, START, row.kind)
        assert reason == "" or reason.endswith("。")


def test_a_repeated_act_is_a_duplicate_and_changes_nothing() -> None:
    order = fresh()
    act = make_act(order, C, "dispatcher", K.ACCEPT, START)
    once = decide(order, act, C, START).order
    again = decide(once, act, C, START + timedelta(days=400))
    assert (again.outcome, again.order) == (Outcome.DUPLICATE, once)
