"""A multi-line note that saves itself: counter, draft caption, nothing of half a word."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.ime import ImePlainTextEdit
from ui.widgets.labels import IconLabel, Label

_DRAFT_MS = 2000


class DraftTimer(QObject):
    """Passes texts on at most every 2 s, and not while `composing`; the last one is never lost."""

    draft_changed = Signal(str)

    def __init__(self, field: ImePlainTextEdit, interval_ms: int = _DRAFT_MS) -> None:
        super().__init__(field)
        self._field = field
        self._dirty = False
        self._timer = QTimer(self, singleShot=True, interval=interval_ms)
        self._timer.timeout.connect(self._on_timeout)
        field.committed.connect(self._on_committed)

    @Slot(str)
    def _on_committed(self, _text: str) -> None:
        self._dirty = True
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        if self._field.composing():
            self._timer.start()
        else:
            self.flush()

    def flush(self) -> None:
        """Emit a waiting draft at once: the field loses the focus, the screen closes."""
        self._timer.stop()
        if self._dirty:
            self._dirty = False
            self.draft_changed.emit(self._field.toPlainText())

    def forget(self) -> None:
        """The text was set from outside: there is nothing to save."""
        self._timer.stop()
        self._dirty = False


class NoteEdit(Themed):
    """Plain-text area with `68 / 200 字 · 草稿已存 09:40` below. Over the limit it says so; nothing is cut off."""

    draft_changed = Signal(str)
    text_changed = Signal(str)
    """Every committed change, for enabling buttons."""

    def __init__(
        self,
        theme: Theme,
        *,
        limit: int = 200,
        placeholder: str = "",
        hint: str = "",
        hint_icon: str = "file-text",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._limit, self._saved_at = limit, ""
        self._field = ImePlainTextEdit()
        self._field.setPlaceholderText(placeholder)
        self._field.setAccessibleName(name or placeholder)
        self._field.committed.connect(self._on_committed)
        self._field.installEventFilter(self)
        self._drafts = DraftTimer(self._field)
        self._drafts.draft_changed.connect(self.draft_changed)
        self._counter = Label(theme, "", Role.TEXT2)
        self._hint = IconLabel(theme, hint_icon, hint, Role.TEXT2)
        self._lay_out()
        self._hint.setVisible(bool(hint))
        self._restyle()
        self._count()

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self._hint)
        foot.addStretch(1)
        foot.addWidget(self._counter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._field, 1)
        column.addLayout(foot)
        self.setFocusProxy(self._field)

    def _restyle(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.setSpacing(self._theme.px(6))
        self._field.setMinimumHeight(self._theme.px(64))

    def text(self) -> str:
        """The committed text."""
        return self._field.toPlainText()

    def set_text(self, text: str) -> None:
        """Set the text without emitting."""
        self._field.set_quietly(text)
        self._drafts.forget()
        self._count()

    def set_saved_at(self, time: str) -> None:
        """Show when the draft was last kept on this machine."""
        self._saved_at = time
        self._count()

    def set_read_only(self, read_only: bool) -> None:
        """Show without editing."""
        self._field.setReadOnly(read_only)

    def flush(self) -> None:
        """Emit a waiting draft now."""
        self._drafts.flush()

    def composing(self) -> bool:
        """Whether an input method is composing."""
        return self._field.composing()

    def field(self) -> ImePlainTextEdit:
        """The text area, for the tab order."""
        return self._field

    @Slot(str)
    def _on_committed(self, text: str) -> None:
        self._count()
        self.text_changed.emit(text)

    def _count(self) -> None:
        length = len(self.text())
        words = f"{length} / {self._limit} 字"
        if length > self._limit:
            words += f"，多 {length - self._limit} 字"
        if self._saved_at:
            words += f" · 草稿已存 {self._saved_at}"
        self._counter.setText(words)
        self._counter.set_role(Role.NEAR if length > self._limit else Role.TEXT2)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field and event.type() == QEvent.Type.FocusOut:
            self.flush()
        return super().eventFilter(watched, event)
