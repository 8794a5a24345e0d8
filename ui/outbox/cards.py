"""One waiting record: what it is, since when, and why it is still here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from desktop_app.domain.acts import ACT_TITLES
from desktop_app.domain.masking import mask_text
from local_store.rows import OutboxItem, OutboxStatus
from ui.forms.card_delegate import CardDelegate
from ui.forms.card_list import Card
from ui.present.history import ACT_ICONS
from ui.present.times import day_time, near_time
from ui.present.words import short_number, summary
from ui.theme.roles import FontToken, Role
from ui.widgets.kinds import SyncMark
from ui.widgets.painters import (
    RIGHT,
    paint_icon,
    paint_sync,
    paint_text,
    sync_width,
)
from ui.widgets.values import SyncFace

FACES: dict[OutboxStatus, SyncFace] = {
    OutboxStatus.WAITING: SyncFace(SyncMark.PENDING),
    OutboxStatus.BLOCKED: SyncFace(SyncMark.PENDING, "等前一条"),
    OutboxStatus.DEFERRED: SyncFace(SyncMark.PENDING, "平台稍后收"),
    OutboxStatus.ANSWERED: SyncFace(SyncMark.PENDING, "平台已收，等回单"),
    OutboxStatus.REJECTED: SyncFace(SyncMark.REJECTED, "未采用"),
}
_WHY: dict[OutboxStatus, str] = {
    OutboxStatus.WAITING: "有网自动传。",
    OutboxStatus.BLOCKED: "这件单前面还有一条没传上，按次序传。",
    OutboxStatus.DEFERRED: "平台让稍后再传，到时自动传。",
    OutboxStatus.ANSWERED: "平台已经收下，下次同步就从这里拿走。",
    OutboxStatus.REJECTED: "平台没有采用，请到“裁定”里看。",
}

WAITING = (OutboxStatus.WAITING, OutboxStatus.BLOCKED, OutboxStatus.DEFERRED)
"""What goes by itself when there is a line."""


@dataclass(frozen=True, slots=True)
class OutboxCard:
    """A record. ``photos``: (how many, how many the platform holds)."""

    item: OutboxItem
    photos: tuple[int, int] = (0, 0)

    @property
    def key(self) -> str:
        return str(self.item.act.id)

    @property
    def spoken(self) -> str:
        title = ACT_TITLES[self.item.act.kind]
        return f"{title}，{self.matter}，{self.item.number}，{self.why}"

    @property
    def mark(self) -> SyncFace:
        """The badge."""
        if self.item.exported_at is not None and self.item.status is OutboxStatus.WAITING:
            return SyncFace(SyncMark.PENDING, "已导出")
        return FACES.get(self.item.status, SyncFace(SyncMark.PENDING))

    @property
    def matter(self) -> str:
        """What the order is about, masked."""
        return mask_text(self.item.title)

    @property
    def what(self) -> str:
        """Kind, and what was said."""
        return summary(self.item.act.kind, self.item.act.payload)

    @property
    def why(self) -> str:
        """Why it is still here."""
        reason = self.item.reason or _WHY.get(self.item.status, "")
        if self.item.exported_at is not None and self.item.status in WAITING:
            reason = f"{day_time(self.item.exported_at)} 导出到 U 盘，{reason or '有网自动传。'}"
        count, sent = self.photos
        photos = f"照片 {count} 张，已传 {sent} 张。" if count else ""
        return f"{reason}{photos}"


class OutboxDelegate(CardDelegate):
    """Three lines: act, order and badge; what was said; why it waits and since when."""

    least, inset, line_height = 320, 52, 25

    def draw(self, painter: QPainter, rect: QRect, lines: tuple[QRect, ...], card: Card) -> None:
        assert isinstance(card, OutboxCard)
        theme, px = self._theme, self._theme.px
        icon = ACT_ICONS[card.item.act.kind]
        paint_icon(painter, rect, theme, icon, Role.TEXT2, 24, rect.left() + px(16))
        self._paint_first(painter, QRect(lines[0]), card)
        paint_text(painter, lines[1], theme, card.what or "（没有文字）", Role.TEXT2, elide=True)
        when = f"{near_time(card.item.recorded_at, self.now or card.item.recorded_at)} 记"
        used = theme.width(FontToken.BODY, when)
        paint_text(painter, lines[2], theme, when, Role.TEXT2, align=RIGHT)
        room = lines[2].adjusted(0, 0, -used - px(12), 0)
        paint_text(painter, room, theme, card.why, Role.TEXT3, elide=True)

    def _paint_first(self, painter: QPainter, line: QRect, card: OutboxCard) -> None:
        theme, face = self._theme, card.mark
        paint_sync(painter, line, theme, face, RIGHT)
        room = line.adjusted(0, 0, -sync_width(theme, face) - theme.px(12), 0)
        title = ACT_TITLES[card.item.act.kind]
        used = paint_text(painter, room, theme, title, Role.TEXT, FontToken.STRONG)
        room.setLeft(room.left() + used + theme.px(10))
        order = " · ".join(x for x in (short_number(card.item.number), card.matter) if x)
        paint_text(painter, room, theme, order, Role.TEXT2, elide=True)
