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


class NavRail(QWidget):
    entry_chosen = Signal(str)

    def __init__(self, theme: Theme, items: tuple[NavItem, ...] = (), parent: QWidget | None = None) -> None: ...
    def set_items(self, items: tuple[NavItem, ...]) -> None: ...
    def set_count(self, key: str, count: int) -> None: ...
    def set_current(self, key: str) -> None: ...
