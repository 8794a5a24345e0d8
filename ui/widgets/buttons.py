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


class ActionButton(QAbstractButton):
    """Text + icon + key cap. `shortcut` is shown ("Ctrl+Enter") and bound while the button can be seen; bind=False only shows it.
    big=True: 44 px; else 40. Never a default button: Enter alone only works with the focus on it."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        *,
        icon: str = "",
        shortcut: str = "",
        big: bool = False,
        bind: bool = True,
        menu: bool = False,
        parent: QWidget | None = None,
    ) -> None: ...
    def allow(self) -> None:
        """Usable again, with its own label."""

    def refuse(self, reason: str) -> None:
        """Visible, disabled, dashed, with the reason in the label: `办结 · 先填“说明情况”`."""


class PrimaryButton(ActionButton):
    """The one primary action of a view (big by default)."""


class SealButton(ActionButton):
    """签批 only."""


class PlainButton(ActionButton):
    """Any other action."""


class LinkButton(ActionButton):
    """Flat, in link colour: 查看号码(留痕), 全部 T."""
