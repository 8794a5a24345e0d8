"""API outline; implementation follows."""

# ruff: noqa
# mypy: ignore-errors
from pathlib import Path
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPagedPaintDevice, QPainter
from ui.sheet.data import SheetData
from ui.theme.theme import Theme


def paint_sheet(painter: QPainter, rect: QRectF, data: SheetData, theme: Theme) -> None: ...
def render_pdf(data: SheetData, path: Path, theme: Theme) -> int:
    """Write an A4 PDF; returns the number of pages."""


def print_sheet(data: SheetData, device: QPagedPaintDevice, theme: Theme) -> int:
    """The same onto a printer."""
