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


class KeyBar(QWidget):
    def __init__(self, theme: Theme, hints: tuple[KeyHint, ...] = (), parent: QWidget | None = None) -> None: ...
    def set_hints(self, hints: tuple[KeyHint, ...]) -> None: ...
