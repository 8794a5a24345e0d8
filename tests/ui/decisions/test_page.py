"""裁定 by its keys: both versions stay, somebody says which counts, and no text is lost."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Stage
from desktop_app.services import handling, intake, signoff
from tests.support.center import HANDLERS
from tests.support.pages import (
    Alt,
    Ctrl,
    Enter,
    button,
    click,
    clipboard_text,
    part,
    press,
    show_page,
    write,
)
from tests.support.township import Township
from ui.decisions.page import DecisionsPage
from ui.theme.theme import Theme
from ui.widgets.choice_cards import CardButton
from ui.widgets.ime import ImeLineEdit


def disputed(town: Township) -> OrderId:
    """Leader and village conclude the same order without seeing each other."""
    (order_id,) = town.signed()
    town.met(order_id)
    leader, village = town.seat("leader"), town.seat("village")
    town.sync("leader", "village")
    handling.conclude(leader, order_id, "已立警示牌", "11 月 25 日", finished=False)
    town.sync("leader")
    town.pass_time(hours=1)
    handling.conclude(village, order_id, "当天已清空")
    town.pass_time(hours=15)
    town.sync("village", "leader")
    return order_id


def outdated(town: Township, back: str = "") -> OrderId:
    """The secretary signs (or returns for the reason ``back``) while the dispatcher proposes anew."""
    (order_id,) = town.proposed()
    office, desk = town.seat("secretary"), town.seat("dispatcher")
    town.sync("secretary")
    order = office.order(order_id)
    assert order.proposal is not None
    intake.withdraw_proposal(desk, order_id, "漏了站所")
    intake.propose(desk, order_id, HANDLERS[:2], "由村里先看。")
    town.sync("dispatcher")
    if back:
        signoff.return_proposal(office, order_id, order.proposal.hash, back)
    else:
        signoff.sign(office, order_id, order.proposal.hash, "同意。今天先修。")
    town.sync("secretary")
    return order_id


def refused(town: Township, text: str = "渠口堵住约 3 米。") -> OrderId:
    """The village records a step on an order that the platform has withdrawn."""
    (order_id,) = town.signed()
    village = town.seat("village")
    town.sync("village")
    handling.accept(village, order_id)
    town.sync("village")
    number = village.order(order_id).number
    town.from_platform(ActKind.WITHDRAW, number, p.plain(p.Reason("重复派单")))
    handling.determine(village, order_id, "reasonable", text)
    town.sync("village")
    return order_id


def test_the_lead_chooses_the_second_and_the_button_says_so(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = disputed(town)
    leader = town.seat("leader")
    page = show_page(qtbot, DecisionsPage, leader, theme)
    assert button(page, "decideButton").reason == "先选一条"
    press(page, Qt.Key.Key_2, Alt)
    assert button(page, "decideButton").shown_text() == "以乙为准 · 先写理由"
    press(page, Enter, Ctrl)
    assert leader.order(order_id).open_conflicts
    write(page, "decisionReason", "现场已看过")
    press(page, Enter, Ctrl)
    order = leader.order(order_id)
    assert not order.open_conflicts
    assert order.stage is Stage.CONCLUDED
    assert order.conclusion is not None
    assert order.conclusion.measures == "当天已清空"
    assert page.list.cards.rowCount() == 0
    assert any(e.payload.get("measures") == "已立警示牌" for e in order.history)
    town.sync("leader")
    arrived = town.platform.order_by_id(order_id)
    assert arrived is not None
    assert not arrived.open_conflicts


def test_both_versions_are_compared_field_by_field(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    disputed(town)
    page = show_page(qtbot, DecisionsPage, town.seat("village"), theme)
    first, second = page.view.first._side, page.view.second._side
    differing = [field.label for field in first.fields if field.differs]
    assert differing == ["结论", "措施", "承诺"]
    assert [field.label for field in first.fields] == [field.label for field in second.fields]
    assert second.title == "我这台机器的版本"
    assert second.origin.startswith("离线 15 时")


def test_who_does_not_decide_sees_everything_and_the_reason(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = disputed(town)
    page = show_page(qtbot, DecisionsPage, town.seat("village"), theme)
    assert not part(page, CardButton, "choiceFirst").isEnabled()
    assert button(page, "decideButton").reason == "这件单由领办选定"
    press(page, Qt.Key.Key_1, Alt)
    page.primary()
    assert town.seat("village").order(order_id).open_conflicts


def test_put_off_keeps_both_and_stays_in_the_list(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = disputed(town)
    leader = town.seat("leader")
    page = show_page(qtbot, DecisionsPage, leader, theme)
    click(page, "choicePutOff")
    write(page, "decisionReason", "明天当面核")
    press(page, Enter, Ctrl)
    (conflict,) = leader.order(order_id).open_conflicts
    assert conflict.put_off
    assert page.list.cards.rowCount() == 1


def test_choice_and_reason_are_kept_as_a_draft(qtbot: QtBot, theme: Theme, town: Township) -> None:
    disputed(town)
    leader = town.seat("leader")
    page = show_page(qtbot, DecisionsPage, leader, theme)
    press(page, Qt.Key.Key_1, Alt)
    write(page, "decisionReason", "警示牌要紧")
    page.flush()
    again = show_page(qtbot, DecisionsPage, leader, theme)
    assert again.view.choice() == "first"
    assert part(again, ImeLineEdit, "decisionReason").text() == "警示牌要紧"


def test_an_outdated_signature_shows_the_difference_and_is_signed_again(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = outdated(town)
    office = town.seat("secretary")
    assert not office.order(order_id).assignments
    page = show_page(qtbot, DecisionsPage, office, theme)
    sides = page.view.first._side, page.view.second._side
    helpers = [[f.value for f in side.fields if f.label == "帮办"] for side in sides]
    assert helpers == [["无"], ["乡农办"]]
    press(page, Qt.Key.Key_1, Alt)
    assert part(page, ImeLineEdit, "decisionReason").text() == "同意。今天先修。"
    press(page, Enter, Ctrl)
    order = office.order(order_id)
    assert order.stage is Stage.SIGNED
    assert order.signature is not None
    assert order.proposal is not None
    assert order.signature.proposal_hash == order.proposal.hash
    assert not order.open_conflicts


def test_an_outdated_signature_may_end_in_a_return(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = outdated(town)
    office = town.seat("secretary")
    page = show_page(qtbot, DecisionsPage, office, theme)
    press(page, Qt.Key.Key_2, Alt)
    write(page, "decisionReason", "还要加农办")
    press(page, Enter, Ctrl)
    order = office.order(order_id)
    assert (order.stage, order.returned) == (Stage.VERIFIED, "还要加农办")
    assert not order.open_conflicts


def test_an_outdated_return_is_shown_beside_the_new_proposal_and_changes_nothing(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = outdated(town, back="请加上农办")
    office = town.seat("secretary")
    assert office.order(order_id).stage is Stage.PROPOSED
    page = show_page(qtbot, DecisionsPage, office, theme)
    assert page.view.second._side.title.endswith("退回时的拟办")
    said = {f.label: f.value for f in page.view.second._side.fields}
    assert said["退回理由"] == "请加上农办"
    press(page, Qt.Key.Key_2, Alt)
    write(page, "decisionReason", "新版也要加农办")
    press(page, Enter, Ctrl)
    order = office.order(order_id)
    assert (order.stage, order.returned) == (Stage.VERIFIED, "新版也要加农办")
    assert not order.open_conflicts


def test_a_refused_record_is_read_copied_and_kept_as_a_note(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = refused(town)
    village = town.seat("village")
    page = show_page(qtbot, DecisionsPage, village, theme)
    assert "渠口堵住约 3 米。" in page.view.refused.text()
    click(page, "decisionCopy")
    assert "渠口堵住约 3 米。" in clipboard_text()
    press(page, Qt.Key.Key_1, Alt)
    press(page, Enter, Ctrl)
    notes = [e for e in village.order(order_id).history if e.kind is ActKind.NOTE]
    assert "渠口堵住约 3 米。" in notes[-1].payload["text"]
    assert page.list.cards.rowCount() == 0


def test_a_refused_record_shows_and_copies_no_whole_number(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    """It is the author's own text, but who stands behind him has not asked for it with a reason."""
    order_id = refused(town, "回电 13800001234，渠口堵住。")
    village = town.seat("village")
    page = show_page(qtbot, DecisionsPage, village, theme)
    assert "回电 138****1234，渠口堵住。" in page.view.refused.text()
    click(page, "decisionCopy")
    assert "13800001234" not in clipboard_text()
    press(page, Qt.Key.Key_1, Alt)
    press(page, Enter, Ctrl)
    notes = [e for e in village.order(order_id).history if e.kind is ActKind.NOTE]
    assert "13800001234" in notes[-1].payload["text"], "the record itself keeps every digit"


def test_a_refused_record_goes_back_into_its_form(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    order_id = refused(town)
    village = town.seat("village")
    page = show_page(qtbot, DecisionsPage, village, theme)
    press(page, Qt.Key.Key_2, Alt)
    with qtbot.waitSignal(page.open_requested) as asked:
        press(page, Enter, Ctrl)
    assert asked.args == [order_id]
    draft = village.store.load_draft(order_id, "determine")
    assert draft is not None
    assert draft.values["text"] == "渠口堵住约 3 米。"


def test_a_refused_record_is_put_away_only_on_purpose(
    qtbot: QtBot, theme: Theme, town: Township
) -> None:
    refused(town)
    page = show_page(qtbot, DecisionsPage, town.seat("village"), theme)
    press(page, Enter, Ctrl)
    assert page.list.cards.rowCount() == 1
    press(page, Qt.Key.Key_3, Alt)
    press(page, Enter, Ctrl)
    assert page.list.cards.rowCount() == 0
