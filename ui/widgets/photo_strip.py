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


class PhotoStrip(QWidget):
    add_requested = Signal()
    photo_opened = Signal(str)

    def __init__(
        self,
        theme: Theme,
        photos: tuple[Photo, ...] = (),
        *,
        can_add: bool = True,
        shortcut: str = "F2",
        add_text: str = "拍照",
        parent: QWidget | None = None,
    ) -> None: ...
    def set_photos(self, photos: tuple[Photo, ...]) -> None: ...
