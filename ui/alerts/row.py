"""One row of the reminder: band edge, icon, matter and place, clock and the key that opens it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.alerts.faces import RowFace
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS
from ui.widgets.kinds import Band
from ui.widgets.paint_badges import key_width, paint_key
from ui.widgets.paint_base import CENTER, RIGHT, paint_box, paint_icon, paint_text
from ui.widgets.paint_clock import BAND_BAR, BAND_TEXT

HEIGHT, LINE = 64, 23
_TILE = {
    Band.OVER: (Role.OVER, Role.ONOVER),
    Band.NEAR: (Role.NEARBG, Role.NEAR),
    Band.HALF: (Role.HALFBG, Role.HALF),
    Band.OK: (Role.OKBG, Role.OK),
    Band.HOLD: (Role.HOLDBG, Role.HOLD),
}


class AlertRow(QAbstractButton):
    """A row that opens its order. Seven of them exist, whatever the number of orders."""

    def __init__(self, theme: Theme, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._key = theme, key
        self._face: RowFace | None = None
        self._more = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ringInside", True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleDescription(f"快捷键 {key}")

    @property
    def order_id(self) -> str:
        """The order it opens; empty for the row that tells of the others."""
        return self._face.order_id if self._face else ""

    def set_face(self, face: RowFace) -> None:
        """Show an order. The same face costs nothing: a row is told every second."""
        if face == self._face:
            return
        before = self._face
        if before is None:
            self.updateGeometry()
        self._face, self._more = face, ""
        self.setAccessibleName(face.spoken)
        if before is not None and replace(before, clock=face.clock, spoken=face.spoken) == face:
            wider = max(self._theme.width(FontToken.NUM, f.clock) for f in (before, face))
            self.update(self._clock_place(wider))
        else:
            self.update()

    def set_more(self, words: str) -> None:
        """Be the row that tells how many others there are."""
        if self._face is None and words == self._more:
            return
        if self._face is not None:
            self.updateGeometry()
        self._face, self._more = None, words
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(400), self._theme.px(HEIGHT if self._face else 44))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        ground = Role.ALT if self.underMouse() else Role.SURFACE
        painter.fillRect(self.rect(), theme.color(ground))
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(line, theme.color(Role.LINE))
        if self._face is None:
            self._paint_more(painter)
        elif self._clock_place(self._clock_width(self._face)).contains(event.rect()):
            self._paint_clock(painter, self._face)
        else:
            self._paint_order(painter, self._face)

    def _clock_width(self, face: RowFace) -> int:
        return self._theme.width(FontToken.NUM, face.clock)

    def _clock_place(self, width: int) -> QRect:
        """Where a clock of this width stands: at the right end of the first line."""
        line, right = self._theme.px(LINE), self.width() - self._theme.px(16)
        return QRect(right - width, (self.height() - 2 * line) // 2, width, line)

    def _paint_clock(self, painter: QPainter, face: RowFace) -> None:
        place = self._clock_place(self._clock_width(face))
        role = BAND_TEXT[face.band]
        paint_text(painter, place, self._theme, face.clock, role, FontToken.NUM, RIGHT)

    def _paint_more(self, painter: QPainter) -> None:
        px = self._theme.px
        room = QRect(px(58), 0, self.width() - px(58), self.height())
        paint_text(painter, room, self._theme, self._more, Role.TEXT2, FontToken.STRONG)
        self._paint_key(painter, QRect(0, 0, self.width(), self.height()), "看全部")

    def _paint_order(self, painter: QPainter, face: RowFace) -> None:
        theme, px = self._theme, self._theme.px
        edge = QRect(0, 0, px(5), self.height() - 1)
        painter.fillRect(edge, theme.color(BAND_BAR[face.band]))
        self._paint_tile(painter, face)
        left, line = px(63), px(LINE)
        top = (self.height() - 2 * line) // 2
        right = self.width() - px(16)
        clock = self._clock_width(face)
        first = QRect(left, top, right - left - clock - px(12), line)
        paint_text(painter, first, theme, face.title, Role.TEXT, FontToken.STRONG, elide=True)
        self._paint_clock(painter, face)
        used = self._paint_key(painter, QRect(0, top + line, self.width(), line), "打开")
        second = QRect(left, top + line, right - left - used - px(8), line)
        fits = theme.width(FontToken.BODY, face.place) <= second.width()
        place = face.place if fits else face.short
        paint_text(painter, second, theme, place, Role.TEXT2, elide=True)

    def _paint_tile(self, painter: QPainter, face: RowFace) -> None:
        theme, side = self._theme, self._theme.px(36)
        tile = QRect(theme.px(17), (self.height() - side) // 2, side, side)
        fill, ink = _TILE[face.band]
        edge = theme.pen(ink) if theme.palette.bg == "#000000" else None
        paint_box(painter, QRectF(tile), theme.px(RADIUS.control), theme.color(fill), edge)
        icon = theme.px(22)
        paint_icon(painter, tile, theme, face.icon, ink, 22, tile.left() + (side - icon) // 2)

    def _paint_key(self, painter: QPainter, line: QRect, word: str) -> int:
        """``打开 1`` at the right end of a line; returns its width."""
        theme, px = self._theme, self._theme.px
        wide = key_width(theme, self._key)
        text = theme.width(FontToken.STRONG, word)
        right = line.right() + 1 - px(16)
        cap = QRect(right - wide, line.top(), wide, line.height())
        paint_key(painter, cap, theme, self._key)
        label = QRect(cap.left() - px(6) - text, line.top(), text, line.height())
        paint_text(painter, label, theme, word, Role.PRIMTEXT, FontToken.STRONG, CENTER)
        return wide + text + px(6)
