"""The countdown cell: icon, 剩/超 and a bar; drawn every second, so nothing is laid out twice."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON
from ui.widgets.kinds import Band
from ui.widgets.paint_base import LEFT, RIGHT, paint_icon, paint_text
from ui.widgets.values import CountdownFace

BAND_ICONS: dict[Band, str] = {
    Band.OK: "circle-check",
    Band.HALF: "hourglass",
    Band.NEAR: "alert-triangle",
    Band.OVER: "alert-octagon",
    Band.HOLD: "player-pause",
}
BAND_TEXT: dict[Band, Role] = {
    Band.OK: Role.OK,
    Band.HALF: Role.HALF,
    Band.NEAR: Role.NEAR,
    Band.OVER: Role.OVER,
    Band.HOLD: Role.HOLD,
}
BAND_BAR: dict[Band, Role] = {
    Band.OK: Role.OKBAR,
    Band.HALF: Role.HALFBAR,
    Band.NEAR: Role.NEARBAR,
    Band.OVER: Role.OVERBAR,
    Band.HOLD: Role.HOLDBAR,
}
_ICON_GAP = 5
_BAR_GAP = 4


def clock_height(theme: Theme) -> int:
    """Height of text and bar together."""
    return _line(theme) + theme.px(_BAR_GAP) + theme.px(HEIGHT.bar)


def clock_width(theme: Theme, text: str) -> int:
    """Width of icon and text."""
    return theme.px(ICON.small) + theme.px(_ICON_GAP) + theme.width(FontToken.NUM, text)


def paint_countdown(
    painter: QPainter, rect: QRect, theme: Theme, face: CountdownFace, *, selected: bool = False
) -> None:
    """Icon and text over the bar, vertically centred in `rect`; the bar takes the whole width."""
    top = rect.top() + (rect.height() - clock_height(theme)) // 2
    line = QRect(rect.left(), top, rect.width(), _line(theme))
    paint_clock_line(painter, line, theme, face, LEFT)
    bar = QRect(
        rect.left(), line.bottom() + 1 + theme.px(_BAR_GAP), rect.width(), theme.px(HEIGHT.bar)
    )
    paint_bar(painter, bar, theme, face, selected=selected)


def paint_clock_line(
    painter: QPainter,
    rect: QRect,
    theme: Theme,
    face: CountdownFace,
    align: Qt.AlignmentFlag = RIGHT,
) -> None:
    """Icon and text only."""
    role = BAND_TEXT[face.band]
    left = rect.left() if align == LEFT else rect.right() + 1 - clock_width(theme, face.text)
    step = paint_icon(
        painter, rect, theme, BAND_ICONS[face.band], role, ICON.small, left
    ) + theme.px(_ICON_GAP)
    room = QRect(left + step, rect.top(), max(0, rect.right() + 1 - left - step), rect.height())
    paint_text(painter, room, theme, face.text, role, FontToken.NUM)


def paint_bar(
    painter: QPainter, rect: QRect, theme: Theme, face: CountdownFace, *, selected: bool = False
) -> None:
    """The bar alone: filled by share, or full and striped (overdue) or dashed (stopped)."""
    trough = Role.SURFACE if selected else Role.SUNKEN
    radius = rect.height() / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(
        theme.pen(Role.LINE) if theme.palette.sunken == theme.palette.surface else Qt.PenStyle.NoPen
    )
    painter.setBrush(theme.color(trough))
    painter.drawRoundedRect(QRectF(rect), radius, radius)
    share = min(max(face.share, 0.0), 1.0)
    if face.band is Band.OVER:
        share = 1.0
    if share <= 0:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_fill(theme, face.band, trough))
    painter.setBrushOrigin(rect.topLeft())
    width = max(rect.width() * share, min(rect.height(), rect.width()) * 0.5)
    painter.drawRoundedRect(QRectF(rect.left(), rect.top(), width, rect.height()), radius, radius)


def _fill(theme: Theme, band: Band, trough: Role) -> QBrush:
    if band is Band.OVER:
        return theme.stripes(Role.OVERBAR, Role.OVERBG)
    if band is Band.HOLD:
        return theme.dashes(Role.HOLDBAR, trough)
    return QBrush(theme.color(BAND_BAR[band]))


def _line(theme: Theme) -> int:
    return theme.px(22)
