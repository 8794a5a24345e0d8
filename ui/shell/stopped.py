"""What stands in the window when the store cannot be used: what happened, what to do, and the way out."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.empty_state import BigIcon
from ui.widgets.labels import Label


class StoppedPage(Themed):
    """A page without work on it."""

    acted = Signal(object)
    open_requested = Signal(str)
    notice = Signal(str, str)
    quit_requested = Signal()

    def __init__(
        self, theme: Theme, title: str, advice: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.setObjectName("stoppedPage")
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(BigIcon(theme, "database"), 0, Qt.AlignmentFlag.AlignHCenter)
        for text, token, name in (
            (title, FontToken.TITLE1, "stoppedTitle"),
            (advice, FontToken.BODY, "stoppedAdvice"),
        ):
            label = Label(theme, text, Role.TEXT, token, wrap=True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setObjectName(name)
            column.addWidget(label)
        self._button = PlainButton(theme, "关闭程序", icon="power")
        self._button.setObjectName("quitButton")
        self._button.clicked.connect(self.quit_requested)
        self.setFocusProxy(self._button)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        column.setSpacing(theme.px(16))

    def keys(self) -> tuple[tuple[str, str], ...]:
        return ()

    @Slot(object)
    def data_changed(self, _changes: object) -> None: ...

    def tick(self, _now: datetime) -> None: ...

    def primary(self) -> None: ...
