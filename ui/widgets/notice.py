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


class Notice(QWidget):
    """Inline notice: what happened + what to do. Hidden until shown; never a dialog."""

    action_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None: ...
    def show_notice(self, kind: NoticeKind, title: str, what_to_do: str = "", button: str = "") -> None: ...
    def clear(self) -> None: ...
