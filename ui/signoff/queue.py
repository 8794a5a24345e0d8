"""The cards of the queue: what each shows, which may be signed together, and how they are painted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_app.domain.orders import STAGE_TITLES
from desktop_app.domain.policy import Bands
from local_store.rows import OrderRow, SyncState
from ui.forms.card_list import CARD_ROLE
from ui.present.clocks import countdown, tier_face
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.kinds import SyncMark, Tone
from ui.widgets.painters import (
    LEFT,
    RIGHT,
    clock_width,
    paint_clock_line,
    paint_icon,
    paint_row_ground,
    paint_sync,
    paint_tag,
    paint_text,
    paint_tier,
    sync_width,
    tag_width,
    tier_width,
)
from ui.widgets.values import CountdownFace, SyncFace, TagFace

_BOX = 44
"""Width of the place for the tick or the lock, which is also where a click ticks."""
_PAD, _GAP, _LINE = 9, 8, 26
MARKS = {
    SyncState.PENDING: SyncMark.PENDING,
    SyncState.CONFLICT: SyncMark.CONFLICT,
    SyncState.REJECTED: SyncMark.REJECTED,
    SyncState.SYNCED: SyncMark.SYNCED,
}


@dataclass(frozen=True, slots=True)
class QueueCard:
    """One order of the queue. ``lock``: why it cannot be signed together with others ("": it can)."""

    row: OrderRow
    lock: str = ""
    ticked: bool = False
    waiting: bool = True
    """Waits for a signature, so that there is a tick or a lock."""

    @property
    def key(self) -> str:
        return str(self.row.order_id)

    @property
    def spoken(self) -> str:
        row = self.row
        state = "已选入批签" if self.ticked else (f"须逐件签：{self.lock}" if self.lock else "")
        parts = (row.tier_title, row.number, row.title, row.village, STAGE_TITLES[row.stage], state)
        return "，".join(part for part in parts if part)

    def tags(self) -> tuple[TagFace, ...]:
        """What is special about it, in the order of weight."""
        row, found = self.row, []
        if row.signature_pending:
            found.append(TagFace("紧急处置中，待补签", Tone.OVER))
        if row.repeat > 1:
            found.append(TagFace(f"第 {row.repeat} 次诉求"))
        if self.lock and not found:
            found.append(TagFace(self.lock.rstrip("。")))
        if not self.waiting:
            found.append(TagFace(STAGE_TITLES[row.stage]))
        return tuple(found)


class QueueDelegate(QStyledItemDelegate):
    """Three lines: tier, number and countdown; the matter; village and tags."""

    def __init__(self, theme: Theme, bands: Bands) -> None:
        super().__init__()
        self._theme, self._bands = theme, bands
        self.now: datetime | None = None

    def box_width(self) -> int:
        """How far from the left a click ticks."""
        return self._theme.px(_BOX)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        px = self._theme.px
        return QSize(px(240), 2 * px(_PAD) + px(28) + 2 * px(_LINE) - px(3))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        card = index.data(CARD_ROLE)
        assert isinstance(card, QueueCard)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        paint_row_ground(painter, option.rect, self._theme, selected=selected)
        if card.waiting:
            self._paint_box(painter, option.rect, card)
        self._paint_lines(painter, option.rect, card)
        painter.restore()

    def _paint_box(self, painter: QPainter, rect: QRect, card: QueueCard) -> None:
        icon = "lock" if card.lock else ("square-check" if card.ticked else "square")
        role = Role.TEXT3 if card.lock else Role.PRIMARY
        size = 20 if card.lock else 24
        left = rect.left() + (self._theme.px(_BOX + 4) - self._theme.px(size)) // 2
        paint_icon(painter, rect, self._theme, icon, role, size, left)

    def _paint_lines(self, painter: QPainter, rect: QRect, card: QueueCard) -> None:
        px, row = self._theme.px, card.row
        left = rect.left() + px(_BOX + 4 if card.waiting else 16)
        line = QRect(left, rect.top() + px(_PAD), rect.right() - px(14) - left, px(28))
        tier = tier_face(row.tier_title, row.tier_style)
        paint_tier(painter, line, self._theme, tier)
        face = self._face(row)
        number = QRect(line)
        number.setLeft(left + tier_width(self._theme, tier) + px(_GAP))
        if face.text:
            number.setRight(line.right() - clock_width(self._theme, face.text) - px(_GAP))
            paint_clock_line(painter, line, self._theme, face)
        paint_text(painter, number, self._theme, short_number(row.number), Role.TEXT2, elide=True)
        line = QRect(left, line.bottom() + 1, line.width(), px(_LINE - 2))
        paint_text(painter, line, self._theme, row.title, Role.TEXT, FontToken.STRONG, elide=True)
        line = QRect(left, line.bottom() + 1, line.width(), px(_LINE - 1))
        self._paint_last(painter, line, card)

    def _paint_last(self, painter: QPainter, line: QRect, card: QueueCard) -> None:
        theme, right = self._theme, line.right()
        mark = MARKS[card.row.sync]
        if not card.waiting or mark in (SyncMark.CONFLICT, SyncMark.REJECTED):
            paint_sync(painter, line, theme, SyncFace(mark), RIGHT)
            right -= sync_width(theme, SyncFace(mark)) + theme.px(_GAP)
        room = QRect(line.left(), line.top(), right - line.left(), line.height())
        used = paint_text(painter, room, theme, card.row.village, Role.TEXT2, elide=True)
        left = line.left() + used + theme.px(_GAP)
        for tag in card.tags():
            width = tag_width(theme, tag)
            if left + width > right:
                return
            paint_tag(painter, QRect(left, line.top(), width, line.height()), theme, tag, LEFT)
            left += width + theme.px(_GAP)

    def _face(self, row: OrderRow) -> CountdownFace:
        return countdown(row.clock, self.now or row.dispatched_at, self._bands, paused=row.paused)
