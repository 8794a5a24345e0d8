"""Results as a table for people to upload: XLSX and CSV, every cell text, none of them a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from desktop_app.domain.calendars import SHANGHAI
from sync.platform.gateway.port import RESULT_TITLES, Result, ResultKind

HEADER = (
    "结果编号", "工单编号", "事项", "第几次办理", "版本", "补发", "反馈意见", "办理措施", "定性",
    "是否联系", "是否解决", "是否满意", "是否属实", "承办单位", "办结时间", "反馈时间",
)  # fmt: skip
"""No name among them by which the importer would take the table for orders."""

_NATURES = {
    "reasonable": "合理", "unreasonable": "不合理", "beyond": "超出本级", "disputed": "有争议",
}  # fmt: skip
_WIDTHS = (26, 20, 10, 11, 6, 6, 60, 60, 10, 10, 10, 10, 10, 30, 18, 18)
_STARTS_FORMULA = frozenset("=+-@＝＋－＠|%\t\r")
MAX_CELL = 32_000  # a spreadsheet's own limit is 32,767


def cells_of(result: Result) -> tuple[str, ...]:
    """Return a result's row."""
    whole = result.kind is ResultKind.RESULT
    answers = (result.contacted, result.resolved, result.satisfied, result.truthful)
    return (
        result.reference,
        result.number,
        RESULT_TITLES[result.kind],
        str(result.round),
        str(result.version),
        f"补发{result.reissue}" if result.reissue else "",
        result.text,
        result.measures,
        _NATURES.get(result.nature, result.nature),
        *(_said(answer) if whole else "" for answer in answers),
        "、".join(result.handlers),
        _time(result.concluded_at),
        _time(result.reported_at),
    )


def harmless(text: str) -> str:
    """Return ``text`` as a CSV cell that no spreadsheet takes for a formula."""
    text = tidy(text)
    return f"'{text}" if text.lstrip()[:1] in _STARTS_FORMULA and text.strip() else text


def tidy(text: str) -> str:
    """Return ``text`` without what a spreadsheet cannot hold."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return kept.encode("utf-8", "replace").decode()[:MAX_CELL]


def as_csv(results: Sequence[Result]) -> bytes:
    """Return the table as CSV for Excel: UTF-8 with its mark, CRLF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    writer.writerows([harmless(cell) for cell in cells_of(result)] for result in results)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(results: Sequence[Result]) -> bytes:
    """Return the table as XLSX; what looks like a formula is marked as text."""
    import openpyxl  # slow, and only batches need it
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "办理结果"
    sheet.freeze_panes = "A2"
    for row, cells in enumerate((HEADER, *map(cells_of, results)), 1):
        for column, text in enumerate(cells, 1):
            cell = sheet.cell(row, column)
            cell.value = tidy(text)
            cell.data_type = "s"
            cell.number_format = "@"
            cell.quotePrefix = text[:1] in _STARTS_FORMULA
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row == 1)
    for letter, width in zip("ABCDEFGHIJKLMNOP", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _said(answer: bool | None) -> str:
    return "未评价" if answer is None else "是" if answer else "否"


def _time(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""
