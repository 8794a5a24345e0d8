"""Dispatch files: rows of any known shape become intakes; every other row says why not.

The number of a row that has none is a hash of what it says, so that the same file read twice, or
read again once it is complete, dispatches nothing twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from desktop_app.domain.center import Center
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Matter, Petitioner, Place
from sync.platform.dispatching import why_not
from sync.platform.order_columns import find_columns, is_header
from sync.platform.order_lines import NOT_CALCULATED, Line, OrderFileError
from sync.platform.order_tables import read_lines
from sync.platform.order_values import (
    category_of,
    kind_of,
    lost_digits,
    moment_of,
    phone_of,
    text_of,
    tier_of,
    village_of,
)

NO_NAME = "未留姓名"
_TOTALS = ("合计", "总计", "小计", "共计", "汇总")
_A_ROW = 3
"""So many filled cells make a row of a table; a remark has fewer."""
_YES = ("是", "保密", "需保密", "y", "yes", "true", "1")


@dataclass(frozen=True, slots=True)
class RowNote:
    """Something to tell about a row, in Chinese. ``line`` 0 speaks of the whole file."""

    line: int
    text: str
    sheet: str = ""

    def __str__(self) -> str:
        return f"{place_of(self.line, self.sheet)}：{self.text}" if self.line else self.text


@dataclass(slots=True)
class OrderFile:
    """What a file held. ``bad`` rows are not dispatched; ``notes`` speak of rows that are.

    ``lines`` and ``sheets``: where each intake stood.
    """

    intakes: list[Intake] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    bad: list[RowNote] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)
    repeated: int = 0

    def places(self) -> list[str]:
        """Return for people where each intake stood."""
        return [place_of(*at) for at in zip(self.lines, self.sheets, strict=True)]


def place_of(line: int, sheet: str) -> str:
    """Return 第 3 行, with the name of its sheet if it has one."""
    return f"“{sheet}”第 {line} 行" if sheet else f"第 {line} 行"


class NoTableError(OrderFileError):
    """No table of orders is in it. ``file``: what was noted on the way."""

    def __init__(self, file: OrderFile) -> None:
        said = "".join(note.text for note in [*file.bad, *file.notes] if not note.line)
        super().__init__(
            "没有找到表头。",
            f"表头里要有“标题”或“主要内容”，最好还有“工单编号”“来电时间”。{said}",
        )
        self.file = file


def read_order_file(path: Path, center: Center, now: datetime) -> OrderFile:
    """Read a dispatch file. Raises ``OrderFileError`` when it holds no table of orders at all."""
    return read_orders(read_lines(path), center, now)


def read_orders(lines: Iterable[Line], center: Center, now: datetime) -> OrderFile:
    """Read orders from rows, wherever they come from. Raises as ``read_order_file`` does."""
    reader = _Reader(center, now)
    try:
        for line in lines:
            reader.take(line)
    except OrderFileError as error:
        if not reader.file.intakes:
            raise
        reader.file.bad.append(RowNote(0, str(error)))
    reader.end_sheet()
    if not reader.found_table:
        raise NoTableError(reader.file)
    return reader.file


class _Reader:
    """Takes line after line; knows the columns once it has met the header."""

    def __init__(self, center: Center, now: datetime) -> None:
        self.file = OrderFile()
        self.found_table = False
        self._center = center
        self._now = now
        self._columns: dict[str, int] = {}
        self._width = 0
        self._sheet = ""
        self._header_at = 0
        self._unread: list[int] = []  # of the sheet, how much each row without a header says
        self._seen: dict[str, tuple[str, str]] = {}  # number → what it says, where

    def end_sheet(self) -> None:
        """Say what of the sheet that ends here was not read: a table without a header is not lost unseen."""
        rows = len(self._unread)
        if self._sheet and rows and not self._columns:
            text = f"工作表“{self._sheet}”没有找到表头，{rows} 行没有读。"
            table = sum(cells >= _A_ROW for cells in self._unread) > 0
            (self.file.bad if table else self.file.notes).append(RowNote(0, text))
        self._columns, self._unread = {}, []

    def take(self, line: Line) -> None:
        if line.sheet != self._sheet:
            self.end_sheet()
            self._sheet = line.sheet
        if line.note:
            self.file.notes.append(RowNote(0, line.note))
            return
        if line.complaint:
            self._bad(line, line.complaint)
            return
        cells = line.cells
        if all(text_of(cell) == "" for cell in cells):
            return
        if line.names is not None:
            self._columns = find_columns(line.names)
            self.found_table |= is_header(self._columns)
            self._row(line)
            return
        columns = find_columns(cells)
        if is_header(columns) and self._is_next_header(columns, line.number):
            self._columns, self._width, self.found_table = columns, len(cells), True
            self._header_at = line.number
            return
        if self._columns:
            self._row(line)
            return
        self._unread.append(sum(text_of(cell) != "" for cell in cells))

    def _is_next_header(self, columns: dict[str, int], number: int) -> bool:
        """Whether these columns are a header here: the first, one repeated, the second line of one in two
        lines (来电人 above 姓名 and 电话), or that of another table below.
        """
        below = number == self._header_at + 1
        return not self._columns or columns == self._columns or below or len(columns) >= _A_ROW

    def _bad(self, line: Line, why: str) -> None:
        self.file.bad.append(RowNote(line.number, why, line.sheet))

    def _note(self, line: Line, text: str) -> None:
        self.file.notes.append(RowNote(line.number, text, line.sheet))

    def _row(self, line: Line) -> None:
        cells = {
            name: line.cells[index]
            for name, index in self._columns.items()
            if index < len(line.cells)
        }
        if _is_total(line):
            self._note(line, "合计行，跳过。")
            return
        wrong = misshapen(line, self._width)
        if wrong:
            self._bad(line, wrong)
            return
        if any(cell is NOT_CALCULATED for cell in cells.values()):
            self._bad(line, "有公式还没有算出值。请在表格软件里打开这个文件，保存一次再派。")
            return
        if lost_digits(cells.get("number"), in_sheet=bool(line.sheet)):
            self._bad(line, "工单编号被存成了数字，后几位已丢失。请把这一列设为文本，重新导出。")
            return
        title, text = text_of(cells.get("title")), text_of(cells.get("text"))
        if not title and not text:
            self._bad(line, "标题和内容都是空的。")
            return
        if "\ufffd" in title + text:
            self._note(line, "有读不出来的字，已照派，请核对。")
        intake = self._intake(line, cells, title, text)
        reason = why_not(intake)
        if reason:
            self._bad(line, reason)
            return
        self._keep(line, intake)

    def _keep(self, line: Line, intake: Intake) -> None:
        here = place_of(line.number, line.sheet)
        if intake.number not in self._seen:
            self._seen[intake.number] = (_core(intake), here)
            self.file.intakes.append(intake)
            self.file.lines.append(line.number)
            self.file.sheets.append(line.sheet)
            return
        core, there = self._seen[intake.number]
        if core == _core(intake):
            self.file.repeated += 1
            self._note(line, f"与{there}是同一件，只派一次。")
        else:
            self._bad(line, f"编号 {intake.number} 与{there}相同，内容却不同，没有派。")

    def _intake(self, line: Line, cells: Mapping[str, Any], title: str, text: str) -> Intake:
        own = f"JB-{_fingerprint(cells, from_1904=line.from_1904)[:16].upper()}"
        number = text_of(cells.get("number")) or own
        address, named = text_of(cells.get("address")), text_of(cells.get("village"))
        unit = village_of(named, address, title, self._center)
        place = Place(unit.id if unit else None, unit.name if unit else named, address)
        secret = text_of(cells.get("confidential")).lower() in _YES
        tags = tuple(t for t in text_of(cells.get("tags")).replace("\uff0c", ",").split(",") if t)
        return Intake(
            number=number,
            channel=text_of(cells.get("channel")) or "12345 平台",
            petitioner=Petitioner(
                text_of(cells.get("name")) or NO_NAME,
                self._phone(line, cells.get("phone")),
                text_of(cells.get("home")),
                secret,
            ),
            place=place,
            matter=Matter(
                title or text[:30],
                text or title,
                kind_of(cells.get("kind"), title),
                self._category(cells),
            ),
            tier=tier_of(cells.get("tier"), title, text, self._center.policy),
            called_at=self._called_at(line, cells),
            tags=tuple(t.strip()[:30] for t in tags)[:20],
        )

    def _called_at(self, line: Line, cells: Mapping[str, Any]) -> datetime:
        cell = cells.get("called_at")
        found = moment_of(cell, from_1904=line.from_1904)
        if found is None and text_of(cell):
            self._note(line, f"来电时间“{text_of(cell)[:30]}”读不懂，按现在登记。")
        return found or self._now

    def _phone(self, line: Line, cell: Any) -> str:
        found = phone_of(cell)
        if not found and "e+" in text_of(cell).lower():
            self._note(line, "号码被存成了科学计数，后几位已丢失，没有登记。请把这一列设为文本。")
        return found

    def _category(self, cells: Mapping[str, Any]) -> tuple[str, ...]:
        levels = [text_of(cells.get(f"category{n}")) for n in (1, 2, 3)]
        given = tuple(level[:100] for level in levels if level)
        return given or category_of(text_of(cells.get("category")))


def misshapen(line: Line, width: int) -> str:
    """Return what is wrong with the number of cells under a header of ``width``, "" when nothing is.

    A CSV row is as long as its header, else a quote or the end of the file has cut it.
    """
    if line.names is not None:
        return ""
    if any(text_of(cell) for cell in line.cells[width:]):
        return "列数比表头多，可能是内容里的分隔符没加引号。"
    if not line.sheet and len(line.cells) < width:
        return "列数比表头少，这一行可能没写完。"
    return ""


def _is_total(line: Line) -> bool:
    """Whether the row only adds up: it says 合计 and otherwise holds figures."""
    said = [text for cell in line.cells if (text := text_of(cell))]
    words = [text for text in said if text.rstrip(":\uff1a") in _TOTALS]
    figures = sum(text.replace(".", "", 1).replace(",", "").isdigit() for text in said)
    return bool(words) and said[0] in words and len(words) + figures == len(said)


def _core(intake: Intake) -> str:
    return f"{intake.matter.title}\0{intake.matter.text}"


def _fingerprint(cells: Mapping[str, Any], *, from_1904: bool) -> str:
    """Return the hash of what the row says, whatever the order or number of its columns."""
    said = {
        name: text_of(value)
        for name, value in cells.items()
        if name in ("title", "text", "name", "phone", "called_at", "address", "village")
        and text_of(value)
    }
    if moment := moment_of(cells.get("called_at"), from_1904=from_1904):
        said["called_at"] = moment.isoformat()
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()
