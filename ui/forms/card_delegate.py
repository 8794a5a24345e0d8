"""Cards of a few lines in a list: the ground, and room for each line."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.forms.card_list import CARD_ROLE, Card
from ui.theme.theme import Theme
from ui.widgets.painters import paint_row_ground

LINES = 3
_PAD = 10


class CardDelegate(QStyledItemDelegate):
    """A subclass draws its lines. ``now`` is the page's time, for what is said in relation to it."""

    least = 220  # px: how narrow the list may get
    inset = 16  # px: where the lines begin
    line_height = 26  # px

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.now: datetime | None = None

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        px = self._theme.px
        return QSize(px(self.least), px(2 * _PAD + LINES * self.line_height))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        px, rect = self._theme.px, option.rect
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_row_ground(painter, rect, self._theme, selected=selected)
        left, height = rect.left() + px(self.inset), px(self.line_height)
        first = QRect(left, rect.top() + px(_PAD), rect.right() - px(14) - left, height)
        lines = tuple(first.translated(0, n * height) for n in range(LINES))
        self.draw(painter, rect, lines, index.data(CARD_ROLE))
        painter.restore()

    def draw(self, painter: QPainter, rect: QRect, lines: tuple[QRect, ...], card: Card) -> None:
        """Draw a card: ``rect`` is all of it, ``lines`` the room for each line."""
        raise NotImplementedError
