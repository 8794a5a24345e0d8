"""Pages in tests: shown with the focus in them, driven by real keys and clicks, found by object name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from ui.forms.page import Page
from ui.theme.theme import Theme
from ui.widgets.buttons import ActionButton

P = TypeVar("P", bound=Page)
W = TypeVar("W", bound=QWidget)
Ctrl = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier
Alt = Qt.KeyboardModifier.AltModifier
Enter = Qt.Key.Key_Return
EVERYTHING = ChangeSet(everything=True)


def show_page(
    qtbot: QtBot,
    make: Callable[[Seat, Theme], P],
    seat: Seat,
    theme: Theme,
    width: int = 1360,
    height: int = 760,
) -> P:
    """The page on the screen, active, with the focus where a person would find it."""
    page = make(seat, theme)
    qtbot.addWidget(page)
    page.resize(width, height)
    page.show()
    page.activateWindow()
    page.setFocus()
    qtbot.waitUntil(page.isActiveWindow)
    return page


def part(page: QWidget, kind: type[W], name: str) -> W:
    """The visible part of that name; fails when there is none."""
    QApplication.processEvents()  # what was laid out just now is shown by a posted event
    found = [each for each in page.findChildren(kind, name) if each.isVisible()]
    assert found, f"{name} is not on the screen"
    return found[-1]


def click(page: QWidget, name: str) -> None:
    """A click with the left button."""
    QTest.mouseClick(part(page, QWidget, name), Qt.MouseButton.LeftButton)


def press(page: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
    """A key, given to what has the focus."""
    target = QApplication.focusWidget() or page
    QTest.keyClick(target, key, modifiers or Qt.KeyboardModifier.NoModifier)


def write(page: QWidget, name: str, text: str) -> None:
    """Write into a field as an input method does: committed text."""
    field = part(page, QWidget, name)
    field.setFocus()
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(field, event)


def compose(page: QWidget, name: str, preedit: str) -> None:
    """Begin to write with an input method: a preedit that is not committed. "" ends it."""
    field = part(page, QWidget, name)
    field.setFocus()
    QApplication.sendEvent(field, QInputMethodEvent(preedit, []))


def button(page: QWidget, name: str) -> ActionButton:
    """A button on the screen."""
    return part(page, ActionButton, name)


def picture(color: int = 0x557755, size: int = 64) -> bytes:
    """A small JPEG of one colour."""
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(color)
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "JPG", 90)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def clipboard_text() -> str:
    """What was copied."""
    return QGuiApplication.clipboard().text()
