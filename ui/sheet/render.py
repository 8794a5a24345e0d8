"""One painter, three surfaces: a rectangle on screen, a printer, a PDF file."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF
from PySide6.QtGui import QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter

from ui.sheet.data import SheetData
from ui.sheet.layout import Measure, Page, needed_height, one_page, several_pages
from ui.sheet.painter import paint_page
from ui.theme.roles import Role
from ui.theme.theme import Theme

# Down to 11 pt a sheet is shrunk; below that it goes on to another page instead.
_SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8)
_SIDE, _TOP, _BOTTOM = 44.0, 16.0, 12.0
_MARGINS_MM = QMarginsF(20, 18, 20, 18)
_DPI = 600


def inner(rect: QRectF, unit: float) -> QRectF:
    """The printed part of the paper on screen."""
    side = _SIDE * unit
    return rect.adjusted(side, _TOP * unit, -side, -_BOTTOM * unit)


def sheet_height(width: float, data: SheetData, theme: Theme) -> float:
    """Height the paper needs on screen at the theme's scale for a given width, nothing shrunk."""
    area = inner(QRectF(0, 0, width, 0), theme.scale)
    needed = needed_height(data, Measure(theme, theme.scale), area.width())
    return needed + (_TOP + _BOTTOM) * theme.scale


def screen_page(rect: QRectF, data: SheetData, theme: Theme) -> tuple[Page, Measure]:
    """The single page of the screen, with the place of 书记批示; shrunk if `rect` is too low."""
    area = inner(rect, theme.scale)
    measure = _fitting(data, theme, theme.scale, area) or Measure(theme, theme.scale, _SHRINKS[-1])
    return one_page(data, measure, area), measure


def paint_sheet(
    painter: QPainter, rect: QRectF, data: SheetData, theme: Theme, *, open_note: bool = False
) -> None:
    """The paper and all that is on it. `open_note` leaves 书记批示 empty for the field that lies over it."""
    painter.fillRect(rect, theme.color(Role.PAPER))
    page, measure = screen_page(rect, data, theme)
    paint_page(painter, inner(rect, theme.scale), page, data, measure, open_note=open_note)


def render_pdf(data: SheetData, path: Path, theme: Theme) -> int:
    """Write an A4 PDF; returns the number of pages. Raises OSError if the file cannot be written."""
    # Made in memory first: a full disk then leaves no half of a sheet behind.
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setTitle(f"{data.title} {data.number}")
    writer.setCreator("")
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            _MARGINS_MM,
            QPageLayout.Unit.Millimeter,
        )
    )
    pages = print_sheet(data, writer, theme)
    path.write_bytes(buffer.data().data())
    return pages


def print_sheet(data: SheetData, device: QPagedPaintDevice, theme: Theme) -> int:
    """Paint all pages onto a paged device; returns their number. Raises OSError if it does not open."""
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("the printer or file cannot be opened")
    try:
        unit = device.logicalDpiX() / 96
        area = QRectF(0, 0, device.width(), device.height())
        pages, measure = paginate(data, theme, unit, area)
        for page in pages:
            if page.number > 1:
                device.newPage()
            paint_page(painter, area, page, data, measure, pages=len(pages))
    finally:
        painter.end()
    return len(pages)


def paginate(
    data: SheetData, theme: Theme, unit: float, area: QRectF
) -> tuple[list[Page], Measure]:
    """One page if the text can be shrunk onto it, else as many as it takes at full size."""
    measure = _fitting(data, theme, unit, area)
    if measure is not None:
        return [one_page(data, measure, area)], measure
    measure = Measure(theme, unit)
    return several_pages(data, measure, area), measure


def _fitting(data: SheetData, theme: Theme, unit: float, area: QRectF) -> Measure | None:
    for shrink in _SHRINKS:
        measure = Measure(theme, unit, shrink)
        if needed_height(data, measure, area.width()) <= area.height():
            return measure
    return None
