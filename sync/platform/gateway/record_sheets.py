"""Urges, call-backs and what else 12345 says of an order, as rows of a table.

A table of records is known by its column 记录类型; all other tables are the importer's. Each row is known
again by its 记录编号, or else by what it says together with its time: without either two urges could not be
told from one that was exported twice, so such a row is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from desktop_app.domain import payloads as p
from desktop_app.domain.plain import MAX_TEXT
from sync.platform.gateway.port import RECORD_TITLES, ForeignRecord, RecordKind, shown
from sync.platform.order_columns import plain_name
from sync.platform.order_files import RowNote, misshapen, place_of
from sync.platform.order_lines import NOT_CALCULATED, Line
from sync.platform.order_values import lost_digits, moment_of, text_of

_COLUMNS: dict[str, tuple[str, ...]] = {
    "kind": ("记录类型",),
    "number": ("工单编号", "工单号", "受理编号"),
    "id": ("记录编号",),
    "at": ("时间", "催办时间", "回访时间", "记录时间"),
    "text": ("内容", "理由", "催办内容", "回访内容", "备注"),
    "responded": ("是否响应",),
    "resolved": ("是否解决",),
    "satisfied": ("是否满意",),
}
_KINDS = {
    "催办": RecordKind.URGE, "督办": RecordKind.URGE, "回访": RecordKind.CALL_BACK,
    "撤单": RecordKind.WITHDRAW, "撤回": RecordKind.WITHDRAW,
    "重办": RecordKind.SECOND_ROUND, "二次办理": RecordKind.SECOND_ROUND,
    "挂起": RecordKind.STOP_CLOCK, "停表": RecordKind.STOP_CLOCK,
    "恢复": RecordKind.RESUME_CLOCK, "续表": RecordKind.RESUME_CLOCK,
}  # fmt: skip
_ANSWERS = {
    "是": True, "已响应": True, "已解决": True, "满意": True, "基本满意": True,
    "否": False, "未响应": False, "未解决": False, "部分解决": False, "不满意": False,
    "": None, "未评价": None, "不清楚": None,
}  # fmt: skip
_NUMBER_LENGTH, _ID_LENGTH = 64, 200


class RecordRows:
    """Takes the tables of records out of a file; ``orders`` are the lines of all others."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.records: list[ForeignRecord] = []
        self.bad: list[RowNote] = []
        self.found_table = False
        self._lines = lines
        self._columns: dict[str, int] = {}
        self._width = 0
        self._sheet: str | None = None

    def orders(self) -> Iterator[Line]:
        """Yield the lines that are no records; reading them to the end reads the records too."""
        for line in self._lines:
            if line.sheet != self._sheet:
                self._sheet, self._columns = line.sheet, {}
            columns = _columns(line.names if line.names is not None else line.cells)
            if {"kind", "number"} <= columns.keys():
                self._columns, self._width, self.found_table = columns, len(line.cells), True
                if line.names is not None:
                    self._take(line)
            elif not self._columns or line.names is not None or line.note:
                yield line
            elif line.complaint:
                self._bad(line, line.complaint)
            elif any(text_of(cell) for cell in line.cells):
                self._take(line)

    def _bad(self, line: Line, why: str) -> None:
        self.bad.append(RowNote(line.number, why, line.sheet))

    def _take(self, line: Line) -> None:
        cells = {
            name: line.cells[index]
            for name, index in self._columns.items()
            if index < len(line.cells)
        }
        record = misshapen(line, self._width) or _record(cells, line)
        if isinstance(record, str):
            self._bad(line, record)
        else:
            self.records.append(record)


def _columns(names: Iterable[object]) -> dict[str, int]:
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        if isinstance(name, str) and len(name) <= 30:
            places.setdefault(plain_name(name), index)
    found = {
        field: [places[name] for name in known if name in places]
        for field, known in _COLUMNS.items()
    }
    return {field: at[0] for field, at in found.items() if at}


def _record(cells: Mapping[str, Any], line: Line) -> ForeignRecord | str:
    """Return what the row says, or why it cannot be taken."""
    if any(cell is NOT_CALCULATED for cell in cells.values()):
        return "有公式还没有算出值。请在表格软件里打开这个文件，保存一次再放。"
    in_sheet = bool(line.sheet)
    if any(lost_digits(cells.get(name), in_sheet=in_sheet) for name in ("number", "id")):
        return "编号被存成了数字，后几位已丢失。请把这一列设为文本，重新导出。"
    number, kind = text_of(cells.get("number")), _KINDS.get(text_of(cells.get("kind")))
    if kind is None:
        return f"记录类型读不懂。可写：{'、'.join(_KINDS)}。"
    if not 0 < len(number) <= _NUMBER_LENGTH:
        return "没有可用的工单编号。"
    payload = _payload(kind, cells)
    if isinstance(payload, str):
        return payload
    own = text_of(cells.get("id"))
    record_id = f"row/{own}" if own else _id_of(cells, line)
    if not record_id or len(own) > _ID_LENGTH:
        return "没有记录编号，也没有读得懂的时间，分不清是不是同一条。请补上一样。"
    place = place_of(line.number, line.sheet)
    return ForeignRecord(record_id, kind, number, payload=payload, own_id=bool(own), place=place)


def _id_of(cells: Mapping[str, Any], line: Line) -> str:
    """Return what a row without an id is known by, "" when its time cannot be read."""
    moment = moment_of(cells.get("at"), from_1904=line.from_1904)
    if moment is None:
        return ""
    said = [text_of(cells.get(name)) for name in _COLUMNS if name not in ("at", "id")]
    text = "\0".join([moment.isoformat(), *said])
    return f"said/{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _payload(kind: RecordKind, cells: Mapping[str, Any]) -> dict[str, object] | str:
    text = text_of(cells.get("text"))
    if len(text) > MAX_TEXT:
        return f"文字太长（最多 {MAX_TEXT} 字）。"
    if kind is RecordKind.URGE:
        return p.plain(p.Text(text or "12345 催办"))
    if kind is not RecordKind.CALL_BACK:
        return p.plain(p.Reason(text or f"12345 {RECORD_TITLES[kind]}"))
    said = {name: text_of(cells.get(name)) for name in ("responded", "resolved", "satisfied")}
    strange = [value for value in said.values() if value not in _ANSWERS]
    if strange:
        return f"回访结果“{shown(strange[0], 20)}”读不懂。可写：是、否、未评价。"
    if not any(said.values()) and not text:
        return "回访结果是空的。"
    answers = {name: _ANSWERS[value] for name, value in said.items()}
    return p.plain(p.CallBackResult(**answers, text=text))
