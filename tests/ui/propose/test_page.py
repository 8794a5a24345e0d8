"""拟办 through the widgets."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.orders import Duty, Order, Stage
from desktop_app.services import intake
from tests.support.desk import Desk
from tests.support.pages import show_page
from ui.propose.page import ProposePage
from ui.theme.theme import Theme


@pytest.fixture
def page(desk: Desk, theme: Theme, qtbot: QtBot) -> ProposePage:
    return show_page(qtbot, ProposePage, desk.seat(), theme, height=816)


@pytest.fixture
def order(desk: Desk) -> Order:
    return next(o for o in desk.orders if o.stage is Stage.VERIFIED)


def test_suggests_a_lead_and_the_village_and_submits(
    page: ProposePage, desk: Desk, order: Order, qtbot: QtBot
) -> None:
    page.open(order.id)
    duties = [h.duty for h in page.picker.handlers()]
    assert duties[0] is Duty.LEAD
    assert Duty.ASSIST in duties
    page.note.field().setPlainText("请村里先看现场。")
    with qtbot.waitSignal(page.done):
        QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    after = desk.store.view(order.id)
    assert after is not None
    assert after.stage is Stage.PROPOSED
    assert after.proposal is not None
    assert after.proposal.note == "请村里先看现场。"
    assert desk.store.load_draft(order.id, "propose") is None


def test_a_draft_comes_back_and_says_when_it_was_kept(
    page: ProposePage, desk: Desk, order: Order
) -> None:
    page.open(order.id)
    page.note.field().setPlainText("写了一半")
    page._on_keep()
    other = next(o for o in desk.orders if o.stage is Stage.VERIFIED and o.id != order.id)
    page.open(other.id)
    assert page.note.text() == ""
    page.open(order.id)
    assert page.note.text() == "写了一半"
    assert "草稿已存 09:42" in page.note._counter.text()


def test_ctrl_g_goes_round_the_groups(page: ProposePage, order: Order) -> None:
    page.open(order.id)
    if len(page._groups) < 2:
        pytest.skip("one group only")
    first = page.picker.handlers()
    page._other.click()
    assert page.picker.handlers() != first
    for _ in range(len(page._groups) - 1):
        page._other.click()
    assert page.picker.handlers() == first


def test_too_long_a_note_is_not_cut_but_refused(
    page: ProposePage, desk: Desk, order: Order
) -> None:
    page.open(order.id)
    page.note.field().setPlainText("长" * 201)
    page.primary()
    after = desk.store.view(order.id)
    assert after is not None
    assert after.stage is Stage.VERIFIED
    assert page._notice.isVisible()
    assert len(page.note.text()) == 201


def test_somebody_else_proposed_meanwhile_the_text_stays(
    page: ProposePage, desk: Desk, order: Order
) -> None:
    page.open(order.id)
    page.note.field().setPlainText("我写的")
    handlers = page.picker.handlers()
    changes = intake.propose(desk.seat("sun"), order.id, handlers, "孙先生写的")
    page.data_changed(changes)
    assert not page._submit.isEnabled()
    assert page._notice.isVisible()
    assert page.note.text() == "我写的"


def test_emergency_needs_its_reason(page: ProposePage, desk: Desk, order: Order) -> None:
    page.open(order.id)
    page._urgent.click()
    page._start.click()
    assert page._notice.isVisible()
    page._why.setText("墙要倒")
    page._start.click()
    after = desk.store.view(order.id)
    assert after is not None
    assert after.signature_pending


def test_phone_numbers_in_the_text_are_masked(page: ProposePage, desk: Desk, order: Order) -> None:
    from dataclasses import replace

    text = "请打 13912345678 找我"
    desk.receive(replace(order, rev=order.rev + 1, matter=replace(order.matter, text=text)))
    page.open(order.id)
    assert "13912345678" not in page._text.text()
    assert "139****5678" in page._text.text()
