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


class FocusRing(QWidget):
    """One ring for the whole application, 2 px with a gap of 2, around whatever has the focus. Made once in app.py."""

    def __init__(self, application: QApplication, theme: Theme) -> None: ...
