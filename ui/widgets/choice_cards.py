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


class ChoiceCards(QWidget):
    """Large choices with their outcome (conflict); shortcuts are bound while shown."""

    choice_changed = Signal(str)

    def __init__(self, theme: Theme, choices: tuple[CardChoice, ...] = (), parent: QWidget | None = None) -> None: ...
    def set_choices(self, choices: tuple[CardChoice, ...]) -> None: ...
    def set_current(self, key: str) -> None: ...
    def current(self) -> str: ...
