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


class Label(QLabel):
    """Plain text in a role's colour and a type style. wrap=True breaks lines; elide=True cuts at the right (matter only)."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        role: Role = Role.TEXT,
        token: FontToken = FontToken.BODY,
        *,
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None: ...
    def set_role(self, role: Role) -> None: ...


class IconLabel(QWidget):
    """Icon + word on one line."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        text: str,
        role: Role = Role.TEXT2,
        token: FontToken = FontToken.BODY,
        size: int = 18,
        parent: QWidget | None = None,
    ) -> None: ...
    def set_content(self, icon: str, text: str, role: Role) -> None: ...


class Rule(QWidget):
    """A 1 px line in role `line`, horizontal by default."""

    def __init__(self, theme: Theme, *, vertical: bool = False, parent: QWidget | None = None) -> None: ...


class Ground(QWidget):
    """A plain area filled with a role, with optional lines at edges ("t", "b", "l", "r")."""

    def __init__(
        self, theme: Theme, role: Role = Role.SURFACE, lines: str = "", parent: QWidget | None = None
    ) -> None: ...
