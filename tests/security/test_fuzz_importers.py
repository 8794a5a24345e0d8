"""Dispatch files made to hurt: whatever the bytes, orders come out or words for people, in little time."""

from __future__ import annotations

import gzip
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sync.platform import order_tables
from sync.platform.order_files import OrderFile, read_order_file
from sync.platform.order_lines import OrderFileError
from tests.support.center import sample_center
from tests.support.clock import START

pytestmark = pytest.mark.fault("security.rubbish_requests")

CENTER = sample_center()
HEAD = "工单编号,标题,主要内容,来电人,号码,村,发生地址,三级分类,紧急程度,来电时间"
ROW = "A-1,路灯不亮,东街路灯三天不亮,张女士,13800001234,魏家湾村,东街口,农村管理,一般,2026-11-20 08:10"
CSV = f"{HEAD}\n{ROW}\n".encode()
JSON_ROW = '{"工单编号":"B-1","标题":"路灯不亮","主要内容":"三天了"}\n'.encode()
SETTINGS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for line in (HEAD, ROW):
        page.append(line.split(","))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


XLSX = sheet()


def read(folder: Path, data: bytes) -> OrderFile | None:
    """Any other exception than the one with words for people fails the test."""
    path = folder / "orders"
    path.write_bytes(data)
    try:
        return read_order_file(path, CENTER, START)
    except OrderFileError:
        return None


def damaged(seed: bytes) -> st.SearchStrategy[bytes]:
    """The file with a piece of it replaced, cut out or doubled."""
    places = st.integers(0, len(seed))

    def change(begin: int, end: int, piece: bytes) -> bytes:
        begin, end = sorted((begin, end))
        return seed[:begin] + piece + seed[end:]

    return st.builds(change, places, places, st.binary(max_size=12))


@pytest.mark.parametrize("seed", [CSV, JSON_ROW, XLSX, gzip.compress(CSV, mtime=0)],
                         ids=["csv", "json", "xlsx", "gzip"])  # fmt: skip
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path: Path, seed: bytes) -> None:
    @SETTINGS
    @given(damaged(seed))
    def look(data: bytes) -> None:
        read(tmp_path, data)

    look()


@SETTINGS
@given(st.binary(max_size=300))
@example(b"[" * 100_000)
@example(b'{"a":' * 20_000)
@example(b'{"\xe6\xa0\x87\xe9\xa2\x98":' + b"9" * 5000 + b"}")
@example(b'[{"title":NaN,"content":-Infinity,"time":1e400}]')
@example(b'{"title":"\\ud800","content":"\\udfff"}')
def test_any_bytes_are_read_or_refused_in_words(tmp_path: Path, data: bytes) -> None:
    read(tmp_path, data)


@SETTINGS
@given(st.lists(st.lists(st.text(max_size=20), max_size=12), max_size=6))
def test_any_text_in_any_cell(tmp_path: Path, rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    body = "\n".join([HEAD, *quoted]).encode("utf-8", errors="replace")
    found = read(tmp_path, body)
    if found is not None:
        for intake in found.intakes:
            assert intake.number.isprintable()


# --- bombs ----------------------------------------------------------------------------------------


@pytest.mark.fault("security.bombs")
def test_a_gzip_bomb_is_stopped_while_it_unpacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_tables, "MAX_BYTES", 1_000_000)
    bomb = gzip.compress(gzip.compress(b"a" * 50_000_000, mtime=0), mtime=0)
    assert read(tmp_path, bomb) is None or read(tmp_path, bomb) == OrderFile()
    assert read(tmp_path, gzip.compress(b"a,b\n" * 10_000_000, mtime=0)) is None


def archive(entries: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.fault("security.bombs")
def test_a_zip_bomb_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    book = {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"<row/>" * 15_000_000}
    bomb = archive(book)
    assert len(bomb) < 1_000_000
    with pytest.raises(OrderFileError, match="展开后太大"):
        read_order_file(_kept(tmp_path, bomb), CENTER, START)


@pytest.mark.fault("security.bombs")
def test_an_archive_that_lies_about_its_size_gives_no_more_than_it_said(tmp_path: Path) -> None:
    honest = archive({"xl/workbook.xml": b"<workbook/>" + b" " * 5_000_000})
    size = (5_000_011).to_bytes(4, "little")
    assert honest.count(size) == 2
    assert read(tmp_path, honest.replace(size, (11).to_bytes(4, "little"))) is None


@pytest.mark.fault("security.bombs")
def test_entities_that_multiply_are_not_followed(tmp_path: Path) -> None:
    grow = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    declared = f'<!DOCTYPE worksheet [<!ENTITY e0 "ha">{grow}]>'
    parts = _parts(XLSX)
    page = parts["xl/worksheets/sheet1.xml"].decode().replace("路灯不亮", "&e9;")
    assert "&e9;" in page
    bomb = archive({**parts, "xl/worksheets/sheet1.xml": f"{declared}{page}".encode()})
    assert read(tmp_path, bomb) is None


def _parts(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(book)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _kept(folder: Path, data: bytes) -> Path:
    path = folder / "orders.xlsx"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\..\\x", "C:\\x.xml"])
def test_names_in_an_archive_touch_no_file(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    assert read(inner, archive({**_parts(XLSX), name: b"x"})) is not None
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["orders"]


def test_a_file_larger_than_can_be_read_is_not_taken_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    with path.open("wb") as file:
        file.truncate(40 * 1024**3)  # a sparse file
    with pytest.raises(OrderFileError, match="文件太大"):
        read_order_file(path, CENTER, START)
