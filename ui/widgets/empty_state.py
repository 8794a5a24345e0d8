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


class EmptyState(QWidget):
    action_requested = Signal()

    def __init__(
        self, theme: Theme, icon: str, sentence: str, button: str = "", parent: QWidget | None = None
    ) -> None: ...
    def set_content(self, icon: str, sentence: str, button: str = "") -> None: ...
