"""Finding widgets by objectName, and using them as a person would: by mouse, keys and input method."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)

LEFT = Qt.MouseButton.LeftButton


class CannotDo(Exception):
    """A person could not do this now; the message says why."""


def windows() -> list[QWidget]:
    """Return the visible top-level windows, the active one first."""
    shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    active = QApplication.activeWindow()
    return sorted(shown, key=lambda w: w is not active)


def find(name: str) -> QWidget | None:
    """Return the visible widget of this name, in the active window first; None if there is none."""
    for window in windows():
        if window.objectName() == name:
            return window
        for widget in window.findChildren(QWidget, name):
            if widget.isVisible():
                return widget
    return None


def need(name: str) -> QWidget:
    """Return the visible widget of this name. Raises ``CannotDo``."""
    widget = find(name)
    if widget is None:
        raise CannotDo(f"nothing visible is called {name}")
    return widget


def usable(name: str) -> QWidget:
    """Return the widget when a person could use it now. Raises ``CannotDo``."""
    widget = need(name)
    if not widget.isEnabled():
        raise CannotDo(f"{name} is disabled: {text_of(widget)}")
    modal = QApplication.activeModalWidget()
    if modal is not None and widget.window() is not modal:
        raise CannotDo(f"{name} is covered by {modal.objectName() or modal.windowTitle()}")
    _show(widget)
    return widget


def _show(widget: QWidget) -> None:
    """Scroll the widget into view, as a person would before using it."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()


def text_of(widget: QWidget) -> str:
    """Return what the widget says: its text, or all the texts below it."""
    for attribute in ("toPlainText", "currentText", "text"):
        method = getattr(widget, attribute, None)
        if callable(method):
            said = method()
            if isinstance(said, str) and said:
                return said
    parts = [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]
    parts += [w.text() for w in widget.findChildren(QAbstractButton) if w.isVisibleTo(widget)]
    own = [widget.accessibleName(), widget.accessibleDescription()]
    return " ".join(dict.fromkeys(t for t in (*own, *parts, *_spoken(widget)) if t))


def _spoken(widget: QWidget) -> Iterable[str]:
    for child in widget.findChildren(QWidget):
        if child.isVisibleTo(widget):
            yield from (child.accessibleName(), child.accessibleDescription())


def click(name: str) -> None:
    """Press and release the left button in the middle of the widget."""
    widget = usable(name)
    where = widget.rect().center()
    _reach(widget, where, name)
    press_at(widget, where)


def _reach(widget: QWidget, where: QPoint, name: str) -> None:
    """Refuse a place no mouse could hit: outside its window, or under another widget."""
    window = widget.window()
    hit = window.childAt(widget.mapTo(window, where)) or window
    if hit is widget or widget.isAncestorOf(hit):
        return
    raise CannotDo(f"{name} is covered by {hit.objectName() or type(hit).__name__}")


def press_at(widget: QWidget, where: QPoint) -> None:
    """Press and release the left button at ``where``, in the widget's coordinates."""
    local, glob = QPointF(where), QPointF(widget.mapToGlobal(where))
    if not widget.window().isActiveWindow():
        widget.window().activateWindow()
    for kind, buttons in (
        (QEvent.Type.MouseButtonPress, LEFT),
        (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
    ):
        event = QMouseEvent(kind, local, glob, LEFT, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


def type_text(name: str, text: str, *, clear: bool) -> None:
    """Write ``text`` into an editor as an input method commits it."""
    widget = usable(name)
    editor = (
        widget if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit) else _editor(widget)
    )
    if editor is None:
        raise CannotDo(f"{name} takes no text")
    if editor.isReadOnly():
        raise CannotDo(f"{name} is read-only")
    _reach(editor, editor.rect().center(), name)
    editor.setFocus(Qt.FocusReason.MouseFocusReason)
    if clear:
        editor.selectAll()
        _key(editor, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(editor, event)


def _editor(widget: QWidget) -> QLineEdit | QTextEdit | QPlainTextEdit | None:
    for child in widget.findChildren(QWidget):
        if isinstance(child, QLineEdit | QTextEdit | QPlainTextEdit) and child.isVisible():
            return child
    return None


def press_keys(keys: str, name: str, window: QWidget) -> None:
    """Press a key combination, as "Ctrl+Enter", in the named widget or where ``window`` has its focus.

    Not wherever the focus of the program is: a pop-up takes none on a real desktop, but does where
    there is no window manager. Shortcuts come first, as from a real keyboard.
    """
    focused: QWidget | None = window.focusWidget()
    widget = usable(name) if name else (focused if focused is not None else window)
    key, modifiers = _parse(keys)
    from PySide6.QtTest import QTest

    if not widget.window().isActiveWindow():
        widget.window().activateWindow()
        QTest.qWaitForWindowActive(widget.window(), 1000)  # keys of a window work only while active
    QTest.keyClick(widget, key, modifiers)


_MODIFIERS = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
}


def _parse(keys: str) -> tuple[Qt.Key, Qt.KeyboardModifier]:
    """Return key and modifiers of "Ctrl+Enter". Raises ``CannotDo`` for a key nobody knows."""
    *held, last = keys.split("+")
    modifiers = Qt.KeyboardModifier.NoModifier
    for word in held:
        modifiers |= _MODIFIERS[word]
    key = getattr(Qt.Key, f"Key_{'Return' if last == 'Enter' else last}", None)
    if not isinstance(key, Qt.Key):
        raise CannotDo(f"no such key: {keys}")
    return key, modifiers


def _key(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, modifiers))


def choose(name: str, value: str) -> None:
    """Choose ``value`` in a combo box, or press the button below ``name`` that carries it."""
    widget = usable(name)
    combo = widget if isinstance(widget, QComboBox) else None
    if combo is not None:
        return _choose_in_combo(combo, value)
    for button in widget.findChildren(QAbstractButton):
        if button.isVisible() and value in text_of(button):
            if not button.isEnabled():
                raise CannotDo(f"{value} in {name} is disabled")
            return press_at(button, button.rect().center())
    raise CannotDo(f"{name} does not offer {value}")


def _choose_in_combo(combo: QComboBox, value: str) -> None:
    for row in range(combo.count()):
        if value in combo.itemText(row):
            combo.setFocus(Qt.FocusReason.MouseFocusReason)
            combo.setCurrentIndex(row)
            combo.activated.emit(row)
            return
    offered = [combo.itemText(row) for row in range(combo.count())]
    raise CannotDo(f"not offered: {value}; there are {offered}")


def lay_over(picture: QPixmap, popup: QWidget) -> None:
    """Paint a pop-up onto the picture of the window, where it stands on the screen in proportion."""
    screen, place = popup.screen().availableGeometry(), popup.frameGeometry()
    ratio = picture.devicePixelRatio()
    room = picture.size() / ratio - place.size()
    free = screen.size() - place.size()
    left = room.width() * (place.left() - screen.left()) // max(1, free.width())
    top = room.height() * (place.top() - screen.top()) // max(1, free.height())
    painter = QPainter(picture)
    painter.drawPixmap(max(0, left), max(0, top), popup.grab())
    painter.end()
