"""Text fields that know whether an input method is composing. Nothing may listen to half a word."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

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


class ImeLineEdit(QLineEdit):
    """A line edit with `committed`: emitted for finished text only, never while a preedit is shown."""

    committed = Signal(str)
    composing_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._composing = False
        self._reported = ""
        self.textChanged.connect(self._report)

    def composing(self) -> bool:
        """Whether a preedit string is present."""
        return self._composing

    def event(self, event: QEvent) -> bool:
        if self._composing and event.type() == QEvent.Type.ShortcutOverride:
            # Accepting keeps the key from every shortcut of the window.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._composing and _steals(event):
            event.accept()
            return
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        # Known before Qt works on the event: textChanged comes out in the middle of it.
        composing = bool(event.preeditString())
        changed = composing != self._composing
        self._composing = composing
        super().inputMethodEvent(event)
        if changed:
            self.composing_changed.emit(composing)
        self._report()

    @Slot()
    def _report(self) -> None:
        if not self._composing and self.text() != self._reported:
            self._reported = self.text()
            self.committed.emit(self._reported)

    def set_quietly(self, text: str) -> None:
        """Set the text without reporting it."""
        self._reported = text
        self.setText(text)
        self._reported = self.text()


class ImePlainTextEdit(QPlainTextEdit):
    """A plain-text area with the same guarantee. Tab leaves it; Enter is a new line."""

    committed = Signal(str)
    composing_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._composing = False
        self._reported = ""
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._report)

    def composing(self) -> bool:
        """Whether a preedit string is present."""
        return self._composing

    def event(self, event: QEvent) -> bool:
        if self._composing and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._composing and _steals(event):
            event.accept()
            return
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        # Known before Qt works on the event: textChanged comes out in the middle of it.
        composing = bool(event.preeditString())
        changed = composing != self._composing
        self._composing = composing
        super().inputMethodEvent(event)
        if changed:
            self.composing_changed.emit(composing)
        self._report()

    @Slot()
    def _report(self) -> None:
        text = self.toPlainText()
        if not self._composing and text != self._reported:
            self._reported = text
            self.committed.emit(text)

    def set_quietly(self, text: str) -> None:
        """Set the text without reporting it."""
        self._reported = text
        self.setPlainText(text)
        self._reported = self.toPlainText()
