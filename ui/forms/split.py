"""A list beside its detail; where the window is too narrow for both, one or the other."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.buttons import PlainButton
from ui.widgets.labels import Ground

WIDE = 1200
"""Width of the page, in px of the drawings, from which the list is broad."""


class ListAndDetail(Themed):
    """The list takes ``broad`` or ``slim`` px; where ``needs`` px are not left for the detail, there is
    one of the two, and Enter and Esc (or a button) go between them.
    """

    single_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        listed: QWidget,
        detail: QWidget,
        *,
        broad: int,
        slim: int,
        needs: int,
        back: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._listed = listed
        self._broad, self._slim, self._needs = broad, slim, needs
        self._opened = False
        self._single = False
        self._bar = Ground(theme, Role.ALT, "b")
        button = PlainButton(
            theme, back, icon="arrow-left", shortcut="Esc", bind_key=False, height=36
        )
        button.setObjectName("backToList")
        button.clicked.connect(self.back)
        self._bar_row = QHBoxLayout(self._bar)
        self._bar_row.addWidget(button)
        self._bar_row.addStretch(1)
        self._right = QWidget()
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(detail, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        # Both together may need more than the window has: then one of them is shown.
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row.addWidget(listed)
        row.addWidget(self._right, 1)
        self._restyle()

    @property
    def single(self) -> bool:
        """Whether only one of the two is shown."""
        return self._single

    def open_detail(self) -> None:
        """Go to the detail."""
        self._opened = True
        self._arrange()

    @Slot()
    def back(self) -> None:
        """Go to the list."""
        self._opened = False
        self._arrange()
        self._listed.setFocus(Qt.FocusReason.OtherFocusReason)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(320), self._theme.px(240))

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
        px = self._theme.px
        self._bar_row.setContentsMargins(px(20), px(6), px(20), px(6))
        self._arrange()

    def _arrange(self) -> None:
        width = self.width() / self._theme.scale
        single = width < self._slim + self._needs
        if single:
            self._listed.setMinimumWidth(0)
            self._listed.setMaximumWidth(16777215)
        else:
            self._listed.setFixedWidth(self._theme.px(self._broad if width >= WIDE else self._slim))
        self._listed.setVisible(not single or not self._opened)
        self._right.setVisible(not single or self._opened)
        self._bar.setVisible(single)
        if single != self._single:
            self._single = single
            self.single_changed.emit(single)
