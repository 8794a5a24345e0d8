"""Dispatch files as they really come: every good row, every bad row named, never a crash."""

from __future__ import annotations

import gzip
import json
import random
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from desktop_app.domain.orders import OrderKind
from sync.platform.order_columns import find_columns, is_header
from sync.platform.order_files import OrderFile, read_order_file
from sync.platform.order_lines import OrderFileError
from sync.platform.order_values import category_of, moment_of, phone_of, text_of, tier_of
from tests.support.center import sample_center
from tests.support.clock import START

CENTER = sample_center()
HEAD = "工单编号,标题,主要内容,来电人,号码,村,发生地址,三级分类,紧急程度,来电时间"
ROW = (
    "A-1,路灯不亮,东街路灯三天不亮,张女士,13800001234,魏家湾村,东街口,"
    "农村管理—农村基础设施建设—道路,一般,2026-11-20 08:10"
)
ROW2 = ROW.replace("A-1", "A-2")


def read(tmp_path: Path, data: bytes | str, name: str = "orders.csv") -> OrderFile:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_order_file(path, CENTER, START)


def read_or_none(tmp_path: Path, data: bytes, name: str = "orders.csv") -> OrderFile | None:
    """Any other exception than the one with words for people fails the test."""
    try:
        return read(tmp_path, data, name)
    except OrderFileError:
        return None


def bad(file: OrderFile) -> list[int]:
    return [note.line for note in file.bad]


def test_every_field_is_recognised(tmp_path: Path) -> None:
    head = HEAD + ",是否保密,工单类型,来源,标签"
    row = ROW + ',是,投诉,区分转,"七有五性,重点"'
    (intake,) = read(tmp_path, f"{head}\n{row}\n").intakes
    assert intake.number == "A-1"
    assert intake.matter.title == "路灯不亮"
    assert intake.matter.category == ("农村管理", "农村基础设施建设", "道路")
    assert intake.matter.kind is OrderKind.COMPLAINT
    assert intake.petitioner.name == "张女士"
    assert intake.petitioner.phone == "13800001234"
    assert intake.petitioner.confidential
    assert (intake.place.village_id, intake.place.village) == ("wjw", "魏家湾村")
    assert intake.place.address == "东街口"
    assert intake.tier == "general"
    assert intake.called_at == datetime(2026, 11, 20, 0, 10, tzinfo=UTC)
    assert intake.channel == "区分转"
    assert intake.tags == ("七有五性", "重点")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_packing_and_line_ends(
    tmp_path: Path, encoding: str, packed: bool, ending: str
) -> None:
    data = ending.join([HEAD, ROW, ROW2, ""]).encode(encoding)
    file = read(tmp_path, gzip.compress(data) if packed else data)
    assert [i.number for i in file.intakes] == ["A-1", "A-2"]
    assert file.intakes[0].matter.title == "路灯不亮"
    assert file.bad == []


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    file = read(tmp_path, f"{HEAD}\n{ROW}\n".replace(",", delimiter))
    assert [i.number for i in file.intakes] == ["A-1"]


def test_lines_above_the_header_and_totals_below(tmp_path: Path) -> None:
    text = f"12345工单导出,,,\n导出时间:2026/11/01,,\n\n{HEAD}\n{ROW}\n\n{HEAD}\n{ROW2}\n合计,2,,,,,,,,\n"
    file = read(tmp_path, text)
    assert [i.number for i in file.intakes] == ["A-1", "A-2"]
    assert file.lines == [5, 8]
    assert file.bad == []
    assert "合计" in str(file.notes[0])


def test_bad_rows_are_named_by_line_and_good_ones_go(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ROW,
        "A-3,,,李先生,,,,,,",  # nothing said
        "A-4,标题",  # too short
        ROW2 + ",多出来的",  # too long
        f"{'9' * 70},标题,内容,,,,,,,",
        "A-5,标题," + "长" * 20_001 + ",,,,,,,",
        "A-6,标题,内容,,,,,,,前天下午",
        ROW2,
        "A-1,另一件事,内容,,,,,,,",  # the number of line 2
        ROW,
    ]
    file = read(tmp_path, "\n".join(rows) + "\n")
    assert [i.number for i in file.intakes] == ["A-1", "A-6", "A-2"]
    assert bad(file) == [3, 4, 5, 6, 7, 10]
    assert [note.line for note in file.notes] == [8, 11]
    assert "前天下午" in str(file.notes[0])
    assert file.intakes[1].called_at == START
    assert file.repeated == 1
    assert all("第" in str(note) for note in file.bad)


def test_quoting_right_and_wrong(tmp_path: Path) -> None:
    good = 'A-1,"他说""不行"",走了","第一行\n第二行,还在引号里",,,,,,,'
    broken = 'A-2,"没有关上的引号,内容,,,,,,,'
    inch = 'A-3,5" 水管裂了,内容 3",,,,,,,'
    file = read(tmp_path, "\n".join([HEAD, good, broken, ROW.replace("A-1", "A-9"), inch]) + "\n")
    numbers = [i.number for i in file.intakes]
    assert numbers == ["A-1", "A-9", "A-3"]
    assert file.intakes[0].matter.title == '他说"不行",走了'
    assert file.intakes[0].matter.text.endswith("还在引号里")
    assert bad(file) == [4]


def test_nul_bytes_and_a_line_in_another_encoding(tmp_path: Path) -> None:
    lines = [
        HEAD.encode(), ROW.encode().replace(b"A-1", b"A\0-1"), ROW2.encode("gb18030"),
        ROW.encode().replace(b"A-1", b"A-3"), b"A-4,\xff\xfe\xfa,\xff\xff,,,,,,,", b"",
    ]  # fmt: skip
    file = read(tmp_path, b"\n".join(lines))
    assert [i.number for i in file.intakes] == ["A-1", "A-2", "A-3"]
    assert file.intakes[1].matter.title == "路灯不亮"
    assert bad(file) == [5]


def test_every_cut_of_a_packed_file_keeps_what_is_whole(tmp_path: Path) -> None:
    chance = random.Random(3)
    rows = [
        ROW.replace("A-1", f"A-{n}").replace("东街路灯", str(chance.random())) for n in range(60)
    ]
    data = gzip.compress("\n".join([HEAD, *rows, ""]).encode())
    whole = {i.number: i for i in read(tmp_path, data).intakes}
    assert len(whole) == 60
    some = 0
    for cut in range(0, len(data), 37):
        file = read_or_none(tmp_path, data[:cut])
        if file is None:
            continue
        assert all(whole[i.number] == i for i in file.intakes)
        assert file.bad
        some += bool(file.intakes)
    assert some


@pytest.mark.parametrize("name", ["orders.csv", "orders.jsonl", "orders.json", "orders.xlsx"])
def test_every_cut_of_any_file_never_crashes(tmp_path: Path, name: str) -> None:
    data = made(name)
    step = max(1, len(data) // 150)
    for cut in range(0, len(data), step):
        read_or_none(tmp_path, data[:cut], name)


@pytest.mark.parametrize("name", ["orders.csv", "orders.jsonl", "orders.json", "orders.xlsx"])
def test_damaged_bytes_never_crash(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    whole = made(name)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(5):
            data[chance.randrange(len(data))] = chance.randrange(256)
        read_or_none(tmp_path, bytes(data), name)


def made(name: str) -> bytes:
    records = [dict(zip(HEAD.split(","), row.split(","), strict=True)) for row in (ROW, ROW2)]
    if name.endswith(".csv"):
        return f"{HEAD}\n{ROW}\n{ROW2}".encode()
    if name.endswith(".jsonl"):
        return "\n".join(json.dumps(r, ensure_ascii=False) for r in records).encode()
    if name.endswith(".json"):
        return json.dumps(records, ensure_ascii=False, indent=1).encode()
    return workbook([HEAD.split(","), ROW.split(","), ROW2.split(",")])


def workbook(rows: list[list[object]] | list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["orders.csv", "orders.jsonl", "orders.json", "orders.xlsx"])
def test_the_same_rows_in_any_shape_are_the_same_orders(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, made(name), name).intakes == read(tmp_path, made("orders.csv")).intakes


def test_json_lines_with_odd_lines(tmp_path: Path) -> None:
    lines = [
        '{"标题":"甲","工单编号":1}',
        "",
        "[1,2]",
        '{"标题":"乙"',
        '{"主要内容":"丙","extra":{"a":1}}',
    ]
    file = read(tmp_path, "\n".join(lines), "x.jsonl")
    assert [i.matter.title for i in file.intakes] == ["甲", "丙"]
    assert file.intakes[0].number == "1"
    assert bad(file) == [3, 4]


def test_a_row_without_a_number_is_known_again(tmp_path: Path) -> None:
    head, row = "标题,内容,时间", "没水,三天没水了,2026-11-20 08:10"
    (one,) = read(tmp_path, f"{head}\n{row}\n").intakes
    (two,) = read(
        tmp_path, "备注,时间,标题,内容\n新列,2026/11/20 8:10:00,没水,三天没水了\n"
    ).intakes
    assert one.number == two.number
    assert one.number.startswith("JB-")
    assert one.tier == "livelihood"


def test_spreadsheet_values(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["导出"],
        ["编号", "标题", "主要内容", "来电时间", "号码", "处理时限"],
        [12.0, "甲", "x", datetime(2026, 11, 20, 8, 10), 13800001234, "2小时"],  # noqa: DTZ001
        [13, "乙", "x", 46346.34, "不愿透露", "15天"],
        [14, "丙", "x", "2026年11月20日 8时10分", None, None],
        [None, None, None, None, None, None],
        ["合计", 3, None, None, None, None],
    ]
    file = read(tmp_path, workbook(rows), "x.xlsx")
    assert [i.number for i in file.intakes] == ["12", "13", "14"]
    assert [i.petitioner.phone for i in file.intakes] == ["13800001234", "", ""]
    assert [i.tier for i in file.intakes] == ["emergency", "complex", "general"]
    assert file.intakes[0].called_at == datetime(2026, 11, 20, 0, 10, tzinfo=UTC)
    assert file.intakes[2].called_at == datetime(2026, 11, 20, 0, 10, tzinfo=UTC)
    assert file.lines == [3, 4, 5]
    assert file.bad == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "表头"),
        (b"\0" * 1000, "表头"),
        (b"just words\nand more\n", "表头"),
        (b"\x1f\x8b" + b"x" * 50, "压缩包"),
        (b"PK\x03\x04" + b"x" * 50, "表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "不是表格"),
        (b"[", "表头"),
        (b"{}", "表头"),
        (b"[[[[[[", "表头"),
        (b"[" * 100_000, "表头"),
        (b"{" * 100_000, "表头"),
    ],
)
def test_what_is_no_table_is_said_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(OrderFileError) as error:
        read(tmp_path, data)
    assert words in str(error.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "no", tmp_path):
        with pytest.raises(OrderFileError):
            read_order_file(path, CENTER, START)


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("order_tables", "order_xlsx"):
        monkeypatch.setattr(f"sync.platform.{module}.MAX_BYTES", 4 * 1024 * 1024)
    with pytest.raises(OrderFileError, match="太大"):
        read(tmp_path, gzip.compress(b" " * (8 * 1024 * 1024)))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (8 * 1024 * 1024))
    with pytest.raises(OrderFileError, match="太大"):
        read(tmp_path, out.getvalue(), "x.xlsx")
    other = BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", b"x")
    with pytest.raises(OrderFileError, match="不是表格"):
        read(tmp_path, other.getvalue(), "x.xlsx")


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2026-11-20 08:10:05", "2026-11-20T00:10:05"),
        ("2026/11/20 8:10", "2026-11-20T00:10:00"),
        ("2026.11.20", "2026-11-19T16:00:00"),
        ("2026年11月20日", "2026-11-19T16:00:00"),
        ("2026年11月20日8时10分5秒", "2026-11-20T00:10:05"),
        ("2026年11月20日8时", "2026-11-20T00:00:00"),
        ("２０２６-11-20 08:10", "2026-11-20T00:10:00"),
        ("20261120", "2026-11-19T16:00:00"),
        ("20261120081005", "2026-11-20T00:10:05"),
        ("2026-11-20T08:10:00Z", "2026-11-20T08:10:00"),
        ("2026-11-20T08:10:00.5+08:00", "2026-11-20T00:10:00.500000"),
        (46346.5, "2026-11-20T04:00:00"),
        ("46346.5", "2026-11-20T04:00:00"),
    ],
)
def test_times_in_all_their_shapes(cell: object, iso: str) -> None:
    assert moment_of(cell) == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "昨天",
        "2026-13-40",
        "0001-01-01",
        "9999-12-31 23:59",
        7,
        "25:61",
        "2026-11-20 99:99",
    ],
)
def test_what_is_no_time_is_none(cell: object) -> None:
    assert moment_of(cell) is None


def test_telephone_numbers_and_texts() -> None:
    assert phone_of("138-0000-1234 ") == "13800001234"
    assert phone_of("(010)6996 1234") == "01069961234"
    assert phone_of(13800001234.0) == "13800001234"
    assert phone_of("不愿透露") == phone_of("110") == phone_of(None) == ""
    assert phone_of("请打我爱人 13800001234 谢谢谢谢谢谢谢谢谢谢谢") == ""
    assert text_of(3.0) == "3"
    assert text_of(" \u3000a\x07b\n c ") == "a b\n c"
    assert category_of("农村管理—基础设施 - 道路") == ("农村管理", "基础设施", "道路")
    assert category_of("") == ()


def test_tiers_by_column_limit_and_words() -> None:
    policy = CENTER.policy
    assert tier_of("紧急", "", "", policy) == "emergency"
    assert tier_of("24小时", "", "", policy) == "livelihood"
    assert tier_of("7天", "", "", policy) == "general"
    assert tier_of("普通件", "", "", policy) == "general"
    assert tier_of("宇宙级", "", "", policy) == "宇宙级"
    assert tier_of("", "停水两天", "", policy) == "livelihood"
    assert tier_of(None, "墙要坍塌", "", policy) == "emergency"
    assert tier_of("", "咨询医保", "", policy) == "general"


def test_columns_of_the_known_layouts() -> None:
    assert find_columns(["序号", "工单编号 ", "标题", "来电时间"]) == {
        "number": 1, "title": 2, "called_at": 3,
    }  # fmt: skip
    assert "number" not in find_columns(["序号", "标题"])
    levels = find_columns(["一级分类", "二级分类", "三级分类", "标题"])
    assert [levels[f"category{n}"] for n in (1, 2, 3)] == [0, 1, 2]
    assert find_columns(["三级分类", "标题"]) == {"category": 0, "title": 1}
    assert not is_header(find_columns(["甲", "乙", "这里有标题两个字"]))


# --- what other systems make of a table -----------------------------------------------------------


def test_numbers_that_a_spreadsheet_has_cut_are_not_believed(tmp_path: Path) -> None:
    """A spreadsheet keeps 15 digits: two orders of 20 digits would become one."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["工单编号", "标题"], [20261120123456789012, "甲"], [2.0261120123456789e19, "乙"],
        ["20261120123456789012", "丙"], [202611201234567, "丁"],
    ):  # fmt: skip
        book.active.append(row)
    data = BytesIO()
    book.save(data)
    file = read(tmp_path, data.getvalue(), "o.xlsx")
    assert [i.number for i in file.intakes] == ["20261120123456789012", "202611201234567"]
    assert bad(file) == [2, 3]
    assert "设为文本" in str(file.bad[0])
    text = read(tmp_path, "工单编号,标题\n2.02611E+19,甲\n20261120123456789012,乙\n")
    assert [i.matter.title for i in text.intakes] == ["乙"]
    exact = read(tmp_path, '{"工单编号": 20261120123456789012, "标题": "甲"}\n')
    assert [i.number for i in exact.intakes] == ["20261120123456789012"]


def test_the_marks_that_keep_digits_as_text_are_no_part_of_the_number(tmp_path: Path) -> None:
    rows = ('="0{n}"', "'0{n}", "\t0{n}", "0{n}")
    text = "工单编号,标题\n" + "".join(
        f"{row.format(n=n)},甲{n}\n" for n, row in enumerate(rows, 1)
    )
    assert [i.number for i in read(tmp_path, text).intakes] == ["01", "02", "03", "04"]


def test_words_for_nothing_are_nothing(tmp_path: Path) -> None:
    """Two rows whose number is NULL are two orders, and nobody is called None."""
    text = (
        "工单编号,标题,主要内容,来电人,来电时间\nNULL,甲,null,None,NULL\n#N/A,乙,#REF!,-,nan\n"
        "NULL,N/A,/,x,\n"
    )
    file = read(tmp_path, text)
    assert [i.matter.title for i in file.intakes] == ["甲", "乙"]
    assert all(i.number.startswith("JB-") for i in file.intakes)
    assert {i.petitioner.name for i in file.intakes} == {"未留姓名"}
    assert file.notes == []
    assert bad(file) == [4]


PAGE = (
    "<html><head><meta charset=utf-8><style>td {{}}</style></head><body><table border=1>\n"
    "<tr><td colspan=3>工单导出</td></tr>\n"
    "<tr><th>工单编号</th><th>标题</th><th>主要内容</th></tr>\n"
    "<tr><td style='mso-number-format:\\@'>20261120123456789012</td><td>路灯&amp;井盖</td>"
    "<td>第一行<br>第二行</td></tr>\n{last}"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_web_page_under_the_name_of_a_spreadsheet(tmp_path: Path, encoding: str) -> None:
    page = PAGE.format(last="<tr><td>2<td>乙<td>y\n<tr><td>3<td>丙<td>z</table></body></html>")
    file = read(tmp_path, page.encode(encoding), "导出.xls")
    assert [i.number for i in file.intakes] == ["20261120123456789012", "2", "3"]
    assert file.intakes[0].matter.title == "路灯&井盖"
    assert file.intakes[0].matter.text == "第一行\n第二行"
    assert file.bad == []


def test_a_web_page_that_breaks_off(tmp_path: Path) -> None:
    whole = PAGE.format(last="<tr><td>2</td><td>乙</td><td>说到一半")
    file = read(tmp_path, whole, "导出.xls")
    assert [i.number for i in file.intakes] == ["20261120123456789012"]
    assert len(file.bad) == 1
    for cut in range(0, len(whole), 7):
        found = read_or_none(tmp_path, whole[:cut].encode(), "导出.xls")
        assert found is None or {i.number for i in found.intakes} <= {"20261120123456789012"}


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><td " + "x\n" * 500_000,
        "<table>" + '<td <!-- <a "' * 100_000,
        "<table><tr><td>" + "<" * 500_000,
        "<table><tr><td>标题" + "&" * 200_000 + "</td></tr></table>",
        "<html><table>" + "<table>" * 50_000,
        "<html><table><![odd[ x <tr><td>",
        "<table><tr>" + "<td>标题</td>" * 5000 + "</tr></table>",
        "<table><tr><td colspan=999999999>标题</td><td>主要内容</td></tr></table>",
    ],
)
def test_hostile_pages_end_with_words(tmp_path: Path, page: str) -> None:
    file = read_or_none(tmp_path, page.encode(), "o.xls")
    assert file is None or file.intakes == []


def test_another_old_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(OrderFileError, match="XML"):
        read(tmp_path, '<?xml version="1.0"?><Workbook/>', "o.xls")
