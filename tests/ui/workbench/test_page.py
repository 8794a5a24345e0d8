"""The desk: views, search, filter, selection that stays, keys."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.ids import ActId, OrderId
from desktop_app.domain.intake import new_order
from desktop_app.domain.orders import Order, Stage
from local_store.rows import SavedView, SortKey
from resources.sample import sample_intake
from tests.support.desk import Desk
from ui.theme.theme import Theme
from ui.workbench.model import CLOCK, MATTER
from ui.workbench.page import WorkbenchPage

At = Callable[[Stage], Order]


def test_opens_on_this_shift_with_the_worst_order_chosen(page: WorkbenchPage) -> None:
    table = page.list.table
    assert page.list.query.view is SavedView.SHIFT
    row = table.current_row()
    assert row is not None
    assert page.pane.order_id == row.order_id
    assert "已全部显示" in page.list._foot_text.text()


def test_a_view_holds_as_many_as_its_tab_says(page: WorkbenchPage, desk: Desk) -> None:
    seat = desk.seat()
    for view in (SavedView.TO_ACCEPT, SavedView.TO_SIGN, SavedView.OVERDUE, SavedView.ALL):
        page.list.show_view(view.value)
        counted = desk.store.counts([view], seat.now(), seat.person)[view]
        assert page.list.table.orders.rowCount() == counted


def test_search_waits_for_the_committed_word(page: WorkbenchPage, qtbot: QtBot) -> None:
    page.list.show_view(SavedView.ALL.value)
    everything = page.list.table.orders.rowCount()
    field = page.list.search.field()
    field.setFocus()
    QApplication.sendEvent(field, QInputMethodEvent("gong", []))
    assert page.list.table.orders.rowCount() == everything
    done = QInputMethodEvent()
    done.setCommitString("公厕")
    with qtbot.waitSignal(page.list.search.search_requested, timeout=2000):
        QApplication.sendEvent(field, done)
    found = page.list.table.orders.rowCount()
    assert 0 < found < everything


def test_a_village_is_found_by_its_initials(page: WorkbenchPage, qtbot: QtBot) -> None:
    page.list.show_view(SavedView.ALL.value)
    QTest.keyClicks(page.list.search.field(), "wjw")
    qtbot.waitUntil(lambda: page.list.query.text == "wjw", timeout=2000)
    rows = [page.list.table.orders.row_at(n) for n in range(page.list.table.orders.rowCount())]
    assert rows
    assert {r.village for r in rows if r is not None} == {"魏家湾村"}


def test_nothing_found_offers_to_take_the_filter_away(page: WorkbenchPage, qtbot: QtBot) -> None:
    page.list._on_search("没有这样的事情啊")
    assert page.list._empty.isVisible()
    page.list.show_everything()
    assert page.list.table.isVisible()


def test_f4_filters_by_tier_at_once(page: WorkbenchPage, qtbot: QtBot) -> None:
    QTest.keyClick(page.list.table, Qt.Key.Key_F4)
    assert page.list.filters.isVisible()
    box = page.list.filters.first_box()
    box.set_current_key("livelihood")
    box.activated.emit(box.currentIndex())
    rows = [page.list.table.orders.row_at(n) for n in range(page.list.table.orders.rowCount())]
    assert rows
    assert {r.tier for r in rows if r is not None} == {"livelihood"}
    page.list.filters.clear()
    assert not page.list.filters.is_narrowing()


def test_clicking_a_header_sorts_and_clicking_again_turns_it_round(page: WorkbenchPage) -> None:
    header = page.list.table.horizontalHeader()
    header.sectionClicked.emit(MATTER)
    assert (page.list.query.sort, page.list.query.descending) == (SortKey.NUMBER, True)
    header.sectionClicked.emit(MATTER)
    assert not page.list.query.descending
    header.sectionClicked.emit(CLOCK)
    assert page.list.query.sort is SortKey.URGENCY


def test_a_view_kept_under_a_name_comes_back(
    page: WorkbenchPage, desk: Desk, theme: Theme, qtbot: QtBot
) -> None:
    page.list._on_filtered(replace(page.list.query, tiers=("livelihood",)))
    shown = page.list.table.orders.rowCount()
    page.list._keep.click()
    QTest.keyClicks(page.list._name, "shui")
    page.list._name_ok.click()
    again = WorkbenchPage(desk.seat(), theme)
    qtbot.addWidget(again)
    again.list.show_view("own:shui")
    assert again.list.table.orders.rowCount() == shown


def test_the_chosen_order_stays_under_the_cursor_through_sync(
    page: WorkbenchPage, desk: Desk
) -> None:
    """While somebody works in the list new orders do not push the rows about."""
    table = page.list.table
    table.setFocus()
    table._touch()
    table.setCurrentIndex(table.orders.index(5, 0))
    chosen = table.current_row()
    assert chosen is not None
    fresh = new_order(
        sample_intake(998, desk.clock.now()),
        desk.center,
        OrderId("n1"),
        ActId("d1"),
        desk.clock.now(),
    )
    page.data_changed(desk.receive(fresh))  # type: ignore[arg-type]
    assert table.currentIndex().row() == 5
    assert table.orders.line_of(OrderId("n1")) == -1
    table._used.invalidate()
    table.settle()
    assert table.orders.line_of(OrderId("n1")) >= 0
    now = table.current_row()
    assert now is not None
    assert now.order_id == chosen.order_id
    assert page.pane.order_id == chosen.order_id


def test_without_the_focus_the_list_sorts_at_once(page: WorkbenchPage, desk: Desk) -> None:
    page.pane.setFocus()
    page.list.search.field().setFocus()
    fresh = new_order(
        sample_intake(997, desk.clock.now()),
        desk.center,
        OrderId("n2"),
        ActId("d2"),
        desk.clock.now(),
    )
    page.data_changed(desk.receive(fresh))  # type: ignore[arg-type]
    assert page.list.table.orders.line_of(OrderId("n2")) >= 0


def test_arrows_home_end_choose_and_the_detail_follows(page: WorkbenchPage, qtbot: QtBot) -> None:
    table = page.list.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_End)
    last = table.orders.row_at(table.orders.rowCount() - 1)
    assert last is not None
    assert page.pane.order_id == last.order_id
    QTest.keyClick(table, Qt.Key.Key_Home)
    QTest.keyClick(table, Qt.Key.Key_Down)
    second = table.orders.row_at(1)
    assert second is not None
    assert page.pane.order_id == second.order_id


def test_an_order_of_another_view_is_found_when_asked_for(page: WorkbenchPage, at: At) -> None:
    page.list.show_view(SavedView.TO_ACCEPT.value)
    wanted = at(Stage.ARCHIVED)
    page.open_order(wanted.id)
    row = page.list.table.current_row()
    assert row is not None
    assert row.order_id == wanted.id
    assert page.pane.order_id == wanted.id


def test_too_narrow_for_both_enter_and_esc_go_between_them(
    page: WorkbenchPage, qtbot: QtBot
) -> None:
    page.resize(700, 800)
    assert page.list.isVisible()
    assert not page.pane.isVisible()
    page.list.table.setFocus()
    QTest.keyClick(page.list.table, Qt.Key.Key_Return)
    assert page.pane.isVisible()
    assert not page.list.isVisible()
    QTest.keyClick(page.pane, Qt.Key.Key_Escape)
    assert page.list.isVisible()


def test_a_second_only_repaints_what_counts(page: WorkbenchPage, desk: Desk) -> None:
    before = page.pane.foot._sentence.full_text()
    from datetime import timedelta

    desk.clock.advance(timedelta(seconds=61))
    page.tick(desk.seat().now())
    assert page.pane.foot._sentence.full_text() != before or not before


def test_ctrl_enter_belongs_to_the_proposal_while_it_is_open(
    page: WorkbenchPage, at: At, qtbot: QtBot
) -> None:
    order = at(Stage.VERIFIED)
    page.open_order(order.id)
    page.open_proposal(order.id)
    page.propose_page().note.set_text("请村里先看现场。")
    field = page.propose_page().note.field()
    field.setFocus()
    with qtbot.waitSignal(page.acted, timeout=2000):
        QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    page.close_proposal()
    assert page.list.isVisible()
