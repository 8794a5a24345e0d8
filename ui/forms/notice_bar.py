"""A notice with room around it that takes no room while there is nothing to tell."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.notice import Notice


class NoticeBar(Themed):
    """Shows and hides itself with its notice."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.notice = Notice(theme)
        self.notice.setObjectName(name)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.notice)
        self.notice.installEventFilter(self)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(20), px(10), px(20), px(2))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.notice and event.type() == QEvent.Type.ShowToParent:
            self.show()
        elif watched is self.notice and event.type() == QEvent.Type.HideToParent:
            self.hide()
        return super().eventFilter(watched, event)
