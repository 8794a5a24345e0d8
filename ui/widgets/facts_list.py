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


class FactsList(QWidget):
    action_requested = Signal(str)

    def __init__(self, theme: Theme, columns: int = 1, parent: QWidget | None = None) -> None: ...
    def set_facts(self, facts: tuple[Fact, ...]) -> None: ...
