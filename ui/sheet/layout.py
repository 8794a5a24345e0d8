"""Where everything on a sheet goes: rows of boxed fields, broken into pages where one is too small.

All lengths are in device px; `unit` is how many of them make 1 px of the drawings.
"""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextOption

from ui.sheet.data import SheetData
from ui.theme.roles import FontToken
from ui.theme.theme import Theme

LABEL, PAD_X, PAD_Y, LINE = 100.0, 12.0, 6.7, 1.5
HEAD, TITLE, NUMBER, RULES, CAPTION, CONTINUED = 37.0, 31.0, 31.0, 20.0, 34.0, 40.0
NOTE_MIN = 118.0
INSTRUCTION = "书记批示"


@dataclass(frozen=True, slots=True)
class Cell:
    """One boxed field. The first `strong` characters of `text` are bold; `bold` lists more stretches."""

    label: str
    text: str
    share: float = 1.0
    token: FontToken = FontToken.SHEET
    bold: tuple[tuple[int, int], ...] = ()


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A field with its place on the page."""

    cell: Cell
    box: QRectF


@dataclass(frozen=True, slots=True)
class Page:
    """The fields of one page; the form's frame, and the box of 书记批示 if it is here."""

    number: int
    cells: tuple[PlacedCell, ...]
    form: QRectF
    last: bool
    note: QRectF | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """How large things are on this device, and how much the text is shrunk to fit."""

    theme: Theme
    unit: float
    shrink: float = 1.0

    def px(self, n: float) -> float:
        """`n` px of the drawings."""
        return n * self.unit * self.shrink

    def font(self, token: FontToken) -> QFont:
        """The font of a style, shrunk."""
        return self.theme.sheet_font(token, self.unit * self.shrink)

    def line(self, token: FontToken) -> float:
        """Height of one line."""
        return self.font(token).pixelSize() * LINE

    def lay_out(self, cell: Cell, width: float) -> QTextLayout:
        """The text of a field, broken to a width; plain text with bold stretches."""
        layout = QTextLayout(cell.text.replace("\n", "\u2028"), self.font(cell.token))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats([_bold(start, length) for start, length in cell.bold])
        layout.beginLayout()
        top, step = 0.0, self.line(cell.token)
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            line.setPosition(QPointF(0, top + (step - line.height()) / 2))
            top += step
        layout.endLayout()
        return layout

    def value_width(self, cell: Cell, width: float) -> float:
        """Room for the text of a field in a form of the given width."""
        return width * cell.share - self.px(LABEL) - 2 * self.px(PAD_X)

    def row_height(self, row: Row, width: float) -> float:
        """Height of a row: that of its longest field."""
        return max(self.cell_height(cell, width) for cell in row)

    def cell_height(self, cell: Cell, width: float) -> float:
        """Height of a field with its padding."""
        lines = max(1, self.lay_out(cell, self.value_width(cell, width)).lineCount())
        return lines * self.line(cell.token) + 2 * self.px(PAD_Y)


def _bold(start: int, length: int) -> QTextLayout.FormatRange:
    stretch = QTextLayout.FormatRange()
    stretch.start, stretch.length = start, length
    look = QTextCharFormat()
    look.setFontWeight(QFont.Weight.Bold)
    stretch.format = look
    return stretch


def rows_of(data: SheetData) -> list[Row]:
    """The fields in their order; 书记批示 is the last."""
    return [
        (Cell("诉求事项", data.matter, bold=((0, len(data.matter)),)),),
        (Cell("诉求人", data.petitioner, 0.5), Cell("事发地", data.place, 0.5)),
        (Cell("诉求类别", data.category, 0.5), Cell("办理时限", data.limit, 0.5)),
        (Cell("核实情况", data.verified),),
        (Cell("关联诉求", data.related),),
        (_proposal(data),),
        (Cell(INSTRUCTION, data.instruction, token=FontToken.SHEET_NOTE),),
    ]


def _proposal(data: SheetData) -> Cell:
    """Handlers on the first line with their roles in bold, the dispatcher's note below."""
    text, bold = "", []
    for role, name in data.handlers:
        text += "\u3000" if text else ""
        bold.append((len(text), len(role)))
        text += f"{role} {name}"
    if data.proposal:
        text += f"\n{data.proposal}" if text else data.proposal
    return Cell("拟办意见", text, bold=tuple(bold))


def head_height(measure: Measure) -> float:
    """Everything above the form on the first page."""
    return measure.px(HEAD + TITLE + NUMBER + RULES)


def note_height(measure: Measure, row: Row, width: float) -> float:
    """Height of 书记批示: its text, at least three lines, and the stamp below it."""
    return max(measure.px(NOTE_MIN), measure.row_height(row, width) + measure.px(24))


def needed_height(data: SheetData, measure: Measure, width: float) -> float:
    """Height of the whole sheet if it is to stand on one page."""
    *rows, note = rows_of(data)
    fields = sum(measure.row_height(row, width) for row in rows)
    return head_height(measure) + fields + note_height(measure, note, width) + measure.px(CAPTION)


def one_page(data: SheetData, measure: Measure, area: QRectF) -> Page:
    """All on one page; 书记批示 takes what is left of the height."""
    *rows, note = rows_of(data)
    top = area.top() + head_height(measure)
    placed: list[PlacedCell] = []
    form_top = top
    for row in rows:
        placed += _place(row, area, top, measure.row_height(row, area.width()))
        top += measure.row_height(row, area.width())
    bottom = area.bottom() - measure.px(CAPTION)
    height = max(bottom - top, note_height(measure, note, area.width()))
    placed += _place(note, area, top, height)
    form = QRectF(area.left(), form_top, area.width(), top + height - form_top)
    return Page(1, tuple(placed), form, last=True, note=placed[-1].box)


def _place(row: Row, area: QRectF, top: float, height: float) -> list[PlacedCell]:
    placed, left = [], area.left()
    for cell in row:
        width = area.width() * cell.share
        placed.append(PlacedCell(cell, QRectF(left, top, width, height)))
        left += width
    return placed


def several_pages(data: SheetData, measure: Measure, area: QRectF) -> list[Page]:
    """As many pages as it takes: a field that does not fit goes on, line by line, on the next one."""
    waiting = rows_of(data)
    pages: list[Page] = []
    while waiting:
        page, waiting = _fill(waiting, measure, area, len(pages) + 1)
        pages.append(page)
    pages[-1] = replace(pages[-1], last=True)
    return pages


def _fill(rows: list[Row], measure: Measure, area: QRectF, number: int) -> tuple[Page, list[Row]]:
    start = area.top() + (head_height(measure) if number == 1 else measure.px(CONTINUED))
    bottom = area.bottom() - measure.px(CAPTION)
    top, placed, note = start, list[PlacedCell](), None
    rest = list(rows)
    while rest:
        row, is_note = rest[0], rest[0][0].label.startswith(INSTRUCTION)
        height = _height(row, measure, area.width(), is_note=is_note)
        if top + height > bottom:
            rest = _break(rest, measure, area, bottom - top, top, placed, fresh=top == start)
            if placed and placed[-1].cell.label.startswith(INSTRUCTION):
                note = placed[-1].box
            break
        if is_note:
            height = bottom - top
        placed += _place(row, area, top, height)
        note = placed[-1].box if is_note else note
        top += height
        rest.pop(0)
    end = max((each.box.bottom() for each in placed), default=start)
    form = QRectF(area.left(), start, area.width(), end - start)
    return Page(number, tuple(placed), form, last=False, note=note), rest


def _height(row: Row, measure: Measure, width: float, *, is_note: bool) -> float:
    return note_height(measure, row, width) if is_note else measure.row_height(row, width)


def _break(
    rest: list[Row],
    measure: Measure,
    area: QRectF,
    room: float,
    top: float,
    placed: list[PlacedCell],
    *,
    fresh: bool,
) -> list[Row]:
    """Put the lines that fit on this page; returns the rows that are left for the next."""
    row = rest[0]
    lines = int((room - 2 * measure.px(PAD_Y)) // measure.line(row[0].token))
    whole = all(
        measure.lay_out(cell, measure.value_width(cell, area.width())).lineCount() <= lines
        for cell in row
    )
    if whole and not fresh:
        # Only the white space of 书记批示 has no room: it moves on undivided.
        return rest
    if lines < (1 if fresh else 2):
        # On an empty page at least one line must go down, or it would never end.
        if not fresh:
            return rest
        lines = 1
    head, tail = _split(row, measure, area.width(), lines)
    placed += _place(head, area, top, measure.row_height(head, area.width()))
    return [tail, *rest[1:]] if any(cell.text for cell in tail) else rest[1:]


def _split(row: Row, measure: Measure, width: float, lines: int) -> tuple[Row, Row]:
    heads, tails = [], []
    for cell in row:
        layout = measure.lay_out(cell, measure.value_width(cell, width))
        at = len(cell.text)
        if layout.lineCount() > lines:
            at = layout.lineAt(lines).textStart()
        heads.append(replace(cell, text=cell.text[:at].rstrip("\n"), bold=_until(cell.bold, at)))
        label = cell.label if cell.label.endswith("（续）") else f"{cell.label}（续）"
        tails.append(replace(cell, label=label, text=cell.text[at:], bold=_after(cell.bold, at)))
    return tuple(heads), tuple(tails)


def _until(bold: tuple[tuple[int, int], ...], at: int) -> tuple[tuple[int, int], ...]:
    return tuple((start, min(length, at - start)) for start, length in bold if start < at)


def _after(bold: tuple[tuple[int, int], ...], at: int) -> tuple[tuple[int, int], ...]:
    shifted = ((start - at, length) for start, length in bold)
    moved = ((max(0, s), length + min(0, s)) for s, length in shifted)
    return tuple((start, length) for start, length in moved if length > 0)
