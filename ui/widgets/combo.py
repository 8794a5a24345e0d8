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


class Combo(QComboBox):
    option_chosen = Signal(str)

    def __init__(self, theme: Theme, options: tuple[Option, ...] = (), parent: QWidget | None = None) -> None: ...
    def set_options(self, options: tuple[Option, ...], current: str = "") -> None: ...
    def current_key(self) -> str: ...
    def set_current_key(self, key: str) -> None: ...
