"""Shared widgets: keys, reasons, plain text, live restyling."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ui.gallery import samples
from ui.gallery.boards import BOARDS
from ui.shell.help import HelpSheet
from ui.theme.roles import FontToken, Role, ThemeName
from ui.theme.theme import Theme
from ui.widgets.badges import NodeDots
from ui.widgets.buttons import PlainButton, PrimaryButton
from ui.widgets.choices import ChoiceRow
from ui.widgets.combo import Combo
from ui.widgets.facts_list import FactsList
from ui.widgets.focus_ring import FocusRing
from ui.widgets.keys import sequences
from ui.widgets.kinds import NoticeKind
from ui.widgets.labels import Label
from ui.widgets.nav_rail import NavButton, NavRail
from ui.widgets.notice import Notice
from ui.widgets.offline_banner import OfflineBanner
from ui.widgets.photo_strip import PhotoStrip
from ui.widgets.photo_view import PhotoView
from ui.widgets.tabs import SegmentedTabs, TabButton
from ui.widgets.timeline import Timeline, TimelineModel
from ui.widgets.values import Choice, Fact, Option, TabItem, TimelineItem

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
EVIL = "<b>张女士</b><img src='x'> &amp;"


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    """A window that holds the widget and is active."""
    window = QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(widget)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def test_text_from_outside_is_never_rich_text(theme: Theme, qtbot: QtBot) -> None:
    facts = FactsList(theme)
    notice = Notice(theme)
    banner = OfflineBanner(theme)
    for widget in (facts, notice, banner):
        qtbot.addWidget(widget)
    facts.set_facts((Fact("诉求人", EVIL, note=EVIL),))
    notice.show_notice(NoticeKind.WARN, EVIL, EVIL)
    banner.show_offline(EVIL, EVIL)
    labels = [label for widget in (facts, notice, banner) for label in widget.findChildren(QLabel)]
    assert labels
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)
    laid_out = theme.static_text(FontToken.BODY, EVIL)
    assert laid_out.textFormat() == Qt.TextFormat.PlainText
    assert abs(laid_out.size().width() - theme.width(FontToken.BODY, EVIL)) < 3


def test_enter_on_a_key_cap_means_both_enter_keys() -> None:
    both = {QKeySequence("Ctrl+Enter"), QKeySequence("Ctrl+Return")}
    assert set(sequences("Ctrl+Enter")) == both
    assert sequences("空格") == [QKeySequence(Qt.Key.Key_Space)]
    assert sequences("Ctrl −") == [QKeySequence("Ctrl+-")]


def test_a_button_works_by_its_key_until_it_is_refused(theme: Theme, qtbot: QtBot) -> None:
    button = PrimaryButton(theme, "办结", shortcut="Ctrl+Enter")
    window = shown(qtbot, button)
    clicks: list[int] = []
    button.clicked.connect(lambda: clicks.append(1))
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Enter, Qt.KeyboardModifier.ControlModifier)
    assert len(clicks) == 2
    button.refuse("先填“说明情况”")
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(clicks) == 2
    assert button.shown_text() == "办结 · 先填“说明情况”"
    assert "先填“说明情况”" in button.accessibleDescription()
    button.allow()
    assert button.isEnabled()
    assert button.shown_text() == "办结"


def test_plain_enter_presses_only_the_button_with_the_focus(theme: Theme, qtbot: QtBot) -> None:
    field, button = QLineEdit(), PlainButton(theme, "催办", shortcut="F7")
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.addWidget(field)
    column.addWidget(button)
    window = shown(qtbot, holder)
    clicks: list[int] = []
    button.clicked.connect(lambda: clicks.append(1))
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert clicks == []
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert clicks == [1]
    assert window.isVisible()


def test_a_row_of_choices_is_chosen_from_by_keys(theme: Theme, qtbot: QtBot) -> None:
    row = ChoiceRow(theme, (Choice("no", "不能选", "原因"), Choice("a", "甲"), Choice("b", "乙")))
    qtbot.addWidget(row)
    row.show()
    row.activateWindow()
    row.setFocus()
    assert row.focusWidget() is not row
    QTest.keyClick(row.focusWidget(), Qt.Key.Key_Right)
    QTest.keyClick(row.focusWidget(), Qt.Key.Key_Space)
    assert row.current() == "b"


def test_what_is_late_stays_in_sight_whatever_view_is_chosen(theme: Theme, qtbot: QtBot) -> None:
    items = [TabItem(f"v{n}", "视图", n) for n in range(9)]
    items[5] = TabItem("late", "超时", 3, "alert-octagon", stays=True)
    tabs = SegmentedTabs(theme, tuple(items))
    qtbot.addWidget(tabs)
    tabs.resize(420, 40)
    tabs.show()
    for key in ("v0", "v4", "v8"):
        tabs.set_current(key)
        seen = [b.item.key for b in tabs.findChildren(TabButton) if b.isVisible() and b.item.key]
        assert key in seen
        assert "late" in seen
        assert seen == [item.key for item in items if item.key in seen]


def test_tabs_keep_the_chosen_view_in_sight(theme: Theme, qtbot: QtBot) -> None:
    tabs = SegmentedTabs(theme, samples.TABS)
    qtbot.addWidget(tabs)
    tabs.resize(420, 40)
    tabs.show()
    hidden = [b.item.key for b in tabs.findChildren(TabButton) if b.isHidden()]
    assert "all" in hidden
    with qtbot.assertNotEmitted(tabs.tab_changed):
        tabs.set_current("all")
    chosen = next(b for b in tabs.findChildren(TabButton) if b.item.key == "all")
    assert chosen.isVisible()
    assert chosen.geometry().right() < tabs.width()
    tabs.set_count("all", 64)
    assert chosen.accessibleName() == "全部在办 64 件"


def test_arrows_move_between_tabs(theme: Theme, qtbot: QtBot) -> None:
    tabs = SegmentedTabs(theme, samples.TABS)
    tabs.setMinimumWidth(800)
    window = shown(qtbot, tabs)
    tabs.findChildren(TabButton)[1].setFocus()
    with qtbot.waitSignal(tabs.tab_changed) as changed:
        QTest.keyClick(tabs, Qt.Key.Key_Right)
    assert changed.args == ["verify"]
    assert window.isVisible()


def test_the_rail_puts_what_does_not_fit_behind_more(theme: Theme, qtbot: QtBot) -> None:
    rail = NavRail(theme, samples.NAV)
    qtbot.addWidget(rail)
    rail.resize(80, 420)
    rail.show()
    rail.set_current("analysis")
    visible = [b.item.text for b in rail.findChildren(NavButton) if b.isVisible()]
    assert "更多" in visible
    assert {"分析", "设置"} <= set(visible)
    rail.resize(80, 900)
    assert all(b.isVisible() for b in rail.findChildren(NavButton) if b.item.key)


def test_choices_say_why_one_is_closed(theme: Theme, qtbot: QtBot) -> None:
    row = ChoiceRow(theme, (Choice("a", "本人签"), Choice("b", "代签", "未授权")))
    window = shown(qtbot, row)
    with qtbot.assertNotEmitted(row.choice_changed):
        row.set_current("a")
    closed = next(w for w in row.children() if isinstance(w, QWidget) and not w.isEnabled())
    assert isinstance(closed, QWidget)
    assert closed.accessibleDescription() == "未授权"
    assert row.current() == "a"
    assert window.isVisible()


def test_a_combo_speaks_only_for_people(theme: Theme, qtbot: QtBot) -> None:
    combo = Combo(theme)
    qtbot.addWidget(combo)
    with qtbot.assertNotEmitted(combo.option_chosen):
        combo.set_options((Option("a", "甲"), Option("b", "乙")), "b")
    assert combo.current_key() == "b"


def test_the_timeline_model_is_sound_and_rows_grow_with_text(
    theme: Theme, qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    model = TimelineModel()
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.set_items(samples.ACTS)
    timeline = Timeline(theme)
    qtbot.addWidget(timeline)
    timeline.resize(480, 500)
    timeline.set_items(samples.ACTS)
    heights = [timeline.sizeHintForRow(row) for row in range(len(samples.ACTS))]
    assert heights[2] > heights[0] > heights[5]
    index: QModelIndex = timeline.model().index(1, 0)
    assert "待上传" in str(index.data())


def test_the_open_act_stays_open_when_the_history_grows(theme: Theme, qtbot: QtBot) -> None:
    timeline = Timeline(theme)
    qtbot.addWidget(timeline)
    timeline.set_items(samples.ACTS[2:])
    timeline.setCurrentIndex(timeline.model().index(0, 0))
    newer: tuple[TimelineItem, ...] = samples.ACTS
    timeline.set_items(newer)
    assert timeline.currentIndex().row() == 2


def test_photos_break_into_lines(theme: Theme, qtbot: QtBot) -> None:
    strip = PhotoStrip(theme, samples.photos())
    qtbot.addWidget(strip)
    assert strip.heightForWidth(900) == 126
    assert strip.heightForWidth(330) == 2 * 126 + 12


def test_an_eliding_label_keeps_its_whole_text_for_assistive_technology(
    theme: Theme, qtbot: QtBot
) -> None:
    label = Label(theme, "门前道路破损塌陷，影响民宿经营", Role.TEXT, elide=True)
    qtbot.addWidget(label)
    label.resize(80, 24)
    label.show()
    assert label.text().endswith("…")
    assert label.accessibleName() == label.full_text() == "门前道路破损塌陷，影响民宿经营"


def test_nodes_are_spoken(theme: Theme, qtbot: QtBot) -> None:
    dots = NodeDots(theme, samples.ROWS[0][-1])
    qtbot.addWidget(dots)
    assert dots.accessibleName().startswith("1 已完成；3 超时未完成")


def test_the_ring_surrounds_the_focus_and_survives_its_window(
    theme: Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    ring = FocusRing(qapp, theme)
    button = PlainButton(theme, "催办")
    window = shown(qtbot, button)
    button.setFocus()
    qtbot.waitUntil(ring.isVisible)
    assert ring.geometry().contains(button.geometry())
    assert ring.width() == button.width() + 8
    window.close()
    window.deleteLater()
    qtbot.waitUntil(lambda: not ring.isVisible())
    ring.deleteLater()


@pytest.mark.parametrize("dies", ["field", "panel"])
def test_the_ring_survives_what_it_surrounds(
    theme: Theme, qtbot: QtBot, qapp: QApplication, dies: str
) -> None:
    """A form that is taken away with the focus in it: an exception in an event filter is a crash."""
    ring = FocusRing(qapp, theme)
    panel, field, other = QWidget(), QLineEdit(), QLineEdit()
    QVBoxLayout(panel).addWidget(field)
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(panel)
    column.addWidget(other)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(ring.isVisible)
    (field if dies == "field" else panel).deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert isValid(ring)
    ring.repaint()
    window.resize(400, 300)
    other.setFocus()
    qtbot.waitUntil(lambda: ring.isVisible() and ring.parentWidget() is window)
    ring.deleteLater()


@pytest.mark.parametrize("cover", ["photo", "help"])
def test_what_covers_the_window_goes_away_though_the_focus_has_nowhere_to_return_to(
    theme: Theme, qtbot: QtBot, cover: str
) -> None:
    """News rebuilt the panel below, while somebody looked at a photo or at the keys."""
    field = QLineEdit()
    window = shown(qtbot, field)
    field.setFocus()
    over: QWidget
    if cover == "photo":
        over = PhotoView(theme, samples.picture(110), "门前", window)
    else:
        over = sheet = HelpSheet(theme, window)
        sheet.toggle()
    qtbot.waitUntil(over.hasFocus)
    field.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QTest.keyClick(over, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(over) or not over.isVisible())


@pytest.mark.parametrize("name", list(ThemeName))
@pytest.mark.parametrize("build", list(BOARDS.values()), ids=list(BOARDS))
def test_every_board_survives_a_change_of_theme_and_scale(
    theme: Theme, qtbot: QtBot, build: Callable[[Theme], QWidget], name: ThemeName
) -> None:
    board = build(theme)
    qtbot.addWidget(board)
    board.show()
    before = board.grab().toImage()
    theme.set_look(name, 1.25)
    after: QImage = board.grab().toImage()
    assert before != after
