"""Reading a table out of whatever file was sent: CSV, JSON lines or XLSX, whole or half-written.

Each reader yields ``Line``s and never raises for one bad line: that is a ``Line`` with a complaint.
Only a file of which nothing can be read raises ``OrderFileError``.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from sync.platform.order_html import is_page, table_rows
from sync.platform.order_lines import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_FIELD,
    MAX_ROWS,
    TOO_LONG,
    TOO_MANY,
    Line,
    OrderFileError,
)
from sync.platform.order_xlsx import xlsx_lines

MAX_QUOTED_LINES = 300


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the rows of ``path``. Raises ``OrderFileError``."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise OrderFileError("文件打不开。", f"请核对路径和权限（{error.strerror}）。") from None
    if len(data) > MAX_BYTES:
        raise OrderFileError("文件太大。", "请分成几份再派。")
    cut = False
    if data[:2] == b"\x1f\x8b":
        data, cut = _gunzip(data)
    if data[:4] == b"PK\x03\x04":
        yield from xlsx_lines(data)
        return
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _old_office(data)
    text = _decode(data)
    if text.lstrip()[:1] in ("{", "["):
        yield from _json(text, cut=cut)
    elif is_page(text):
        yield from _page(text)
    elif text.lstrip("\ufeff \r\n\t")[:5] == "<?xml":
        raise OrderFileError("这是 XML 格式的表格。", "请在表格软件里打开，另存为 .xlsx 或 .csv。")
    else:
        yield from _csv(text, cut=cut)


def _old_office(data: bytes) -> OrderFileError:
    """Say what a file in the old container is, by the names of its streams."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return OrderFileError(
            "这个表格加了密码，读不了。", "请用密码打开，去掉密码，另存为 .xlsx 再交。"
        )
    if "Book".encode("utf-16-le") in data or "Workbook".encode("utf-16-le") in data:
        return OrderFileError(
            "这是旧版表格（.xls 或 .et），读不了。", "请在表格软件里打开，另存为 .xlsx 再交。"
        )
    return OrderFileError("这不是表格，是旧版的其他文件。", "请给 .xlsx、.csv 或 .jsonl 文件。")


def _gunzip(data: bytes) -> tuple[bytes, bool]:
    """Return what can be unpacked, and whether the end is missing."""
    out = bytearray()
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
            while chunk := stream.read1(1024 * 1024):
                out += chunk
                if len(out) > MAX_BYTES:
                    raise OrderFileError("压缩包展开后太大。", "请分成几份再派。")
    except (EOFError, zlib.error, gzip.BadGzipFile):
        if not out:
            raise OrderFileError(
                "压缩包已损坏，一行也读不出来。", "请重新导出或重新拷贝。"
            ) from None
        return bytes(out), True
    return bytes(out), False


def _decode(data: bytes) -> str:
    """Return the text; what fits no encoding stays visible as surrogates, row by row."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace").lstrip("\ufeff")
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    sample = data[:4096]
    big, little = sample[::2].count(0), sample[1::2].count(0)
    if (big + little) * 30 > len(sample) and max(big, little) > 10 * min(big, little):
        return data.decode("utf-16-be" if big > little else "utf-16-le", errors="replace")
    data = data.replace(b"\0", b"")
    text = data.decode("utf-8", errors="surrogateescape")
    wrong = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    right = sum(1 for c in text if c > "\x7f") - wrong
    return text if wrong <= right else data.decode("gb18030", errors="surrogateescape")


def _repair(text: str) -> str:
    """Return ``text`` with a stray GB18030 line read as that. Raises ``UnicodeError``."""
    if not any("\udc80" <= c <= "\udcff" for c in text):
        return text
    return text.encode("utf-8", errors="surrogateescape").decode("gb18030")


# --- CSV ------------------------------------------------------------------------------------------


def _csv(text: str, *, cut: bool) -> Iterator[Line]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    delimiter = _delimiter(lines)
    index, width = 0, 0
    while index < len(lines):
        if index > MAX_ROWS * 5:
            yield Line(index + 1, complaint=TOO_MANY)
            return
        line, used = _record(lines, index, delimiter, width)
        width = max(width, len(line.cells))
        last = index + used >= len(lines)
        if last and cut:
            line = Line(
                line.number, complaint="压缩包不完整，到这一行断了，这一行没有派。", cut=True
            )
        yield line
        index += used


def _delimiter(lines: list[str]) -> str:
    head = "\n".join(lines[:30])
    return max((",", "\t", ";", "|"), key=head.count)


def _record(lines: list[str], index: int, delimiter: str, width: int) -> tuple[Line, int]:
    """Return the record that starts at ``index`` and how many lines it takes."""
    used = 1
    quotes = lines[index].count('"')
    while quotes % 2 and index + used < len(lines) and used < MAX_QUOTED_LINES:
        quotes += lines[index + used].count('"')
        used += 1
    alone = _cells(lines[index], delimiter)
    if quotes % 2:
        if alone is not None and len(alone) == width and '"' not in (alone[-1][:1], ""):
            return Line(index + 1, alone), 1
        return Line(index + 1, complaint="引号没有配对，这一行读不出来。"), 1
    joined = _cells("\n".join(lines[index : index + used]), delimiter)
    whole = alone is not None and len(alone) == width
    if used > 1 and whole and alone and (joined is None or len(joined) != width):
        return Line(index + 1, alone), 1
    if joined is None:
        return Line(index + 1, complaint="这一行的编码或格式不对，读不出来。"), used
    return Line(index + 1, joined), used


def _cells(record: str, delimiter: str) -> tuple[str, ...] | None:
    try:
        rows = list(csv.reader([_repair(record)], delimiter=delimiter))
    except (csv.Error, UnicodeError):
        return None
    cells = tuple(rows[0]) if rows else ()
    return cells if all(len(c) <= MAX_FIELD for c in cells) and len(cells) <= MAX_COLUMNS else None


# --- web pages ------------------------------------------------------------------------------------


def _page(text: str) -> Iterator[Line]:
    """Yield the rows of the page's tables."""
    for count, (number, cells) in enumerate(table_rows(text)):
        if count > MAX_ROWS:
            yield Line(number, complaint=TOO_MANY)
            return
        yield _page_row(number, cells)


def _page_row(number: int, cells: tuple[str, ...]) -> Line:
    if not cells:
        return Line(number, complaint="文件到这一行断了，这一行没有派。", cut=True)
    if len(cells) > MAX_COLUMNS or any(len(cell) > MAX_FIELD for cell in cells):
        return Line(number, complaint=TOO_LONG)
    try:
        return Line(number, tuple(map(_repair, cells)))
    except UnicodeError:
        return Line(number, complaint="这一行的编码或格式不对，读不出来。")


# --- JSON -----------------------------------------------------------------------------------------


def _json(text: str, *, cut: bool) -> Iterator[Line]:
    if text.lstrip()[:1] == "[":
        yield from _json_array(text)
        return
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(_repair(line))
        except (ValueError, RecursionError):
            end = number == len(lines)
            why = "这一行没写完，没有派。" if end else "这一行不是完整的 JSON，读不出来。"
            yield Line(number, complaint=why, cut=cut and end)
            continue
        yield json_line(number, value)


def _json_array(text: str) -> Iterator[Line]:
    """Yield the objects of one array, up to where it breaks off."""
    decoder = json.JSONDecoder()
    at, number = text.index("[") + 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at < len(text) and text[at] == "]":
            return
        number += 1
        line = text.count("\n", 0, at) + 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield Line(line, complaint=f"从第 {number} 条起读不出来，文件可能没写完。", cut=True)
            return
        yield json_line(line, value)


def json_line(number: int, value: object) -> Line:
    """Return an object as a row that names its own columns."""
    if not isinstance(value, dict):
        return Line(number, complaint="这一行不是一条工单。")
    flat = {str(k): v for k, v in value.items() if not isinstance(v, dict | list)}
    flat.update({str(k): "-".join(map(str, v)) for k, v in value.items() if isinstance(v, list)})
    return Line(number, tuple(flat.values()), tuple(flat))
