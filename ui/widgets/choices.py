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


class ChoiceRow(QWidget):
    """Radio-like buttons with ○ / ✓. Arrows move, Space chooses; tall=True: 44 px."""

    choice_changed = Signal(str)

    def __init__(
        self, theme: Theme, choices: tuple[Choice, ...] = (), *, tall: bool = False, parent: QWidget | None = None
    ) -> None: ...
    def set_choices(self, choices: tuple[Choice, ...]) -> None: ...
    def set_current(self, key: str) -> None: ...
    def current(self) -> str: ...
