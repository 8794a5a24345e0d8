"""Paints the lines: seven columns side by side, or, where room is short, two lines in three."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app.domain.policy import Bands
from ui.countdown.lines import Head, Line
from ui.countdown.model import ENTRY_ROLE
from ui.present.clocks import countdown, tier_face
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON
from ui.widgets.kinds import Band
from ui.widgets.painters import (
    BAND_ICONS,
    BAND_TEXT,
    paint_countdown,
    paint_icon,
    paint_row_ground,
    paint_text,
    paint_tier,
    tier_width,
)

HEAD_ROW = 40
NARROW_ROW = 82
WIDE = 1180
"""From this width ÷ scale on all columns stand side by side."""
TITLES = ("剩余（急→缓）", "节点", "等级", "事项 / 编号", "地点", "环节 / 承办", "下一步")
_Index = QModelIndex | QPersistentModelIndex
_LINE = 24


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edge and width of each column for a row of ``width`` px."""

    theme: Theme
    width: int

    def all(self) -> tuple[tuple[int, int], ...]:
        px = self.theme.px
        fixed = (px(144), px(140), px(76), 0, px(86), px(136), px(250))
        gap, pad = px(14), px(16)
        rest = self.width - 2 * pad - gap * (len(fixed) - 1) - sum(fixed)
        left, found = pad, []
        for wide in fixed:
            taken = wide or max(rest, px(120))
            found.append((left, taken))
            left += taken + gap
        return tuple(found)


class CountdownDelegate(QStyledItemDelegate):
    """``now`` is set by the page at each tick; ``narrow`` chooses the two-line form."""

    def __init__(self, theme: Theme, now: datetime, bands: Bands, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.now, self.bands, self.narrow = now, bands, False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Head):
            return QSize(0, self._theme.px(HEAD_ROW))
        return QSize(0, self._theme.px(NARROW_ROW if self.narrow else HEIGHT.row))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry = index.data(ENTRY_ROLE)
        painter.save()
        if isinstance(entry, Head):
            self._paint_head(painter, option.rect, entry)
        elif isinstance(entry, Line):
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            paint_row_ground(painter, option.rect, self._theme, selected=selected)
            if self.narrow:
                self._paint_narrow(painter, option.rect, entry, selected=selected)
            else:
                self._paint_wide(painter, option.rect, entry, selected=selected)
        painter.restore()

    def _paint_head(self, painter: QPainter, rect: QRect, head: Head) -> None:
        theme, px = self._theme, self._theme.px
        painter.fillRect(rect, theme.color(Role.ALT))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color(Role.LINE))
        band = Band(head.band.value)
        role = BAND_TEXT[band]
        left = rect.left() + px(16)
        left += paint_icon(painter, rect, theme, BAND_ICONS[band], role, ICON.normal, left) + px(6)
        room = QRect(left, rect.top(), rect.right() - left, rect.height())
        left += paint_text(painter, room, theme, f"{head.title} {head.count}", role, FontToken.NUM)
        room = QRect(left + px(12), rect.top(), rect.right() - left - px(12), rect.height())
        paint_text(painter, room, theme, head.words, Role.TEXT2)

    def _paint_wide(self, painter: QPainter, rect: QRect, line: Line, *, selected: bool) -> None:
        theme, watch = self._theme, line.watch
        cells = [
            QRect(rect.left() + left, rect.top(), wide, rect.height() - 1)
            for left, wide in Columns(theme, rect.width()).all()
        ]
        self._clock(painter, cells[0], line, selected=selected)
        quiet = Role.TEXT2 if selected else Role.TEXT3
        paint_text(painter, cells[1], theme, line.node, Role.TEXT, FontToken.STRONG, elide=True)
        paint_tier(painter, cells[2], theme, tier_face(watch.tier_title, watch.tier_style))
        first, second = self._two_lines(cells[3])
        paint_text(painter, first, theme, watch.title, Role.TEXT, FontToken.STRONG, elide=True)
        paint_text(painter, second, theme, short_number(watch.number), quiet)
        paint_text(painter, cells[4], theme, watch.village, Role.TEXT, elide=True)
        first, second = self._two_lines(cells[5])
        paint_text(painter, first, theme, line.step, Role.TEXT, FontToken.STRONG, elide=True)
        paint_text(painter, second, theme, watch.holder, Role.TEXT2, elide=True)
        self._next(painter, cells[6], line)

    def _next(self, painter: QPainter, cell: QRect, line: Line) -> None:
        """One line where it fits, else what is waited for above what can be done."""
        theme = self._theme
        before, comma, after = line.next.partition("，")
        if theme.width(FontToken.BODY, line.next) <= cell.width() or not comma:
            paint_text(painter, cell, theme, line.next, Role.TEXT2, elide=True)
            return
        first, second = self._two_lines(cell)
        paint_text(painter, first, theme, before, Role.TEXT2, elide=True)
        paint_text(painter, second, theme, after, Role.TEXT2, elide=True)

    def _paint_narrow(self, painter: QPainter, rect: QRect, line: Line, *, selected: bool) -> None:
        theme, watch, px = self._theme, line.watch, self._theme.px
        half = (rect.height() - 1) // 2
        clock = QRect(rect.left() + px(16), rect.top(), px(142), rect.height() - 1)
        self._clock(painter, clock, line, selected=selected)
        left, right = clock.right() + px(16), rect.right() - px(16)
        wide = px(236)
        room = right - wide - px(16) - left
        upper = QRect(left, rect.top() + px(6), room, half - px(6))
        lower = QRect(left, rect.top() + half, room, half - px(6))
        tier = tier_face(watch.tier_title, watch.tier_style)
        paint_tier(painter, upper, theme, tier)
        matter = upper.adjusted(tier_width(theme, tier) + px(8), 0, 0, 0)
        paint_text(painter, matter, theme, watch.title, Role.TEXT, FontToken.STRONG, elide=True)
        place = " · ".join(p for p in (line.node, watch.village, short_number(watch.number)) if p)
        paint_text(painter, lower, theme, place, Role.TEXT2, elide=True)
        stands = f"{line.step} · {watch.holder}" if watch.holder else line.step
        right_upper = QRect(right - wide, upper.top(), wide, upper.height())
        paint_text(painter, right_upper, theme, stands, Role.TEXT, FontToken.STRONG, elide=True)
        right_lower = QRect(right - wide, lower.top(), wide, lower.height())
        fits = theme.width(FontToken.BODY, line.next) <= wide
        # The line above has just named the holder.
        words = line.next if fits else line.next.replace(watch.holder, "", 1)
        paint_text(painter, right_lower, theme, words, Role.TEXT2, elide=True)

    def _clock(self, painter: QPainter, cell: QRect, line: Line, *, selected: bool) -> None:
        face = countdown(line.watch.clock, self.now, self.bands, paused=line.watch.paused)
        paint_countdown(painter, cell, self._theme, face, selected=selected)

    def _two_lines(self, place: QRect) -> tuple[QRect, QRect]:
        line = self._theme.px(_LINE)
        top = place.top() + (place.height() - 2 * line) // 2
        first = QRect(place.left(), top, place.width(), line)
        return first, first.translated(0, line)
