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


class SearchBox(QWidget):
    """IME-safe search field. `search_requested(text)` 250 ms after the last committed text; nothing during preedit."""

    search_requested = Signal(str)
    left = Signal()
    """Esc: the screen gives the focus back to where it came from."""

    def __init__(
        self, theme: Theme, placeholder: str, shortcut: str = "Ctrl+F", parent: QWidget | None = None
    ) -> None: ...
    def text(self) -> str: ...
    def set_text(self, text: str) -> None:
        """Set without searching."""
