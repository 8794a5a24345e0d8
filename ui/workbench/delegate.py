"""Paints the rows: six columns side by side, or, where room is short, two lines in two columns."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app.domain.policy import Bands
from local_store.rows import OrderRow, SyncState
from ui.present.clocks import tier_face
from ui.present.words import short_number
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON
from ui.widgets.kinds import NodeState
from ui.widgets.painters import (
    dots_width,
    paint_countdown,
    paint_dots,
    paint_icon,
    paint_row_ground,
    paint_text,
    paint_tier,
    tier_width,
)
from ui.widgets.text import SYNC_ICONS, SYNC_WORDS
from ui.workbench import model as m
from ui.workbench.cells import STAGE_ICONS, SYNC_MARKS, clock_face, node_faces, step_text

NARROW_ROW = 78
_LINE = 24
_Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """``now`` and ``bands`` are set by the table at each tick; ``narrow`` chooses the two-line form."""

    def __init__(self, theme: Theme, now: datetime, bands: Bands, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.now, self.bands, self.narrow = now, bands, False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, self._theme.px(NARROW_ROW if self.narrow else HEIGHT.row))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(m.ROW_ROLE)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        self._ground(painter, option.rect, index.column(), selected=selected)
        if row is not None:
            # The header cell has a padding of 8 px: what stands below it starts at the same place.
            place = option.rect.adjusted(self._theme.px(8), 0, -self._theme.px(4), -1)
            if self.narrow:
                self._paint_narrow(painter, place, row, index.column(), selected=selected)
            else:
                self._paint_wide(painter, place, row, index.column(), selected=selected)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRect, column: int, *, selected: bool) -> None:
        theme = self._theme
        if column == (m.MATTER if self.narrow else m.TIER):
            paint_row_ground(painter, rect, theme, selected=selected)
            return
        painter.fillRect(rect, theme.color(Role.SELECT if selected else Role.SURFACE))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color(Role.LINE))

    def _paint_wide(
        self, painter: QPainter, place: QRect, row: OrderRow, column: int, *, selected: bool
    ) -> None:
        theme = self._theme
        if column == m.TIER:
            paint_tier(
                painter,
                place.adjusted(theme.px(4), 0, 0, 0),
                theme,
                tier_face(row.tier_title, row.tier_style),
            )
        elif column == m.MATTER:
            self._matter(painter, place, row, selected=selected)
        elif column == m.PLACE:
            paint_text(painter, place, theme, row.village, Role.TEXT, elide=True)
        elif column == m.STEP:
            self._step(painter, place, row, selected=selected)
        elif column == m.CLOCK:
            self._clock(painter, place, row, selected=selected)
        else:
            self._dots(painter, place, row)

    def _matter(self, painter: QPainter, place: QRect, row: OrderRow, *, selected: bool) -> None:
        theme = self._theme
        first, second = self._two_lines(place)
        paint_text(painter, first, theme, row.title, Role.TEXT, FontToken.STRONG, elide=True)
        quiet = Role.TEXT2 if selected else Role.TEXT3
        used = paint_text(painter, second, theme, short_number(row.number), quiet)
        left = second.left() + used + theme.px(8)
        left += self._sync_sign(painter, second, row, left)
        if row.repeat > 1:
            left += paint_icon(painter, second, theme, "repeat", Role.HALF, ICON.small, left)
            room = QRect(left + theme.px(3), second.top(), second.right() - left, second.height())
            paint_text(painter, room, theme, f"第 {row.repeat} 次", Role.HALF, elide=True)

    def _sync_sign(self, painter: QPainter, line: QRect, row: OrderRow, left: int) -> int:
        """Only what is not yet with the platform is marked: icon and word; returns the room it took."""
        if row.sync is SyncState.SYNCED:
            return 0
        theme, mark = self._theme, SYNC_MARKS[row.sync]
        role = Role.HALF if row.sync is SyncState.PENDING else Role.OVER
        icon = paint_icon(painter, line, theme, SYNC_ICONS[mark], role, ICON.small, left)
        room = QRect(
            left + icon + theme.px(3), line.top(), line.right() - left - icon, line.height()
        )
        used = paint_text(painter, room, theme, SYNC_WORDS[mark], role, elide=True)
        return icon + theme.px(11) + used

    def _step(self, painter: QPainter, place: QRect, row: OrderRow, *, selected: bool) -> None:
        theme = self._theme
        first, second = self._two_lines(place)
        icon = STAGE_ICONS[row.stage]
        step = paint_icon(painter, first, theme, icon, Role.TEXT, ICON.small, first.left())
        room = first.adjusted(step + theme.px(4), 0, 0, 0)
        paint_text(painter, room, theme, step_text(row), Role.TEXT, FontToken.STRONG)
        paint_text(painter, second, theme, row.holder, Role.TEXT2, elide=True)

    def _clock(self, painter: QPainter, place: QRect, row: OrderRow, *, selected: bool) -> None:
        face = clock_face(row, self.now, self.bands)
        if face.text:
            paint_countdown(painter, place, self._theme, face, selected=selected)

    def _dots(self, painter: QPainter, place: QRect, row: OrderRow) -> None:
        """The circles. Where five do not fit the first ones that are done are left to the detail."""
        nodes = node_faces(row, self.now)
        while len(nodes) > 1 and dots_width(self._theme, len(nodes)) > place.width() + 4:
            done = nodes[0].state in (NodeState.MET, NodeState.LATE)
            nodes = nodes[1:] if done else nodes[:-1]
        paint_dots(painter, place, self._theme, nodes)

    def _two_lines(self, place: QRect) -> tuple[QRect, QRect]:
        line = self._theme.px(_LINE)
        top = place.top() + (place.height() - 2 * line) // 2
        first = QRect(place.left(), top, place.width(), line)
        return first, first.translated(0, line)

    def _paint_narrow(
        self, painter: QPainter, place: QRect, row: OrderRow, column: int, *, selected: bool
    ) -> None:
        theme = self._theme
        half = place.height() // 2
        upper = QRect(place.left(), place.top(), place.width(), half)
        lower = QRect(place.left(), place.top() + half, place.width(), half)
        if column == m.MATTER:
            self._narrow_words(painter, upper, lower, row)
        elif column == m.CLOCK:
            face = clock_face(row, self.now, self.bands)
            clock = upper.adjusted(0, theme.px(4), 0, theme.px(2))
            if face.text:
                paint_countdown(painter, clock, theme, face, selected=selected)
            self._dots(painter, lower.adjusted(0, theme.px(2), 0, -theme.px(4)), row)

    def _narrow_words(self, painter: QPainter, upper: QRect, lower: QRect, row: OrderRow) -> None:
        theme = self._theme
        tier = tier_face(row.tier_title, row.tier_style)
        left = theme.px(4)
        paint_tier(painter, upper.adjusted(left, 0, 0, 0), theme, tier)
        matter = upper.adjusted(left + tier_width(theme, tier) + theme.px(8), 0, 0, 0)
        paint_text(painter, matter, theme, row.title, Role.TEXT, FontToken.STRONG, elide=True)
        words = f"{row.village} · {step_text(row)}"
        line = lower.adjusted(left, 0, 0, 0)
        used = paint_text(painter, line, theme, words, Role.TEXT2, elide=True)
        self._sync_sign(painter, line, row, line.left() + used + theme.px(8))
