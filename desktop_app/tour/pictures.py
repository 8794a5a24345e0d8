"""Invented photos for the tour: a road with a hole, drawn, so that no real picture is shipped."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

SKY, HILL, ROAD, HOLE = "#c9d7e3", "#7f9a84", "#8f9094", "#5a4a42"


def draw_photo(path: Path, hole: float) -> None:
    """Write a 1024×768 JPEG of an invented village road; ``hole`` (0–1) is how far it caved in."""
    image = QImage(1024, 768, QImage.Format.Format_RGB32)
    image.fill(QColor(SKY))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    _shape(
        painter,
        HILL,
        (0, 520),
        (260, 180),
        (520, 430),
        (760, 150),
        (1024, 480),
        (1024, 768),
        (0, 768),
    )
    _shape(painter, ROAD, (450, 430), (560, 430), (760, 768), (260, 768))
    size = 40 + 90 * hole
    _shape(painter, HOLE, (500 - size, 690), (480, 600), (520 + size, 620), (560 + size / 2, 720))
    painter.end()
    if not image.save(str(path), quality=88):
        raise OSError(f"cannot write {path}")


def _shape(painter: QPainter, colour: str, *points: tuple[float, float]) -> None:
    painter.setBrush(QColor(colour))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
