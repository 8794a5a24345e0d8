"""Text fields that know whether an input method is composing. Nothing may listen to half a word."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

if TYPE_CHECKING:

    class _Field(QWidget):
        """The Qt class beside which ``_Composing`` stands, and the signals of the whole."""

        committed = Signal(str)
        composing_changed = Signal(bool)
else:
    _Field = object

# While a candidate list is open, these keys belong to it even if the platform passes them on.
_OWN_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def _steals(event: QKeyEvent) -> bool:
    """Whether a key would trigger a command (or leave the field) instead of typing."""
    leaving = event.key() in (
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Escape,
        Qt.Key.Key_Tab,
    )
    return leaving or bool(event.modifiers() & _OWN_MODIFIERS)


class _Composing(_Field):
    """What both fields have in common; stands before the Qt class, so that every event comes here first."""

    _is_composing = False
    _reported = ""

    def composing(self) -> bool:
        """Whether a preedit string is present."""
        return self._is_composing

    def event(self, event: QEvent) -> bool:
        if self._is_composing and event.type() == QEvent.Type.ShortcutOverride:
            # Accepting keeps the key from every shortcut of the window.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_composing and _steals(event):
            event.accept()
            return
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        # Known before Qt works on the event: textChanged comes out in the middle of it.
        composing = bool(event.preeditString())
        changed = composing != self._is_composing
        self._is_composing = composing
        super().inputMethodEvent(event)
        if changed:
            self.composing_changed.emit(composing)
        self._report()

    def _report(self) -> None:
        text = self._written()
        if not self._is_composing and text != self._reported:
            self._reported = text
            self.committed.emit(text)

    def set_quietly(self, text: str) -> None:
        """Set the text without reporting it."""
        self._reported = text
        self._write(text)
        self._reported = self._written()

    def _written(self) -> str:
        raise NotImplementedError

    def _write(self, text: str) -> None:
        raise NotImplementedError


class ImeLineEdit(_Composing, QLineEdit):
    """A line edit with `committed`: emitted for finished text only, never while a preedit is shown."""

    committed = Signal(str)
    composing_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.textChanged.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._report()

    def _written(self) -> str:
        return self.text()

    def _write(self, text: str) -> None:
        self.setText(text)


class ImePlainTextEdit(_Composing, QPlainTextEdit):
    """A plain-text area with the same guarantee. Tab leaves it; Enter is a new line."""

    committed = Signal(str)
    composing_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._report()

    def _written(self) -> str:
        return self.toPlainText()

    def _write(self, text: str) -> None:
        self.setPlainText(text)
