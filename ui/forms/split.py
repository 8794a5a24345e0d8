"""A list beside its detail; where the window is too narrow for both, one or the other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.theme.theme import Theme
from ui.widgets.base import Themed

WIDE, NARROW = 1200, 800
"""Widths of the page, in px of the drawings, from which the list is broad or still beside the detail."""


class ListAndDetail(Themed):
    """The list takes ``broad`` or ``slim`` px. Enter and Esc go between the two in a narrow window."""

    single_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        listed: QWidget,
        detail: QWidget,
        *,
        broad: int,
        slim: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._listed, self._detail = listed, detail
        self._broad, self._slim = broad, slim
        self._opened = False
        self._single = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(listed)
        row.addWidget(detail, 1)

    @property
    def single(self) -> bool:
        """Whether only one of the two is shown."""
        return self._single

    def open_detail(self) -> None:
        """Go to the detail."""
        self._opened = True
        self._arrange()

    def back(self) -> None:
        """Go to the list."""
        self._opened = False
        self._arrange()
        self._listed.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back()
            event.accept()
            return
        super().keyPressEvent(event)

    def _restyle(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width = self.width() / self._theme.scale
        single = width < NARROW
        if single:
            self._listed.setMinimumWidth(0)
            self._listed.setMaximumWidth(16777215)
        else:
            self._listed.setFixedWidth(self._theme.px(self._broad if width >= WIDE else self._slim))
        self._listed.setVisible(not single or not self._opened)
        self._detail.setVisible(not single or self._opened)
        if single != self._single:
            self._single = single
            self.single_changed.emit(single)
