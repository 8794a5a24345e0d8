"""Spreadsheets as people and programs really make them: hidden, merged, stacked, locked, half calculated."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from sync.platform.order_files import OrderFile, read_order_file
from sync.platform.order_lines import OrderFileError
from sync.platform.order_values import phone_of
from tests.support.center import sample_center
from tests.support.clock import START

CENTER = sample_center()
HEAD: list[Any] = ["工单编号", "标题", "主要内容", "来电人", "号码", "来电时间"]


def row(number: object, title: str = "路灯不亮", *more: object) -> list[Any]:
    return [number, title, f"{title}，三天了", *more]


def saved(book: Any) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*sheets: Sequence[Sequence[object]]) -> Any:
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for n, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"表{n}")
        for cells in rows:
            sheet.append(list(cells))
    return book


def read(tmp_path: Path, data: bytes, name: str = "x.xlsx") -> OrderFile:
    path = tmp_path / name
    path.write_bytes(data)
    return read_order_file(path, CENTER, START)


def numbers(file: OrderFile) -> list[str]:
    return [intake.number for intake in file.intakes]


def told(file: OrderFile) -> str:
    return "\n".join(map(str, [*file.bad, *file.notes]))


def changed(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """Return the spreadsheet with one of its parts rewritten, as another program would have it."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, change(text.decode()).encode() if re.search(part, name) else text)
    return out.getvalue()


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_not_read_and_that_is_said(tmp_path: Path, state: str) -> None:
    book = book_of([HEAD, row("A-1")], [HEAD, row("OLD-1")])
    book.worksheets[1].sheet_state = state
    file = read(tmp_path, saved(book))
    assert numbers(file) == ["A-1"]
    assert "“表2”是隐藏的，没有读" in told(file)


def test_a_file_with_nothing_but_hidden_orders_says_so(tmp_path: Path) -> None:
    book = book_of([["说明"]], [HEAD, row("A-1")])
    book.worksheets[1].sheet_state = "hidden"
    with pytest.raises(OrderFileError, match="“表2”是隐藏的，没有读"):
        read(tmp_path, saved(book))


def test_rows_that_a_filter_hides_are_orders_all_the_same(tmp_path: Path) -> None:
    book = book_of([HEAD, row("A-1"), row("A-2"), row("A-3")])
    for hidden in (2, 4):
        book.worksheets[0].row_dimensions[hidden].hidden = True
    file = read(tmp_path, saved(book))
    assert numbers(file) == ["A-1", "A-2", "A-3"]
    assert "“表1”有 2 行是隐藏的或被筛选掉的，一样读了" in told(file)


def test_a_cell_merged_downwards_speaks_for_all_its_rows(tmp_path: Path) -> None:
    book = book_of(
        [
            HEAD,
            row("A-1", "路灯不亮", "张女士", "138****1234"),
            row("A-2", "没有水"),
            row("A-3", "路不平", "李先生"),
            [None] * 6,
        ]
    )
    sheet = book.worksheets[0]
    sheet.merge_cells("D2:D3")
    sheet.merge_cells("A4:A5")
    file = read(tmp_path, saved(book))
    assert [(i.number, i.petitioner.name) for i in file.intakes] == [
        ("A-1", "张女士"), ("A-2", "张女士"), ("A-3", "李先生"),
    ]  # fmt: skip
    assert file.bad == []


def test_one_number_merged_over_two_matters_loses_neither_unseen(tmp_path: Path) -> None:
    book = book_of([HEAD, row("A-1"), row(None, "没有水")])
    book.worksheets[0].merge_cells("A2:A3")
    file = read(tmp_path, saved(book))
    assert numbers(file) == ["A-1"]
    assert "第 3 行：编号 A-1 与“表1”第 2 行相同" in told(file)


def test_a_header_in_two_lines_is_one_header(tmp_path: Path) -> None:
    book = book_of(
        [
            ["工单编号", "标题", "主要内容", "来电人信息", None],
            [None, None, None, "姓名", "电话"],
            row("A-1", "路灯不亮", "张女士", "01069512345"),
        ]
    )
    sheet = book.worksheets[0]
    for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
        sheet.merge_cells(cells)
    file = read(tmp_path, saved(book))
    (intake,) = file.intakes
    assert (intake.number, intake.petitioner.name) == ("A-1", "张女士")
    assert intake.petitioner.phone == "01069512345"


def test_tables_below_each_other_have_their_own_columns(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        HEAD,
        row("A-1"),
        [None],
        ["标题", "工单编号", "主要内容"],
        ["没有水", "A-2", "停水"],
    ]
    file = read(tmp_path, saved(book_of(rows)))
    assert [(i.number, i.matter.title) for i in file.intakes] == [
        ("A-1", "路灯不亮"), ("A-2", "没有水"),
    ]  # fmt: skip


def test_the_same_number_on_the_same_line_of_two_sheets(tmp_path: Path) -> None:
    same = book_of([HEAD, row("A-1")], [HEAD, row("A-1")])
    file = read(tmp_path, saved(same))
    assert (numbers(file), file.repeated) == (["A-1"], 1)
    other = book_of([HEAD, row("A-1")], [HEAD, row("A-1", "没有水")])
    file = read(tmp_path, saved(other))
    assert numbers(file) == ["A-1"]
    assert "“表2”第 2 行：编号 A-1 与“表1”第 2 行相同，内容却不同" in told(file)


def test_sheets_in_any_order_and_one_that_goes_on_without_a_header(tmp_path: Path) -> None:
    notes = [["填表说明"], ["请如实填写"]]
    file = read(tmp_path, saved(book_of(notes, [HEAD, row("A-1")], [row("A-2"), row("A-3")])))
    assert numbers(file) == ["A-1"]
    assert [str(note) for note in file.bad] == ["工作表“表3”没有找到表头，2 行没有读。"]
    assert "工作表“表1”没有找到表头，2 行没有读" in told(file)


def test_rows_after_a_long_gap_are_rows(tmp_path: Path) -> None:
    book = book_of([HEAD, row("A-1")])
    for column, value in enumerate(row("A-2"), 1):
        book.worksheets[0].cell(9_000, column, value)
    assert numbers(read(tmp_path, saved(book))) == ["A-1", "A-2"]


def test_a_formula_without_a_value_is_said_and_one_with_a_value_counts(tmp_path: Path) -> None:
    book = book_of([HEAD, row("A-1"), row("A-2"), row("A-3")])
    book.worksheets[0]["B2"] = '="路灯"&"不亮"'
    book.worksheets[0]["B3"] = '=""'
    book.worksheets[0]["B4"] = '="水"&"管"'
    data = changed(
        saved(book), "sheet1",
        lambda x: x.replace('<c r="B3"><f>""</f><v></v>', '<c r="B3" t="str"><f>""</f><v></v>')
        .replace('<c r="B3"><f>""</f><v />', '<c r="B3" t="str"><f>""</f><v></v>')
        .replace('"水"&amp;"管"</f><v></v>', '"水"&amp;"管"</f><v>水管</v>')
        .replace('"水"&amp;"管"</f><v />', '"水"&amp;"管"</f><v>水管</v>')
        .replace('<c r="B4"', '<c r="B4" t="str"'),
    )  # fmt: skip
    file = read(tmp_path, data)
    assert numbers(file) == ["A-2", "A-3"]
    assert file.intakes[1].matter.title == "水管"
    assert [note.line for note in file.bad] == [2]
    assert "公式还没有算出值" in told(file)


def test_days_that_count_from_1904(tmp_path: Path) -> None:
    book = book_of([HEAD])
    book.epoch = CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    sheet.append(row("A-1", "路灯不亮", None, None, datetime(2026, 11, 20, 8, 10)))  # noqa: DTZ001
    sheet.append(row("A-2", "没有水", None, None, 44884 + 8.25 / 24))
    sheet.append(row("A-3", "路不平", None, None, "2026-11-20 08:30"))
    file = read(tmp_path, saved(book))
    assert [i.called_at for i in file.intakes] == [
        datetime(2026, 11, 20, 0, minute, tzinfo=UTC) for minute in (10, 15, 30)
    ]


def test_numbers_that_are_shown_with_zeros_before_them(tmp_path: Path) -> None:
    book = book_of([HEAD, row(12), row(345678901234567)])
    for cell in ("A2", "A3"):
        book.worksheets[0][cell].number_format = "00000000"
    assert numbers(read(tmp_path, saved(book))) == ["00000012", "345678901234567"]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        (13800001234, "13800001234"),
        (13800001234.0, "13800001234"),
        ("1.3800001234E+10", "13800001234"),
        ("1.38E+10", ""),
        ("1.381234567E+10", ""),
        (1069512345, "01069512345"),
        (3101234567, "03101234567"),
        ("75512345678", "075512345678"),
        ("4008123456", "4008123456"),
        ("010-69512345", "01069512345"),
    ],
)
def test_telephone_numbers_that_went_through_a_spreadsheet(cell: object, phone: str) -> None:
    assert phone_of(cell) == phone


def test_a_telephone_number_that_was_cut_is_said(tmp_path: Path) -> None:
    text = ",".join(HEAD) + "\nA-1,路灯不亮,三天了,张女士,1.38E+10,\n"
    file = read(tmp_path, text.encode("gb18030"), "x.csv")
    assert file.intakes[0].petitioner.phone == ""
    assert "号码被存成了科学计数" in told(file)


@pytest.mark.parametrize(
    ("stream", "words"),
    [("EncryptedPackage", "加了密码"), ("Workbook", "旧版表格"), ("Book", "旧版表格")],
)
def test_locked_and_old_spreadsheets_are_told_apart(
    tmp_path: Path, stream: str, words: str
) -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016)
    with pytest.raises(OrderFileError, match=words):
        read(tmp_path, head + stream.encode("utf-16-le") + bytes(400))


def test_the_strict_variant_of_the_format_is_named(tmp_path: Path) -> None:
    ours, theirs = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    data = changed(saved(book_of([HEAD, row("A-1")])), "xml$", lambda x: x.replace(ours, theirs))
    with pytest.raises(OrderFileError, match="严格"):
        read(tmp_path, data)


def test_prefixed_elements_as_some_programs_write_them(tmp_path: Path) -> None:
    book = book_of([HEAD, row("A-1", "路灯不亮", "张女士"), row("A-2", "没有水")])
    book.worksheets[0].merge_cells("D2:D3")
    book.worksheets[0].row_dimensions[3].hidden = True

    def prefix(xml: str) -> str:
        return re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x=")

    file = read(tmp_path, changed(saved(book), "sheet1", prefix))
    assert [(i.number, i.petitioner.name) for i in file.intakes] == [
        ("A-1", "张女士"), ("A-2", "张女士"),
    ]  # fmt: skip
    assert "有 1 行是隐藏的" in told(file)


@pytest.mark.parametrize("rubbish", ["<c ", "<row ", "<mergeCell ", '<c r="A1"><f>', "<f"])
def test_a_hostile_sheet_ends_with_words(tmp_path: Path, rubbish: str) -> None:
    data = saved(book_of([HEAD, row("A-1")]))
    with pytest.raises(OrderFileError):
        read(tmp_path, changed(data, "sheet1", lambda _: rubbish * 200_000))


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (r"<fills.*</fills>", '<fills count="1"><fill/></fills>'),
        (r"<cellStyles.*</cellStyles>", ""),
        (r"<cellXfs.*</cellXfs>", "<cellXfs/>"),
        (r"^.*$", "rubbish"),
    ],
)
def test_styles_that_other_programs_got_wrong_cost_no_order(
    tmp_path: Path, found: str, put: str, recwarn: pytest.WarningsRecorder
) -> None:
    book = book_of([HEAD, row("A-1", "路灯不亮", None, None, datetime(2026, 11, 20, 8, 15))])  # noqa: DTZ001
    data = changed(saved(book), "styles", lambda x: re.sub(found, put, x, flags=re.DOTALL))
    (intake,) = read(tmp_path, data).intakes
    assert intake.called_at == datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
    english = [w for w in recwarn if "openpyxl" in w.filename]
    assert not english, "the screen is Chinese"
