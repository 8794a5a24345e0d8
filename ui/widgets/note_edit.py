"""API outline; implementation follows."""

# ruff: noqa
# mypy: ignore-errors
from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import *
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.kinds import *
from ui.widgets.values import *


class NoteEdit(QWidget):
    """Plain-text field with counter and draft caption; IME-safe. `draft_changed(text)` at most every 2 s, never during preedit."""

    draft_changed = Signal(str)
    text_changed = Signal(str)
    """Each committed change (for enabling buttons)."""

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
    ) -> None: ...
    def text(self) -> str: ...
    def set_text(self, text: str) -> None:
        """Set without emitting."""

    def set_saved_at(self, time: str) -> None:
        """`草稿已存 09:40`."""

    def flush(self) -> None:
        """Emit a waiting draft now (leaving the screen, closing)."""

    def composing(self) -> bool: ...
