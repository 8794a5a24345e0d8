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


class OfflineBanner(QWidget):
    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None: ...
    def show_offline(self, title: str, text: str, waiting: str = "", button: str = "重试") -> None: ...
    def show_back(self, text: str) -> None:
        """One line for 5 s (`已连上,3 条已上传`), then hidden."""

    def hide_now(self) -> None: ...
