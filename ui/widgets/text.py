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


def countdown_text(seconds: float, stopped: bool = False) -> str:
    """剩 1天4时, 剩 6时37分, under 1 h 剩 22分44秒; negative: 超 …; stopped: 停表."""
