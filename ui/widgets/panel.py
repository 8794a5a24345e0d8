"""A titled panel with a place at the right of its head."""

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON, RADIUS
from ui.widgets.badges import Tag
from ui.widgets.base import Themed
from ui.widgets.labels import IconLabel, Label
from ui.widgets.paint_base import paint_box
from ui.widgets.values import TagFace


class Panel(Themed):
    """Content goes into `body`. `padded=False` leaves the body without margins (lists)."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        hint: str = "",
        icon: str = "",
        *,
        padded: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._padded = padded
        self._title = Label(theme, title, token=FontToken.TITLE3)
        self._hint = Label(theme, hint, Role.TEXT2, elide=False)
        self._icon = IconLabel(theme, icon, "", Role.TEXT, size=ICON.normal)
        self._tag: Tag | None = None
        self._head = QWidget(self)
        self.head = QHBoxLayout(self._head)
        self.body = QVBoxLayout()
        self._lay_out(icon)
        self.set_title(title, hint)
        self._restyle()

    def _lay_out(self, icon: str) -> None:
        self.head.addWidget(self._icon)
        # Only now that it has a parent: a widget without one that is made visible is a window of its own.
        self._icon.setVisible(bool(icon))
        self.head.addWidget(self._title)
        self.head.addWidget(self._hint)
        self.head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addLayout(self.body, 1)

    def _restyle(self) -> None:
        px = self._theme.px
        self.head.setContentsMargins(px(16), px(9), px(16), px(10))
        self.head.setSpacing(px(8))
        self._head.setMinimumHeight(px(46))
        side = px(16) if self._padded else 0
        self.body.setContentsMargins(
            side, px(12) if self._padded else 0, side, px(12) if self._padded else 0
        )
        self.body.setSpacing(px(10) if self._padded else 0)

    def set_title(self, title: str, hint: str = "") -> None:
        """Change title and hint."""
        self._title.setText(title)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleName(title)

    def set_tag(self, face: TagFace | None) -> None:
        """A tag right after the title; None removes it."""
        if face is not None and self._tag is None:
            self._tag = Tag(self._theme, face)
            self.head.insertWidget(2, self._tag)
        if self._tag is not None:
            self._tag.setVisible(face is not None)
            if face is not None:
                self._tag.set_face(face)

    def add_at_right(self, widget: QWidget) -> None:
        """A badge, link or note at the right end of the head."""
        self.head.addWidget(widget)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        edge = theme.pen(Role.LINE)
        paint_box(
            painter, QRectF(self.rect()), theme.px(RADIUS.panel), theme.color(Role.SURFACE), edge
        )
        bottom = self._head.geometry().bottom()
        painter.fillRect(QRect(1, bottom, self.width() - 2, 1), theme.color(Role.LINE))
