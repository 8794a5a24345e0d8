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


class Timeline(QListView):
    """Acts of an order, newest first (the caller's order is kept). Enter opens the current act."""

    act_opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None: ...
    def set_items(self, items: tuple[TimelineItem, ...]) -> None: ...
