"""The cards of 我的单: matter and sync badge, number, next step and countdown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.domain.orders import STAGE_TITLES, Stage
from desktop_app.domain.policy import Bands
from local_store.rows import OrderRow
from ui.forms.card_list import CARD_ROLE
from ui.present.clocks import countdown
from ui.present.marks import SYNC_MARKS
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.painters import (
    RIGHT,
    clock_width,
    paint_clock_line,
    paint_row_ground,
    paint_sync,
    paint_text,
    sync_width,
)
from ui.widgets.values import CountdownFace, SyncFace

_PAD, _FIRST, _SECOND = 12, 30, 26


@dataclass(frozen=True, slots=True)
class FieldCard:
    """One order of mine. ``held``: it is no longer mine, but something is still being written for it."""

    row: OrderRow
    held: bool = False

    @property
    def key(self) -> str:
        return str(self.row.order_id)

    @property
    def step(self) -> str:
        """What is to be done next, as the list says it."""
        row = self.row
        if self.held:
            return "已不归您办"
        if row.stage is Stage.SIGNED:
            return "该 接办"
        if row.stage is Stage.HANDLING and row.clock is not None:
            return f"该 {row.clock.label}"
        return STAGE_TITLES[row.stage]

    @property
    def spoken(self) -> str:
        row = self.row
        return f"{row.title}，{row.number}，{self.step}，{row.village}"


class FieldDelegate(QStyledItemDelegate):
    """Two lines."""

    def __init__(self, theme: Theme, bands: Bands) -> None:
        super().__init__()
        self._theme, self._bands = theme, bands
        self.now: datetime | None = None

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(self._theme.px(240), self._theme.px(2 * _PAD + _FIRST + _SECOND - 4))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        card, theme, px = index.data(CARD_ROLE), self._theme, self._theme.px
        assert isinstance(card, FieldCard)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect = option.rect
        painter.save()
        paint_row_ground(painter, rect, theme, selected=selected)
        left = rect.left() + px(16)
        line = QRect(left, rect.top() + px(_PAD - 3), rect.right() - px(16) - left, px(_FIRST))
        badge = SyncFace(SYNC_MARKS[card.row.sync])
        paint_sync(painter, line, theme, badge, RIGHT)
        title = line.adjusted(0, 0, -sync_width(theme, badge) - px(8), 0)
        paint_text(painter, title, theme, card.row.title, Role.TEXT, FontToken.STRONG, elide=True)
        self._paint_second(painter, QRect(left, line.bottom() + 1, line.width(), px(_SECOND)), card)
        painter.restore()

    def _paint_second(self, painter: QPainter, line: QRect, card: FieldCard) -> None:
        theme, face = self._theme, self._face(card.row)
        if face.text:
            paint_clock_line(painter, line, theme, face)
        room = line.adjusted(0, 0, -clock_width(theme, face.text) - theme.px(8), 0)
        used = paint_text(painter, room, theme, short_number(card.row.number), Role.TEXT2)
        room.setLeft(room.left() + used + theme.px(10))
        paint_text(painter, room, theme, card.step, Role.TEXT2, elide=True)

    def _face(self, row: OrderRow) -> CountdownFace:
        return countdown(row.clock, self.now or row.dispatched_at, self._bands, paused=row.paused)
