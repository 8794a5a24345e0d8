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


class PairCard(QWidget):
    photo_opened = Signal(str)

    def __init__(
        self, theme: Theme, side: PairSide, *, chosen: bool = False, parent: QWidget | None = None
    ) -> None: ...
    def set_side(self, side: PairSide) -> None: ...
    def set_chosen(self, chosen: bool) -> None: ...
