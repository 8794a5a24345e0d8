"""The small strokes all painters share: text, icon, rounded box."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme

LEFT = Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignRight
CENTER = Qt.AlignmentFlag.AlignHCenter


def device_ratio(painter: QPainter) -> float:
    """The ratio icons must be drawn for, so that they are sharp on a scaled screen."""
    return float(painter.device().devicePixelRatioF())


def paint_text(
    painter: QPainter,
    rect: QRect,
    theme: Theme,
    text: str,
    role: Role,
    token: FontToken = FontToken.BODY,
    align: Qt.AlignmentFlag = LEFT,
    *,
    elide: bool = False,
) -> int:
    """One line of plain text, vertically centred in `rect`; returns the width used."""
    metrics = theme.metrics(token)
    if elide:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    laid_out = theme.static_text(token, text)
    width = laid_out.size().width()
    left = rect.left() + (
        0.0 if align == LEFT else (rect.width() - width) / (1 if align == RIGHT else 2)
    )
    # Whole pixels: a text that starts between two pixels is blurred.
    top = rect.top() + round((rect.height() - metrics.ascent() - metrics.descent()) / 2)
    painter.setFont(theme.font(token))
    painter.setPen(theme.color(role))
    painter.drawStaticText(QPointF(round(left), top), laid_out)
    return round(width)


def paint_icon(
    painter: QPainter, rect: QRect, theme: Theme, name: str, role: Role, size: float, left: int
) -> int:
    """An icon of `size` px of the drawings at `left`, centred in the height of `rect`; returns its width."""
    side = theme.px(size)
    pixmap = theme.pixmap(name, role, size, device_ratio(painter))
    painter.drawPixmap(left, rect.top() + (rect.height() - side) // 2, pixmap)
    return side


def paint_box(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    edge: QPen | None = None,
) -> None:
    """A rounded box whose border lies inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if edge is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        half = edge.widthF() / 2
        rect = rect.adjusted(half, half, -half, -half)
        painter.setPen(edge)
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()


def left_middle(rect: QRect, width: int, height: int, align: Qt.AlignmentFlag = LEFT) -> QRect:
    """A box of the given size at the left, right or centre of `rect`, vertically centred."""
    left = rect.left()
    if align == RIGHT:
        left = rect.right() + 1 - width
    elif align == CENTER:
        left += (rect.width() - width) // 2
    return QRect(left, rect.top() + (rect.height() - height) // 2, width, height)


def paint_row_ground(
    painter: QPainter, rect: QRect, theme: Theme, *, selected: bool, line: bool = True
) -> None:
    """Ground of a list row: surface or selection, the 4 px left edge of the selected row, the line below."""
    painter.fillRect(rect, theme.color(Role.SELECT if selected else Role.SURFACE))
    if selected:
        painter.fillRect(
            QRect(rect.left(), rect.top(), theme.px(4), rect.height()), theme.color(Role.PRIMARY)
        )
    if line:
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color(Role.LINE))
