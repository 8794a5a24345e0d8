"""Nothing listens to half a word."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.theme.theme import Theme
from ui.widgets.note_edit import NoteEdit
from ui.widgets.search_box import SearchBox

# The offscreen platform says so at every window that is shown.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def compose(target: QWidget, preedit: str, commit: str = "") -> None:
    """What an input method sends: a preedit string, and at the end the committed text."""
    event = QInputMethodEvent(preedit, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(target, event)


def test_search_waits_for_committed_text(theme: Theme, qtbot: QtBot) -> None:
    box = SearchBox(theme, "编号、村名")
    qtbot.addWidget(box)
    with qtbot.assertNotEmitted(box.search_requested, wait=400):
        compose(box.field(), "wei")
        compose(box.field(), "weijia")
    with qtbot.waitSignal(box.search_requested, timeout=2000) as asked:
        compose(box.field(), "", "魏家湾")
    assert asked.args == ["魏家湾"]


def test_a_preedit_stops_a_search_that_was_about_to_start(theme: Theme, qtbot: QtBot) -> None:
    box = SearchBox(theme, "编号、村名")
    qtbot.addWidget(box)
    with qtbot.assertNotEmitted(box.search_requested, wait=400):
        QTest.keyClicks(box.field(), "wjw")
        compose(box.field(), "cun")
    with qtbot.waitSignal(box.search_requested, timeout=2000) as asked:
        compose(box.field(), "")
    assert asked.args == ["wjw"]


def test_one_search_for_several_keys_and_none_for_text_set_by_code(
    theme: Theme, qtbot: QtBot
) -> None:
    box = SearchBox(theme, "编号、村名")
    qtbot.addWidget(box)
    asked: list[str] = []
    box.search_requested.connect(asked.append)
    with qtbot.waitSignal(box.search_requested, timeout=2000):
        QTest.keyClicks(box.field(), "wjw")
    assert asked == ["wjw"]
    with qtbot.assertNotEmitted(box.search_requested, wait=400):
        box.set_text("")


def test_shortcuts_and_enter_are_dead_while_composing(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    box, note = SearchBox(theme, "编号"), NoteEdit(theme)
    column = QVBoxLayout(window)
    column.addWidget(box)
    column.addWidget(note)
    fired: list[str] = []
    shortcut = QShortcut(QKeySequence("Ctrl+Return"), window)
    shortcut.activated.connect(lambda: fired.append("sign"))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    for field in (box.field(), note.field()):
        field.setFocus()
        compose(field, "tong")
        QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert fired == []
        compose(field, "", "同意")
    assert note.text() == "同意"
    QTest.keyClick(note.field(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: fired == ["sign"])


def test_a_draft_is_never_half_a_word_and_never_lost(theme: Theme, qtbot: QtBot) -> None:
    note = NoteEdit(theme)
    qtbot.addWidget(note)
    drafts: list[str] = []
    note.draft_changed.connect(drafts.append)
    compose(note.field(), "", "同意。")
    compose(note.field(), "cunli")
    assert note.composing()
    assert drafts == []
    with qtbot.waitSignal(note.draft_changed, timeout=4000, raising=False) as waited:
        pass
    assert not waited.signal_triggered
    compose(note.field(), "", "村里")
    note.flush()
    assert drafts == ["同意。村里"]
    note.flush()
    assert drafts == ["同意。村里"]


def test_many_keys_make_one_draft_in_two_seconds(theme: Theme, qtbot: QtBot) -> None:
    note = NoteEdit(theme)
    qtbot.addWidget(note)
    drafts: list[str] = []
    note.draft_changed.connect(drafts.append)
    with qtbot.waitSignal(note.draft_changed, timeout=4000):
        QTest.keyClicks(note.field(), "abcdef")
    assert drafts == ["abcdef"]


def test_text_set_by_code_is_no_draft(theme: Theme, qtbot: QtBot) -> None:
    note = NoteEdit(theme, limit=4)
    qtbot.addWidget(note)
    with qtbot.assertNotEmitted(note.draft_changed), qtbot.assertNotEmitted(note.text_changed):
        note.set_text("超过四个字的话")
        note.flush()
    assert note.text() == "超过四个字的话"
