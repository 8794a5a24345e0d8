"""Pixmap tiles for the bars of overdue and stopped clocks (Qt's own patterns are hairlines and do not scale)."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF


def stripes(front: QColor, back: QColor, scale: float) -> QPixmap:
    """Diagonal stripes, two thirds front to one third back, seamless in both directions."""
    size = round(12 * scale)
    tile = QPixmap(size, size)
    tile.fill(back)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(front)
    wide = size * 0.62
    for start in (-size, 0.0, float(size)):
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(start, size),
                    QPointF(start + wide, size),
                    QPointF(start + wide + size, 0),
                    QPointF(start + size, 0),
                ]
            )
        )
    painter.end()
    return tile


def dashes(front: QColor, back: QColor, scale: float) -> QPixmap:
    """Upright dashes, half and half."""
    size = max(2, round(8 * scale))
    tile = QPixmap(size, size)
    tile.fill(back)
    painter = QPainter(tile)
    painter.fillRect(QRectF(0, 0, size / 2, size), front)
    painter.end()
    return tile
