"""Paints a laid-out page of the 签批单. Paper, ink and red are the same in every theme: as it looks, it prints."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ui.sheet.data import SheetData
from ui.sheet.layout import (
    CAPTION,
    HEAD,
    INSTRUCTION,
    LABEL,
    NUMBER,
    PAD_X,
    TITLE,
    Cell,
    Measure,
    Page,
    PlacedCell,
)
from ui.theme.roles import FontToken, Role

_VCENTER = Qt.AlignmentFlag.AlignVCenter
_SINGLE = Qt.TextFlag.TextSingleLine


def paint_page(
    painter: QPainter,
    area: QRectF,
    page: Page,
    data: SheetData,
    measure: Measure,
    *,
    pages: int = 1,
    open_note: bool = False,
) -> None:
    """One page inside `area`. With `open_note` the text of 书记批示 is left out: a field lies over it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    if page.number == 1:
        _paint_head(painter, area, data, measure)
    else:
        _paint_continued(painter, area, data, measure)
    for placed in page.cells:
        hidden = open_note and placed.cell.label == INSTRUCTION
        _paint_cell(painter, placed, measure, hidden=hidden)
    if page.last:
        _paint_captions(painter, page, data, measure)
        _paint_stamp(painter, page, data, measure)
    if pages > 1:
        _paint_number(painter, area, page, pages, measure)
    painter.restore()


def _color(measure: Measure, role: Role) -> QColor:
    return measure.theme.color(role)


def _rule(measure: Measure, width: float = 1.0) -> QPen:
    # Whole px: a line of one and a half is drawn now one, now two px wide.
    return QPen(_color(measure, Role.RED), max(1, round(width * measure.unit)))


def _fitted(font: QFont, text: str, width: float) -> QFont:
    """The font, smaller if the text would not go on the line."""
    needed = QFontMetricsF(font).horizontalAdvance(text)
    if needed > width > 0:
        font = QFont(font)
        font.setPixelSize(max(1, int(font.pixelSize() * width / needed)))
    return font


def _line(
    painter: QPainter, box: QRectF, text: str, font: QFont, color: QColor, align: Qt.AlignmentFlag
) -> None:
    painter.setFont(_fitted(font, text, box.width()))
    painter.setPen(color)
    painter.drawText(box, int(align | _VCENTER | _SINGLE), text)


def _paint_head(painter: QPainter, area: QRectF, data: SheetData, measure: Measure) -> None:
    red, ink, px = _color(measure, Role.RED), _color(measure, Role.INK), measure.px
    center = Qt.AlignmentFlag.AlignHCenter
    font = measure.font(FontToken.SHEET_HEAD)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, px(4))
    box = QRectF(area.left(), area.top(), area.width(), px(HEAD))
    _line(painter, box, data.office, font, red, center)
    font = measure.font(FontToken.SHEET_HEAD)
    font.setPixelSize(round(px(22)))
    box = QRectF(area.left(), box.bottom(), area.width(), px(TITLE))
    _line(painter, box, " ".join(data.title), font, red, center)
    box = QRectF(area.left(), box.bottom() + px(4), area.width(), px(NUMBER - 4))
    font = measure.font(FontToken.SHEET)
    half = QRectF(box.left(), box.top(), box.width() * 0.49, box.height())
    _line(painter, half, data.number, font, ink, Qt.AlignmentFlag.AlignLeft)
    half.moveRight(box.right())
    _line(painter, half, f"派单时间：{data.dispatched}", font, ink, Qt.AlignmentFlag.AlignRight)
    _paint_double_rule(painter, area, box.bottom() + px(4), measure)


def _paint_double_rule(painter: QPainter, area: QRectF, top: float, measure: Measure) -> None:
    red, px = _color(measure, Role.RED), measure.px
    painter.fillRect(QRectF(area.left(), top, area.width(), px(3)), red)
    painter.fillRect(QRectF(area.left(), top + px(4), area.width(), max(1.0, px(1))), red)


def _paint_continued(painter: QPainter, area: QRectF, data: SheetData, measure: Measure) -> None:
    box = QRectF(area.left(), area.top(), area.width(), measure.px(28))
    text = f"{data.title} {data.number}（续页）"
    font, ink = measure.font(FontToken.SHEET), _color(measure, Role.INK)
    _line(painter, box, text, font, ink, Qt.AlignmentFlag.AlignLeft)


def _paint_cell(painter: QPainter, placed: PlacedCell, measure: Measure, *, hidden: bool) -> None:
    box, px = placed.box, measure.px
    painter.setPen(_rule(measure))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    split = box.left() + px(LABEL)
    painter.drawLine(QPointF(split, box.top()), QPointF(split, box.bottom()))
    _paint_label(
        painter, QRectF(box.left(), box.top(), px(LABEL), box.height()), placed.cell, measure
    )
    if hidden:
        return
    layout = measure.lay_out(placed.cell, box.width() - px(LABEL) - 2 * px(PAD_X))
    height = layout.lineCount() * measure.line(placed.cell.token)
    painter.setPen(_color(measure, Role.INK))
    layout.draw(painter, QPointF(split + px(PAD_X), box.top() + (box.height() - height) / 2))


def _paint_label(painter: QPainter, box: QRectF, cell: Cell, measure: Measure) -> None:
    red, center = _color(measure, Role.RED), Qt.AlignmentFlag.AlignHCenter
    font = measure.font(FontToken.SHEET_LABEL)
    word, _, more = cell.label.partition("（")
    if not more:
        _line(painter, box, word, font, red, center)
        return
    high = measure.line(FontToken.SHEET_LABEL)
    first = QRectF(box.left(), box.center().y() - high, box.width(), high)
    if box.height() < 2 * high:
        _line(painter, box.adjusted(2, 0, -2, 0), cell.label, font, red, center)
        return
    _line(painter, first, word, font, red, center)
    _line(painter, first.translated(0, high), f"（{more}", font, red, center)


def _paint_captions(painter: QPainter, page: Page, data: SheetData, measure: Measure) -> None:
    """Three captions on one line: left, right, and the middle one between them; all the same size."""
    texts = (
        f"拟办：{data.proposed_by}",
        f"签批人：{data.signed_by}",
        f"签批时间：{data.signed_at}",
    )
    form, px = page.form, measure.px
    line = QRectF(form.left(), form.bottom() + px(4), form.width(), px(CAPTION - 4))
    joined = "\u3000".join(texts)
    font, ink = (
        _fitted(measure.font(FontToken.SHEET), joined, line.width()),
        _color(measure, Role.INK),
    )
    metrics = QFontMetricsF(font)
    first, last = metrics.horizontalAdvance(texts[0]), metrics.horizontalAdvance(texts[2])
    _line(painter, line, texts[0], font, ink, Qt.AlignmentFlag.AlignLeft)
    _line(painter, line, texts[2], font, ink, Qt.AlignmentFlag.AlignRight)
    between = line.adjusted(first, 0, -last, 0)
    _line(painter, between, texts[1], font, ink, Qt.AlignmentFlag.AlignHCenter)


def _paint_stamp(painter: QPainter, page: Page, data: SheetData, measure: Measure) -> None:
    """Both times of the signature in a red frame, bottom right of 书记批示."""
    if not data.stamp or page.note is None:
        return
    px, red = measure.px, _color(measure, Role.RED)
    font = measure.font(FontToken.SHEET)
    font.setPixelSize(round(px(16)))
    metrics = QFontMetricsF(font)
    width = max(metrics.horizontalAdvance(text) for text in data.stamp) + px(20)
    height = len(data.stamp) * px(24) + px(8)
    box = QRectF(
        page.note.right() - width - px(12), page.note.bottom() - height - px(10), width, height
    )
    painter.setPen(_rule(measure, 2))
    painter.drawRoundedRect(box, px(4), px(4))
    line = QRectF(box.left(), box.top() + px(4), width, px(24))
    for text in data.stamp:
        _line(painter, line, text, font, red, Qt.AlignmentFlag.AlignHCenter)
        line.translate(0, px(24))


def _paint_number(
    painter: QPainter, area: QRectF, page: Page, pages: int, measure: Measure
) -> None:
    box = QRectF(area.left(), area.bottom(), area.width(), measure.px(24))
    font = measure.font(FontToken.SHEET)
    font.setPixelSize(round(measure.px(15)))
    text = f"第 {page.number} 页 共 {pages} 页"
    _line(painter, box, text, font, _color(measure, Role.INK), Qt.AlignmentFlag.AlignHCenter)
