"""What the sheet says, and what it must not say."""

from dataclasses import replace
from pathlib import Path

from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import Order
from desktop_app.domain.payloads import Propose
from tests.support.acts import step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START
from ui.sheet.data import SheetState
from ui.signoff.changes import moved_on, proposal_differences
from ui.signoff.printing import save_pdf
from ui.signoff.sheet_facts import sheet_data, sheet_state
from ui.signoff.shown import Shown
from ui.theme.theme import Theme

CENTER = sample_center()


def proposed() -> Order:
    return walk(sample_order(START), CENTER, ActKind.PROPOSE)


def test_numbers_are_masked_and_the_handlers_are_named() -> None:
    data = sheet_data(proposed(), CENTER)
    assert "13800001234" not in str(data)
    assert data.handlers[0] == ("领办", "分管农业领导")
    assert data.limit.startswith("7 天（")
    assert data.number == "熊诉签〔2026〕11200001 号"


def test_a_confidential_petitioner_is_not_on_the_sheet() -> None:
    order = proposed()
    secret = replace(order, petitioner=replace(order.petitioner, confidential=True))
    assert "张女士" not in str(sheet_data(secret, CENTER))


def test_the_stamp_says_both_times_or_that_it_has_not_arrived() -> None:
    order = step(proposed(), CENTER, "secretary", ActKind.SIGN).order
    assert "平台收到" in sheet_data(order, CENTER).stamp[1]
    waiting = sheet_data(order, CENTER, pending=True).stamp[1]
    assert waiting == "未上传，平台收到后才派单"
    assert sheet_state(order, writable=False, pending=True) is SheetState.PENDING


def test_the_same_words_proposed_again_still_need_a_look() -> None:
    before = proposed()
    back = step(before, CENTER, "dispatcher", ActKind.WITHDRAW_PROPOSAL).order
    again = step(back, CENTER, "dispatcher", ActKind.PROPOSE).order
    assert proposal_differences(before.proposal, again.proposal) == (
        "重新拟办（第 2 次），内容相同",
    )
    assert Shown(before, to_sign=True).met(again).stale
    assert Shown(before, to_sign=True).met(back).gone == moved_on(back)


def test_a_note_that_arrives_does_not_disturb_the_sheet() -> None:
    before = proposed()
    after = step(before, CENTER, "dispatcher", ActKind.NOTE).order
    shown = Shown(before, to_sign=True).met(after)
    assert not shown.stale
    assert shown.order is after


def test_what_changed_in_a_note_is_said_without_numbers() -> None:
    before = proposed()
    back = step(before, CENTER, "dispatcher", ActKind.WITHDRAW_PROPOSAL).order
    note = Propose(HANDLERS, "先打 13800001234。")
    again = step(back, CENTER, "dispatcher", ActKind.PROPOSE, note).order
    assert "13800001234" not in str(proposal_differences(before.proposal, again.proposal))


def test_a_proposal_taken_back_after_an_emergency_is_gone_from_the_desk() -> None:
    """What is to be signed afterwards waits for a new proposal; the old one must not look signable."""
    order = step(proposed(), CENTER, "dispatcher", ActKind.EMERGENCY).order
    assert order.signature_pending
    assert order.proposal is not None
    back = replace(order, proposal=replace(order.proposal, withdrawn=True))
    assert Shown(order, to_sign=True).met(back).gone == moved_on(back)


def test_the_note_of_the_proposal_is_compared() -> None:
    before = proposed()
    back = step(before, CENTER, "dispatcher", ActKind.WITHDRAW_PROPOSAL).order
    again = step(back, CENTER, "dispatcher", ActKind.PROPOSE, Propose(HANDLERS, "先封路。")).order
    assert proposal_differences(before.proposal, again.proposal) == (
        "拟办意见：请村里先看现场。 → 先封路。",
    )


def test_the_sheet_is_saved_as_pdf(theme: Theme, tmp_path: Path) -> None:
    target = tmp_path / "单.pdf"
    assert "已存为 PDF" in save_pdf(sheet_data(proposed(), CENTER), target, theme)
    assert target.read_bytes().startswith(b"%PDF")
    assert "没存成" in save_pdf(sheet_data(proposed(), CENTER), tmp_path / "no" / "x.pdf", theme)
