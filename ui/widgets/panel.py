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


class Panel(QWidget):
    """Titled panel. Add content to `body` (QVBoxLayout, padding 12/16); `head` is for things at the right of the title."""

    body: QVBoxLayout
    head: QHBoxLayout

    def __init__(
        self,
        theme: Theme,
        title: str,
        hint: str = "",
        icon: str = "",
        *,
        padded: bool = True,
        parent: QWidget | None = None,
    ) -> None: ...
    def set_title(self, title: str, hint: str = "") -> None: ...
    def set_tag(self, face: TagFace | None) -> None:
        """Tag right after the title."""

    def add_at_right(self, widget: QWidget) -> None:
        """Badge, link or note at the right end of the head."""
