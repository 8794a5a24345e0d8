"""Rows of a spreadsheet as people see them: what is hidden, merged or not calculated is said.

Hidden sheets are notes and lists of whoever made the file: they are not read, and the report says so.
Hidden rows are read: they are most often what a filter left standing, and an order must not be lost
to that.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from sync.platform.order_lines import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_FIELD,
    MAX_ROWS,
    NOT_CALCULATED,
    TOO_LONG,
    TOO_MANY,
    Line,
    OrderFileError,
)

HARMLESS, MAX_RATIO = 32 * 1024 * 1024, 60
"""Spreadsheets unpack to five or twenty times their size; what grows more than that is a bomb."""
LAST_ROW = 1_048_576  # of the format
MAX_MERGED = 10_000
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"

_N = rb"(?:\w{1,20}:)?"  # some programs write every element with a prefix
_A = rb"[^<>]{0,2000}"  # attributes; without a bound a hostile file takes a time that grows with its square
_ROW = re.compile(rb"<" + _N + rb"row\s(" + _A + rb")>")
_HIDDEN = re.compile(rb"\bhidden=\"(?:1|true)\"")
_R = re.compile(rb"\br=\"(\d{1,7})\"")
_MERGE = re.compile(rb"<" + _N + rb"mergeCell\s(" + _A + rb")>")
_REF = re.compile(rb"\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
_FORMULA = re.compile(
    rb"<" + _N + rb"c\s(" + _A + rb")>\s{0,20}<" + _N + rb"f\b" + _A + rb">"
    rb"(?:[^<]{0,9000}</" + _N + rb"f>)?\s{0,20}"
    rb"(<" + _N + rb"v\s?/>|<" + _N + rb"v>\s{0,20}</" + _N + rb"v>)?\s{0,20}</" + _N + rb"c>"
)
_AT = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")
_ZEROS = re.compile(r"0{2,20}")


def xlsx_lines(data: bytes) -> Iterator[Line]:
    """Yield the rows of all sheets that can be seen. Raises ``OrderFileError``."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
            if total > MAX_BYTES or total > max(HARMLESS, MAX_RATIO * len(data)):
                raise OrderFileError("表格展开后太大。", "请分成几份再派。")
            if "xl/workbook.xml" not in archive.namelist():
                raise OrderFileError("这个压缩包不是表格。", "请给 .xlsx、.csv 或 .jsonl 文件。")
            if _STRICT in archive.read("xl/workbook.xml")[:4096]:
                raise OrderFileError(
                    "这是“严格”格式的表格，读不了。", "请另存为普通的 Excel 工作簿（.xlsx）。"
                )
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError):
        raise OrderFileError("表格不完整或已损坏。", "请重新导出或重新拷贝。") from None
    yield from _sheets(data)


def _sheets(data: bytes) -> Iterator[Line]:
    try:
        book = _opened(data)
        from_1904 = book.epoch.year == 1904
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                yield Line(0, note=f"工作表“{sheet.title}”是隐藏的，没有读。", sheet=sheet.title)
                continue
            # The sheet's own word on its size is often wrong; read what is there.
            sheet.reset_dimensions()
            yield from _Sheet(sheet, from_1904=from_1904).lines()
    except OrderFileError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever its parsers raise
        raise OrderFileError(
            "表格读到一半读不下去了。", f"前面的已读出；请重新导出（{type(error).__name__}）。"
        ) from None


def _opened(data: bytes) -> Any:
    """Open a book. Programs get the styles wrong more often than anything; of these only the zeros of a
    number and the word for a day would be missed, and days are read as numbers too.
    """
    import openpyxl  # slow, and most files are not spreadsheets

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are in English, and about what is not read here
        try:
            return openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        except Exception:  # noqa: BLE001 - whatever its parsers raise
            plain = BytesIO(_without_styles(data))
            return openpyxl.load_workbook(plain, read_only=True, data_only=True)


def _without_styles(data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            if name != "xl/styles.xml":
                after.writestr(name, before.read(name), zipfile.ZIP_DEFLATED, 1)
    return out.getvalue()


@dataclass(slots=True)
class _Merged:
    """A cell over several rows; what stands in the first holds for all."""

    column: int
    last_row: int
    value: Any = None


class _Sheet:
    """One sheet: its rows, and what the library does not tell of them."""

    def __init__(self, sheet: Any, *, from_1904: bool) -> None:
        self._sheet = sheet
        self._from_1904 = from_1904
        with sheet._get_source() as source:  # noqa: SLF001 - the library keeps it to itself
            text: bytes = source.read()
        self._hidden = _hidden(text)
        self._merged = _merged(text)
        self._uncalculated = _uncalculated(text)
        self._open: list[_Merged] = []

    def lines(self) -> Iterator[Line]:
        """Yield the rows that say something, then how many of them were hidden."""
        title, hidden = self._sheet.title, 0
        for number, row in enumerate(self._sheet.iter_rows(), 1):
            if number > LAST_ROW:
                break
            cells = [_value(cell) for cell in row[:MAX_COLUMNS]]
            for column in self._uncalculated.get(number, ()):
                if column < len(cells):
                    cells[column] = NOT_CALCULATED
            self._spread(number, cells)
            if all(cell is None for cell in cells):
                continue
            if number > MAX_ROWS:
                yield Line(number, complaint=TOO_MANY, sheet=title)
                break
            hidden += number in self._hidden
            if any(isinstance(cell, str) and len(cell) > MAX_FIELD for cell in cells):
                yield Line(number, complaint=TOO_LONG, sheet=title)
                continue
            yield Line(number, tuple(cells), sheet=title, from_1904=self._from_1904)
        if hidden:
            note = f"工作表“{title}”有 {hidden} 行是隐藏的或被筛选掉的，一样读了。"
            yield Line(0, note=note, sheet=title)

    def _spread(self, number: int, cells: list[Any]) -> None:
        """Put the value of a cell merged downwards into each row that says something itself."""
        self._open = [merged for merged in self._open if merged.last_row >= number]
        if self._open and any(cell is not None for cell in cells):
            cells += [None] * (1 + max(merged.column for merged in self._open) - len(cells))
            for merged in self._open:
                if cells[merged.column] is None:
                    cells[merged.column] = merged.value
        for merged in self._merged.pop(number, ()):
            if merged.column < len(cells) and cells[merged.column] is not None:
                merged.value = cells[merged.column]
                self._open.append(merged)


def _value(cell: Any) -> Any:
    """Return what the cell says; 0012, kept as 12 and shown by a format of zeros, as it is shown."""
    value = cell.value
    whole = type(value) is int or (type(value) is float and value.is_integer())
    shown = _ZEROS.fullmatch(_format(cell)) if whole else None
    return str(int(value)).zfill(len(shown[0])) if shown else value


def _format(cell: Any) -> str:
    try:
        return cell.number_format or ""
    except IndexError:  # of a book that was opened without its styles
        return ""


def _hidden(text: bytes) -> set[int]:
    hidden = (row[1] for row in _ROW.finditer(text) if _HIDDEN.search(row[1]))
    return {int(at[1]) for row in hidden if (at := _R.search(row))}


def _merged(text: bytes) -> dict[int, list[_Merged]]:
    """Return row → cells that begin there and go on downwards."""
    found: dict[int, list[_Merged]] = {}
    for element in islice(_MERGE.finditer(text), MAX_MERGED):
        ref = _REF.search(element[1])
        if ref is not None and int(ref[4]) > int(ref[2]) and _column(ref[1]) < MAX_COLUMNS:
            found.setdefault(int(ref[2]), []).append(_Merged(_column(ref[1]), int(ref[4])))
    return found


def _uncalculated(text: bytes) -> dict[int, list[int]]:
    """Return row → columns of the formulas without a value; an empty text is a value."""
    found: dict[int, list[int]] = {}
    for match in _FORMULA.finditer(text):
        at = _AT.search(match[1])
        if at is not None and not (match[2] and b't="str"' in match[1]):
            found.setdefault(int(at[2]), []).append(_column(at[1]))
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
