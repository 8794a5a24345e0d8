"""What an order owes to 12345: one result per reporting back, one more per correction, no petitioner."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.apply import decide
from desktop_app.domain.ids import ActId
from desktop_app.domain.orders import Order
from desktop_app.domain.roles import Role
from sync.platform.gateway.port import ResultKind
from sync.platform.gateway.results import reference_of, reissued, results_of
from sync.protocol.codec import decode_order, encode
from tests.support.acts import make_act, step, walk
from tests.support.center import sample_center, sample_order
from tests.support.clock import START

CENTER = sample_center()
FRESH = sample_order(START, 1, center=CENTER)


def stored(order: Order) -> Order:
    """The order as it comes out of the database."""
    return decode_order(encode(order))


def report_of(order: Order) -> ActId:
    return next(e.act_id for e in reversed(order.history) if e.kind is K.REPORT_BACK)


def test_nothing_is_owed_before_the_order_is_reported_back() -> None:
    for kind in (K.ACCEPT, K.SIGN, K.CONCLUDE, K.REVIEW):
        assert results_of(walk(FRESH, CENTER, kind)) == ()


def test_a_result_says_what_was_done_and_by_which_offices() -> None:
    order = walk(FRESH, CENTER, K.REPORT_BACK)
    (result,) = results_of(stored(order))
    assert result.number == order.number
    assert (result.round, result.version, result.reissue) == (1, 1, 0)
    assert (result.text, result.measures) == ("已办结", "已修复")
    assert result.nature == "reasonable"
    assert result.handlers == ("分管农业领导", "魏家湾村书记", "乡农办")
    assert result.contacted
    assert result.resolved
    assert result.satisfied is None
    assert result.reference == reference_of(order.number, report_of(order))
    assert len(result.reference) == 23


def test_what_comes_later_changes_no_result() -> None:
    """Read early or late, also in the next round, the same result comes out."""
    order = walk(FRESH, CENTER, K.REPORT_BACK)
    early = results_of(order)
    order = step(order, CENTER, "platform", K.CALL_BACK, p.CallBackResult(True, False, False)).order
    order = step(order, CENTER, "platform", K.SECOND_ROUND).order
    assert order.report == ""
    assert results_of(stored(order)) == early
    second = walk(order, CENTER, K.REPORT_BACK)
    results = results_of(stored(second))
    assert results[:1] == early
    assert [r.round for r in results] == [1, 2]
    assert len({r.reference for r in results}) == 2


def test_a_correction_makes_another_version_that_holds_both() -> None:
    order = walk(FRESH, CENTER, K.REPORT_BACK)
    about = report_of(order)
    order = step(order, CENTER, "dispatcher", K.CORRECT, p.Correct(about, "路灯另行安排")).order
    order = step(order, CENTER, "dispatcher", K.CORRECT, p.Correct(about, "下周完工")).order
    results = results_of(stored(order))
    assert [r.version for r in results] == [1, 2, 3]
    assert results[2].text == "已办结\n更正：路灯另行安排\n更正：下周完工"
    assert len({r.reference for r in results}) == 3


def test_a_correction_of_anything_else_is_not_sent() -> None:
    order = walk(FRESH, CENTER, K.REPORT_BACK)
    about = next(e.act_id for e in order.history if e.kind is K.CONCLUDE)
    order = step(order, CENTER, "dispatcher", K.CORRECT, p.Correct(about, "另记")).order
    assert len(results_of(order)) == 1


def test_the_conclusion_that_was_chosen_counts() -> None:
    order = walk(FRESH, CENTER, K.CONCLUDE)
    at = order.history[-1].received_at + timedelta(minutes=1)
    blind = make_act(
        order, CENTER, "leader", K.CONCLUDE, at, p.Conclude("另一种修法"), base_rev=order.rev - 1
    )
    rival = decide(order, blind, CENTER, at).order
    conflict = rival.conflicts[-1]
    chosen = step(
        rival, CENTER, "leader", K.RESOLVE_CONFLICT, p.Resolve(conflict.id, "second", "看过现场")
    ).order
    done = step(
        step(chosen, CENTER, "dispatcher", K.REVIEW).order, CENTER, "dispatcher", K.REPORT_BACK
    ).order
    (result,) = results_of(stored(done))
    assert result.measures == "另一种修法"


def test_no_numbers_of_people_go_out_and_no_names_of_a_confidential_order() -> None:
    before = walk(FRESH, CENTER, K.REVIEW)
    said = p.ReportBack("已与张女士（13800001234）当面说明")
    (open_result,) = results_of(step(before, CENTER, "dispatcher", K.REPORT_BACK, said).order)
    assert "13800001234" not in open_result.text
    secret = replace(before, petitioner=replace(before.petitioner, confidential=True))
    (result,) = results_of(step(secret, CENTER, "dispatcher", K.REPORT_BACK, said).order)
    assert "张女士" not in encode(result).decode()
    assert "1380000" not in encode(result).decode()
    assert result.handlers == open_result.handlers


def test_a_reissue_has_a_reference_of_its_own() -> None:
    (result,) = results_of(walk(FRESH, CENTER, K.REPORT_BACK))
    again = reissued(result, 1)
    assert again.reissue == 1
    assert again.reference not in (result.reference, reissued(result, 2).reference)
    assert replace(again, reissue=0, reference=result.reference) == result


ALL = frozenset(ResultKind)


def test_earlier_steps_go_back_where_they_are_wanted() -> None:
    order = walk(FRESH, CENTER, K.REPORT_BACK)
    accepted, result = results_of(stored(order), ALL)
    assert (accepted.kind, accepted.round, accepted.version) == (ResultKind.ACCEPTED, 1, 1)
    assert (accepted.text, accepted.contacted, accepted.handlers) == ("", None, ())
    assert (result,) == results_of(order)
    assert accepted.reference != result.reference
    order = step(order, CENTER, "platform", K.CALL_BACK, p.CallBackResult(True, False, False)).order
    second = walk(step(order, CENTER, "platform", K.SECOND_ROUND).order, CENTER, K.ACCEPT)
    assert [(r.kind, r.round) for r in results_of(second, ALL)] == [
        (ResultKind.ACCEPTED, 1), (ResultKind.RESULT, 1), (ResultKind.ACCEPTED, 2),
    ]  # fmt: skip


def test_only_a_clock_that_the_township_stopped_is_news_to_12345() -> None:
    roles = (Role.DISPATCHER, Role.PLATFORM)
    center = replace(CENTER, policy=replace(CENTER.policy, clock_stop_roles=roles))
    order = walk(FRESH, CENTER, K.ACCEPT)
    for who in ("dispatcher", "platform"):
        for kind in (K.STOP_CLOCK, K.RESUME_CLOCK):
            order = step(order, center, who, kind, p.Reason("等张女士 13800001234 回来")).order
    _, stopped, resumed = results_of(stored(order), ALL)
    assert (stopped.kind, stopped.version) == (ResultKind.STOPPED, 1)
    assert (resumed.kind, resumed.version) == (ResultKind.RESUMED, 2)
    assert "13800001234" not in stopped.text
    assert results_of(order) == ()
