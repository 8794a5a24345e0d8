"""The spreadsheet exchange: a folder that people share, with all that people do to folders."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from desktop_app.domain.acts import ActKind
from sync.platform.gateway.batches import Batches
from sync.platform.gateway.courier import ParcelState, Terms
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.exchange_folder import ExchangeFolder
from sync.platform.gateway.gateway import Gateway
from sync.platform.gateway.port import PortError, ResultKind
from sync.platform.gateway.result_sheets import HEADER, as_csv, as_xlsx, harmless
from sync.platform.gateway.results import results_of
from sync.platform.gateway.rows import RecordState
from sync.platform.gateway.spreadsheet_port import SpreadsheetPort
from sync.platform.order_lines import Line
from sync.platform.platform import Platform
from tests.support.clock import ManualClock
from tests.support.platform import make_platform
from tests.sync.platform.gateway.conftest import put_orders, reported_orders, rounds

TERMS = Terms(settle=timedelta(minutes=2), begin_within=timedelta(seconds=30))
HEAD = "工单编号,标题,主要内容,来电人,号码\n"
ROW = "A-{n},路灯不亮,东街路灯 {n} 天不亮,张女士,138****1234\n"


def exchange_at(root: Path, desk: Desk, clock: ManualClock) -> ExchangeFolder:
    folder = ExchangeFolder(root, desk.township, clock.monotonic)
    folder.prepare()
    return folder


def gateway_at(root: Path, platform: Platform, clock: ManualClock, terms: Terms = TERMS) -> Gateway:
    desk = Desk(platform)
    port = SpreadsheetPort(exchange_at(root, desk, clock), desk.read_orders, clock.now)
    return Gateway(desk, port, terms, "one")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "交换"


@pytest.fixture
def gateway(root: Path, platform: Platform, clock: ManualClock) -> Gateway:
    return gateway_at(root, platform, clock)


def drop(root: Path, name: str, data: str | bytes, *, age: float = 3600) -> Path:
    """Put a file into ``in`` as it looks ``age`` seconds after it was last written."""
    path = root / "in" / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    written = path.stat().st_mtime - age
    os.utime(path, (written, written))
    return path


def batches(root: Path) -> dict[str, list[str]]:
    """Return folder/batch → the references in its CSV, for every batch that can be seen."""
    found = {}
    for folder in ("out", "sent"):
        for batch in sorted((root / folder).iterdir()):
            (table,) = batch.glob("*.csv")
            rows = list(csv.reader(io.StringIO(table.read_text("utf-8-sig"), newline="")))
            assert tuple(rows[0]) == HEADER
            (book,) = batch.glob("*.xlsx")
            sheet = openpyxl.load_workbook(book).active
            assert sheet is not None
            assert [row[0].value for row in sheet.iter_rows()] == [row[0] for row in rows]
            found[f"{folder}/{batch.name}"] = [row[0] for row in rows[1:]]
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- in -------------------------------------------------------------------------------------------


def test_a_file_is_dispatched_and_put_away_with_a_report(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    drop(root, "今天.csv", HEAD + ROW.format(n=1) + ROW.format(n=2) + ",,,,\nA-3,,,,\n")
    tally = gateway.round()
    assert (tally.taken, tally.refused) == (2, 1)
    assert platform.order_count() == 2
    assert names(root / "in") == []
    kept, report = sorted(names(root / "done"), key=lambda name: "报告" in name)
    assert kept.startswith("今天-")
    text = (root / "done" / report).read_text("utf-8-sig")
    assert "新派 2 件，已有 0 件，没有派 1 行" in text
    assert "第 5 行" in text
    assert "138" not in text
    (listed,) = gateway.ledger.kept_records(RecordState.REFUSED)
    assert "今天.csv" in listed.reason


@pytest.mark.fault("gateway.half_written_file")
def test_only_whole_files_are_taken(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    drop(root, "新.csv", HEAD + ROW.format(n=1), age=0)
    drop(root, "~$锁.xlsx", b"x")
    drop(root, ".隐藏.csv", HEAD + ROW.format(n=2))
    drop(root, "下载.csv.part", HEAD + ROW.format(n=3))
    drop(root, "空.csv", b"")
    (root / "in" / "目录").mkdir()
    gateway.round()
    assert platform.order_count() == 0
    drop(root, "新.csv", HEAD + ROW.format(n=1) + ROW.format(n=4), age=0)
    clock.advance(timedelta(seconds=8))
    gateway.round()
    clock.advance(timedelta(seconds=8))
    gateway.round()
    assert platform.order_count() == 0, "it had changed eight seconds ago"
    clock.advance(timedelta(seconds=8))
    gateway.round()
    assert platform.order_count() == 2
    assert names(root / "in") == [".隐藏.csv", "~$锁.xlsx", "下载.csv.part", "目录", "空.csv"]


@pytest.mark.fault("gateway.half_written_file")
def test_the_same_orders_again_are_harmless(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    both = HEAD + ROW.format(n=1) + ROW.format(n=2)
    for name, text in (("甲.csv", both), ("乙.csv", both), ("丙.csv", HEAD + ROW.format(n=2))):
        drop(root, name, text)
    tally = gateway.round()
    assert (tally.taken, tally.known) == (2, 3)
    drop(root, "甲.csv", both)
    gateway.round()
    for number in ("A-1", "A-2"):
        order = platform.order(number)
        assert order is not None
        assert order.rev == 1
    assert len([n for n in names(root / "done") if n.startswith("甲")]) == 2  # file and report
    clock.advance(timedelta(minutes=1))
    drop(root, "甲.csv", both)
    gateway.round()
    assert len([n for n in names(root / "done") if n.startswith("甲")]) == 3  # one more report


def test_changed_content_under_the_same_number_is_a_correction_once(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    drop(root, "甲.csv", HEAD + ROW.format(n=1))
    gateway.round()
    changed = HEAD + ROW.format(n=1).replace("1 天", "五天")
    for name in ("乙.csv", "丙.csv"):
        drop(root, name, changed + ROW.format(n=9))
        gateway.round()
    order = platform.order("A-1")
    assert order is not None
    assert [e.kind.value for e in order.history] == ["dispatch", "correct"]
    assert "东街路灯 五天不亮" in order.history[1].payload["text"]


@pytest.mark.fault("gateway.half_written_file")
@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04half of a workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\0" * 500, b"x"],
)
def test_what_cannot_be_read_lies_aside_and_blocks_nothing(
    root: Path, platform: Platform, gateway: Gateway, data: bytes
) -> None:
    drop(root, "1坏.xlsx", data)
    drop(root, "2好.csv", HEAD + ROW.format(n=1))
    gateway.round()
    assert platform.order_count() == 1
    kept, report = sorted(names(root / "refused"), key=lambda name: "报告" in name)
    assert kept.startswith("1坏-")
    assert "没有派 1 行" in (root / "refused" / report).read_text("utf-8-sig")


def test_a_file_that_grows_while_it_is_read_goes_back(
    root: Path, platform: Platform, clock: ManualClock
) -> None:
    desk = Desk(platform)
    folder = exchange_at(root, desk, clock)
    port = SpreadsheetPort(folder, desk.read_orders, clock.now)
    drop(root, "甲.csv", HEAD + ROW.format(n=1))
    page = port.receive("")
    (working,) = (root / ".jiban" / "work").iterdir()
    working.write_text(HEAD + ROW.format(n=1) + ROW.format(n=2), "utf-8")
    drop(root, "甲.csv", "somebody has put another one there")
    port.received(page, [])
    assert names(root / "in") == ["甲-2.csv", "甲.csv"]
    assert (root / "in" / "甲.csv").read_text("utf-8").startswith("somebody")
    assert names(root / "done") == []


@pytest.mark.parametrize(
    "name",
    ["长" * 83, "𠀀" * 60, "a\x1b[2J\n\tb", "x." + "y" * 200],
    ids=["long", "wide", "escapes", "suffix"],
)
def test_names_of_files_are_no_weapon(
    root: Path, platform: Platform, gateway: Gateway, name: str
) -> None:
    drop(root, f"{name}.csv" if not name.startswith("x.") else name, HEAD + "A-1,,,,\n")
    drop(root, "z.csv", HEAD + ROW.format(n=1))
    assert gateway.round().problems == []
    assert names(root / "in") == []
    assert platform.order_count() == 1
    (listed,) = gateway.ledger.kept_records(RecordState.REFUSED)
    assert listed.reason.isprintable()


def test_a_batch_that_was_copied_instead_of_moved_is_confirmed(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    put_orders(platform, reported_orders(1))
    gateway.round()
    shutil.copytree(root / "out" / "000001", root / "sent" / "000001")
    gateway.port.confirm("000001")
    gateway.round()
    assert gateway.ledger.counts() == {ParcelState.CONFIRMED: 1}


def test_our_own_results_are_never_taken_for_orders(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    results = [results_of(order)[0] for order in reported_orders(2)]
    drop(root, "误放.csv", as_csv(results))
    drop(root, "误放.xlsx", as_xlsx(results))
    gateway.round()
    assert platform.order_count() == 0
    assert len(names(root / "refused")) == 4


# --- out ------------------------------------------------------------------------------------------


def test_results_go_out_in_numbered_batches_that_a_person_confirms(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(3))
    gateway.round()
    put_orders(platform, reported_orders(2, first=4))
    rounds(gateway, clock, 3)
    assert [len(refs) for refs in batches(root).values()] == [3, 2]
    assert list(batches(root)) == ["out/000001", "out/000002"]
    assert gateway.ledger.counts() == {ParcelState.ARRIVED: 5}
    assert set(gateway.ledger.unconfirmed_deliveries()) == {"000001", "000002"}
    (root / "out" / "000001").rename(root / "sent" / "000001")
    gateway.round()
    assert set(gateway.ledger.unconfirmed_deliveries()) == {"000002"}
    gateway.port.confirm("000002")
    assert gateway.decisions.confirm_delivery("000002") == 2
    assert names(root / "out") == []
    assert gateway.ledger.counts() == {ParcelState.CONFIRMED: 5}


def test_results_wait_for_others_to_go_with(
    root: Path, platform: Platform, clock: ManualClock
) -> None:
    gateway = gateway_at(root, platform, clock, replace(TERMS, gather=timedelta(minutes=10)))
    for n in range(4):
        put_orders(platform, reported_orders(1, first=n + 1))
        rounds(gateway, clock, 1, minutes=3)
    assert batches(root) == {}
    gateway.round()
    assert [len(refs) for refs in batches(root).values()] == [4]


def test_two_that_write_the_same_number_do_not_mix(root: Path, clock: ManualClock) -> None:
    """Two processes whose lease failed come to the same number: the first rename counts."""
    ExchangeFolder(root, "x", clock.monotonic).prepare()
    first, second = Batches(root), Batches(root)

    def overtaken() -> bool:
        assert second.write("000001", {"结果.csv": b"second"}, ["JB-2"], lambda: True)
        return True

    assert not first.write("000001", {"结果.csv": b"first"}, ["JB-1"], overtaken)
    assert (root / "out" / "000001" / "结果.csv").read_bytes() == b"second"
    assert first.holding("JB-1") == []
    assert first.holding("JB-2") == ["000001"]
    (left,) = (root / ".jiban").glob("draft-*")
    old = left.stat().st_mtime - 7200
    os.utime(left, (old, old))
    assert first.write("000002", {"结果.csv": b"first"}, ["JB-1"], lambda: True)
    assert list((root / ".jiban").glob("draft-*")) == []


def test_a_reissue_is_marked(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(1))
    gateway.round()
    (parcel,) = gateway.ledger.in_state(ParcelState.ARRIVED)
    again = gateway.decisions.reissue(parcel.reference)
    gateway.round()
    assert again is not None
    assert batches(root)["out/000002"] == [again.reference]
    sheet = openpyxl.load_workbook(root / "out/000002/结果-000002-补发.xlsx").active
    assert sheet is not None
    assert sheet.cell(2, HEADER.index("补发") + 1).value == "补发1"


@pytest.mark.fault("gateway.restored")
def test_a_restored_database_writes_no_batch_again_and_no_number_twice(
    root: Path, tmp_path: Path, clock: ManualClock
) -> None:
    before = reported_orders(3)
    for name in ("first.db", "restored.db"):
        platform = make_platform(str(tmp_path / name), clock)
        put_orders(platform, before)
        rounds(gateway_at(root, platform, clock), clock, 2, minutes=5)
        put_orders(platform, reported_orders(1, first=10 if name == "first.db" else 20))
        gateway = gateway_at(root, platform, clock)
        rounds(gateway, clock, 2, minutes=5)
        assert ParcelState.PREPARED not in gateway.ledger.counts()
        platform.close()
    assert [len(refs) for refs in batches(root).values()] == [3, 1, 1]


def test_batches_that_people_delete_are_not_written_again(
    root: Path, platform: Platform, gateway: Gateway, tmp_path: Path, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(2))
    gateway.round()
    (root / "out" / "000001").rename(tmp_path / "somewhere")
    parcels = gateway.ledger.in_state(ParcelState.ARRIVED)
    for parcel in parcels:  # as if the kill had come right after the batch was shown
        assert gateway.port.find(parcel.result).copies == 1
    assert gateway.port.next_delivery(0) == "000002"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@x", "＝1", "\t=1", "|calc", "%x", " =1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text).startswith("'")
    (result,) = results_of(reported_orders(1)[0])
    spiked = replace(result, text=text, measures="正常\x00\x08文字")
    row = list(csv.reader(io.StringIO(as_csv([spiked]).decode("utf-8-sig"), newline="")))[1]
    assert row[HEADER.index("反馈意见")].startswith("'")
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx([spiked]))).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row_ in sheet.iter_rows() for cell in row_)


def test_ordinary_text_stays_as_it_is() -> None:
    assert harmless("已办结，每米 3-5 元") == "已办结，每米 3-5 元"
    assert harmless("") == ""


# --- the folder itself ----------------------------------------------------------------------------


def test_a_folder_that_is_not_there_changes_nothing(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(1))
    away = root.rename(root.with_name("拔掉了"))
    root.mkdir()
    tally = gateway.round()
    assert any("没有连上" in problem for problem in tally.problems)
    assert names(root) == []
    root.rmdir()
    away.rename(root)
    rounds(gateway, clock, 2, minutes=5)
    assert [len(refs) for refs in batches(root).values()] == [1]


def test_the_folder_of_another_township_is_refused(root: Path, clock: ManualClock) -> None:
    ExchangeFolder(root, "110117", clock.monotonic).prepare()
    with pytest.raises(PortError, match="另一个乡镇"):
        ExchangeFolder(root, "110118", clock.monotonic).prepare()


# --- killed at every step -------------------------------------------------------------------------


class Killed(BaseException):
    """The process dies here."""


class _Reaper:
    """Kills right before the n-th change to the disk. An audit hook stays for good, so it is one."""

    def __init__(self) -> None:
        self.left = 0
        self.root = ""
        self.installed = False

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if not self.left or event not in ("os.rename", "os.mkdir", "open", "shutil.rmtree"):
            return
        path = str(args[0])
        if self.root not in path or (event == "open" and not {"w", "x"} & set(str(args[1]))):
            return
        self.left -= 1
        if not self.left:
            raise Killed


_reaper = _Reaper()


@contextmanager
def killed_at(step: int, root: Path) -> Iterator[None]:
    if not _reaper.installed:
        sys.addaudithook(_reaper)
        _reaper.installed = True
    _reaper.left, _reaper.root = step, str(root)
    try:
        yield
    finally:
        _reaper.left = 0


@pytest.mark.fault("gateway.batch_torn")
@pytest.mark.fault("gateway.killed")
def test_killed_at_every_step_nothing_is_torn_lost_or_twice(
    tmp_path: Path, clock: ManualClock
) -> None:
    step, done = 0, False
    platform = make_platform(str(tmp_path / "platform.db"), clock)
    root = tmp_path / "交换"
    wanted: set[str] = set()
    while not done:
        step += 1
        orders = reported_orders(2, first=step * 10)
        put_orders(platform, orders)
        wanted |= {r.reference for order in orders for r in results_of(order)}
        gateway = gateway_at(root, platform, clock)
        drop(root, f"{step}.csv", HEAD + ROW.format(n=step))
        try:
            with killed_at(step, root):
                gateway.round()
            done = True
        except Killed:
            for batch in (
                root / "out"
            ).iterdir():  # nothing torn is to be seen, right after the kill
                assert sorted(p.suffix for p in batch.iterdir()) == ["", ".csv", ".xlsx"]
        clock.advance(timedelta(minutes=5))
        rounds(gateway_at(root, platform, clock), clock, 2, minutes=5)
        assert names(root / "in") == []
    written = [reference for refs in batches(root).values() for reference in refs]
    assert sorted(written) == sorted(wanted)
    assert step > 8
    assert platform.order_count() == step * 3
    for n in range(1, step + 1):
        order = platform.order(f"A-{n}")
        assert order is not None
        assert order.rev == 1
    platform.close()


def test_a_disk_that_is_full_is_told_and_nothing_is_lost(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(2))
    out = root / "out"
    out.rename(root / "weg")
    out.write_bytes(b"")  # a file where the folder was
    gateway.round()
    assert gateway.ledger.counts() == {ParcelState.PREPARED: 2}
    out.unlink()
    (root / "weg").rename(out)
    rounds(gateway, clock, 8)
    assert sum(len(refs) for refs in batches(root).values()) == 2


def test_what_others_put_into_our_own_folder_stops_nothing(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    """Network drives and tidy people leave copies: 000001 - 副本.txt, ._000001.txt."""
    put_orders(platform, reported_orders(1))
    gateway.round()
    for name in ("000001 - 副本.txt", "._000001.txt", "说明.txt"):
        (root / ".jiban" / name).write_bytes(b"JB-0")
    put_orders(platform, reported_orders(1, first=2))
    tally = gateway.round()
    assert tally.problems == []
    assert sorted(batches(root)) == ["out/000001", "out/000002"]


def test_a_file_that_breaks_the_reader_lies_aside(
    root: Path, platform: Platform, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours must not stand in the way of all that comes after."""

    def broken(path: Path) -> Iterator[Line]:
        yield Line(1, ("工单编号", "标题"))
        raise ZeroDivisionError(path.name)

    drop(root, "甲.csv", HEAD + ROW.format(n=1))
    with monkeypatch.context() as patch:
        patch.setattr("sync.platform.gateway.spreadsheet_port.read_lines", broken)
        tally = gateway.round()
    assert tally.refused == 1
    drop(root, "乙.csv", HEAD + ROW.format(n=2))
    gateway.round()
    assert platform.order("A-2") is not None
    assert any(name.startswith("甲") for name in names(root / "refused"))


def test_acceptances_are_rows_of_their_own(
    root: Path, platform: Platform, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(1))
    desk = Desk(platform)
    port = SpreadsheetPort(exchange_at(root, desk, clock), desk.read_orders, clock.now)
    gateway = Gateway(desk, port, TERMS, "one", kinds=frozenset(ResultKind))
    rounds(gateway, clock, 3)
    tables = [path.read_text("utf-8-sig") for path in sorted((root / "out").rglob("*.csv"))]
    rows = [list(csv.DictReader(io.StringIO(text, newline=""))) for text in tables]
    assert [[row["事项"] for row in table] for table in rows] == [["签收"], ["反馈"]]
    assert [row["是否解决"] for table in rows for row in table] == ["", "是"]


# --- records that come as rows --------------------------------------------------------------------

RECORDS = "记录编号,记录类型,工单编号,时间,内容,是否响应,是否解决,是否满意\n"


def kinds(platform: Platform, number: str) -> list[ActKind]:
    order = platform.order(number)
    assert order is not None
    return [entry.kind for entry in order.history]


def test_urges_and_call_backs_come_as_rows_once(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    put_orders(platform, reported_orders(2))
    text = RECORDS + (
        "c-1,回访,20261120-0001,2026-11-21 09:00,没修好,是,否,不满意\n"
        "u-1,催办,20261120-0002,2026-11-21 09:00,市民又来电,,,\n"
        ",催办,20261120-0002,2026-11-21 10:00,市民又来电,,,\n"
    )
    drop(root, "记录.csv", text)
    assert gateway.round().taken == 3
    for n, again in enumerate((text, text.replace("又来电", "又来电了"), RECORDS + text[-50:])):
        clock.advance(timedelta(minutes=1))
        drop(root, f"又一次{n}.csv", again)
        gateway.round()
    order = platform.order("20261120-0001")
    assert order is not None
    (back,) = order.callbacks
    assert (back.responded, back.resolved, back.satisfied, back.text) == (
        True, False, False, "没修好",
    )  # fmt: skip
    urges = kinds(platform, "20261120-0002").count(ActKind.URGE)
    assert urges == 3, "the row without an id says something else under its time: another urge"


def test_a_record_that_came_before_its_order_waits_for_it(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    drop(root, "甲.csv", RECORDS + "u-1,催办,A-1,,请抓紧,,,\n")
    gateway.round()
    assert gateway.ledger.count_records(RecordState.WAITING) == 1
    drop(root, "乙.csv", HEAD + ROW.format(n=1))
    rounds(gateway, clock, 2)
    assert kinds(platform, "A-1") == [ActKind.DISPATCH, ActKind.URGE]


def test_rows_of_records_that_cannot_be_read_are_named(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    put_orders(platform, reported_orders(1))
    drop(
        root, "记录.csv",
        RECORDS + "u-1,跳舞,20261120-0001,,,,,\n"
        "u-2,催办,,,,,,\n"
        ",催办,20261120-0001,,请抓紧,,,\n"
        "c-1,回访,20261120-0001,,,也许,,\n"
        "c-2,回访,20261120-0001,,,,,\n"
        "u-3,催办,2.02611E+11,,,,,\n"
        "c-3,回访,20261120-0001,,说过了,是,还在修,是,否\n"
        "c-4,回访,20261120-0001,,问题解决,满意,是,是,否\n"
        "u-4,催办,2026112",
    )  # fmt: skip
    tally = gateway.round()
    assert (tally.taken, tally.refused) == (0, 9)
    said = "\n".join(r.reason for r in gateway.ledger.kept_records(RecordState.REFUSED))
    for line, words in (
        (2, "记录类型读不懂"), (3, "没有可用的工单编号"), (4, "没有记录编号，也没有读得懂的时间"),
        (5, "回访结果“也许”读不懂"), (6, "回访结果是空的"), (7, "编号被存成了数字"), (8, "列数比表头多"),
        (9, "列数比表头多"), (10, "列数比表头少"),
    ):  # fmt: skip
        assert f"第 {line} 行：{words}" in said
    assert ActKind.URGE not in kinds(platform, "20261120-0001")


def test_orders_and_records_on_two_sheets_of_one_file(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["工单编号", "标题", "主要内容"])  # type: ignore[union-attr]
    book.active.append(["A-1", "路灯不亮", "三天了"])  # type: ignore[union-attr]
    sheet = book.create_sheet("催办")
    sheet.append(["记录类型", "工单编号", "记录编号"])
    sheet.append(["催办", "A-1", "u-1"])
    sheet.append([None, None, None])
    data = io.BytesIO()
    book.save(data)
    drop(root, "今天.xlsx", data.getvalue())
    tally = gateway.round()
    assert (tally.taken, tally.refused) == (2, 0)
    assert kinds(platform, "A-1") == [ActKind.DISPATCH, ActKind.URGE]


def test_results_and_orders_are_no_records(
    root: Path, platform: Platform, gateway: Gateway
) -> None:
    """A table of ours with 是否解决 in it that lands in the wrong folder calls nobody back."""
    put_orders(platform, reported_orders(1))
    gateway.round()
    (table,) = (root / "out").rglob("*.csv")
    drop(root, "结果.csv", table.read_bytes())
    assert gateway.round().taken == 0
    assert ActKind.CALL_BACK not in kinds(platform, "20261120-0001")


@pytest.mark.fault("gateway.half_written_file")
@pytest.mark.skipif(os.name == "nt", reason="Windows does not move a file that is being written")
def test_a_file_that_goes_on_growing_after_it_was_read_is_read_again(
    root: Path, platform: Platform, gateway: Gateway, clock: ManualClock
) -> None:
    """A copy over a bad line may stand still for longer than a whole file does."""
    path = drop(root, "慢.csv", HEAD + ROW.format(n=1))
    with path.open("ab") as writer:
        gateway.round()
        assert platform.order_count() == 1
        writer.write(ROW.format(n=2).encode())
    rounds(gateway, clock, 3)
    assert platform.order("A-2") is not None
    assert names(root / "in") == []
    assert sum(name.startswith("慢") and "报告" not in name for name in names(root / "done")) == 1
