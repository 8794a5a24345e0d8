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


class SegmentedTabs(QWidget):
    """Saved views with counts; what does not fit goes into 更多. Left/Right move between them."""

    tab_changed = Signal(str)

    def __init__(self, theme: Theme, items: tuple[TabItem, ...] = (), parent: QWidget | None = None) -> None: ...
    def set_items(self, items: tuple[TabItem, ...]) -> None: ...
    def set_count(self, key: str, count: int | None) -> None: ...
    def set_current(self, key: str) -> None:
        """Choose without emitting."""

    def current(self) -> str: ...
