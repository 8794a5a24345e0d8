"""The port of centers that have no interface: order tables in, batches of result tables out.

The exchange folder is the foreign system here: it can be asked what it holds, and a person's word
says that a batch was uploaded.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.intake import Intake
from sync.platform.database import StorageFailed
from sync.platform.gateway.exchange_folder import ExchangeFolder, Look, look_at
from sync.platform.gateway.port import (
    Delivery,
    Finding,
    ForeignRecord,
    OrderReader,
    PortError,
    Received,
    RecordKind,
    RefusedRecord,
    Result,
    Sent,
    Taken,
    Verdict,
    shown,
)
from sync.platform.gateway.record_sheets import RecordRows
from sync.platform.gateway.result_sheets import as_csv, as_xlsx
from sync.platform.order_files import NoTableError, OrderFile, RowNote
from sync.platform.order_lines import OrderFileError
from sync.platform.order_tables import read_lines
from sync.platform.problems import PlatformProblem
from sync.protocol.codec import encode

log = logging.getLogger("jiban.gateway")

MAX_FILE = 64 * 1024 * 1024
MAX_REPORTED = 1000


class SpreadsheetPort:
    """One exchange folder."""

    can_find = True
    batch = 500
    confirms = True

    def __init__(
        self, folder: ExchangeFolder, read_orders: OrderReader, now: Callable[[], datetime]
    ) -> None:
        self._folder = folder
        self._read_orders = read_orders
        self._now = now
        self.title = f"交换文件夹 {folder.root}"

    # --- in ---------------------------------------------------------------------------------------

    def receive(self, mark: str) -> Received:
        self._folder.check()
        path = self._folder.next_file()
        if path is None:
            return Received(mark=mark)
        look, digest = look_at(path), _digest(path)
        source = f"{path}|{digest}|{look.size}|{look.modified}"
        try:
            file, rows = self._read(path, look)
        except OrderFileError as error:
            refused = RefusedRecord(digest, "", f"{shown(path.name)}：{error}")
            return Received(refused=(refused,), mark=mark, more=True, source=source)
        return Received(
            records=(
                *(_record(*at) for at in zip(file.intakes, file.places(), strict=True)),
                *rows.records,
            ),
            refused=_refused([*file.bad, *rows.bad], shown(path.name), digest),
            mark=mark,
            more=True,
            source=source,
            notes=tuple(map(str, file.notes)),
        )

    def _read(self, path: Path, look: Look) -> tuple[OrderFile, RecordRows]:
        if look.size > MAX_FILE:
            raise OrderFileError("文件太大。", "请分成几份再放。")
        rows = RecordRows(read_lines(path))
        try:
            return self._read_orders(rows.orders()), rows
        except (StorageFailed, PlatformProblem):
            raise
        except OrderFileError as error:
            if not rows.found_table:
                raise
            if isinstance(error, NoTableError):
                return error.file, rows
            return OrderFile(bad=[RowNote(0, str(error))]), rows
        except Exception as error:
            log.exception("a table could not be read; it lies aside")
            raise OrderFileError("这个表格读不出来。", "请另存为新的 .xlsx 再交。") from error

    def received(self, page: Received, taken: Sequence[Taken]) -> None:
        """Put the file away with its report, unless somebody went on writing it."""
        if not page.source:
            return
        name, digest, size, modified = page.source.rsplit("|", 3)
        path = Path(name)
        try:
            look = look_at(path)
        except FileNotFoundError:  # another process put it away
            return
        if (str(look.size), str(look.modified)) != (size, modified):
            self._folder.give_back(path)
            return
        unread = not page.records and bool(page.refused)
        now = self._now().astimezone(SHANGHAI)
        report = _report(shown(path.name), now, page, taken)
        when = now.strftime("%m%d-%H%M%S")
        self._folder.put_away(path, look, refused=unread, mark=digest, when=when, report=report)

    # --- out --------------------------------------------------------------------------------------

    def find(self, result: Result) -> Finding:
        self._folder.check()
        holding = self._folder.batches.holding(result.reference)
        return Finding(len(holding), *((holding[0], holding[0]) if holding else ("", "")))

    def send(self, delivery: Delivery) -> Sent:
        name, results = delivery.name, delivery.results
        again = "-补发" if any(result.reissue for result in results) else ""
        table = f"结果-{name}{again}"
        try:
            self._folder.check()
            files = {f"{table}.xlsx": as_xlsx(results), f"{table}.csv": as_csv(results)}
            references = [result.reference for result in results]
            shown_ = self._folder.batches.write(name, files, references, delivery.may_begin)
        except PortError as error:
            return Sent(Verdict.UNKNOWN, reason=str(error))
        if not shown_:
            return Sent(Verdict.NOT_SENT, reason="这一批没有写出，稍后再写。")
        return Sent(Verdict.TAKEN, receipt=name)

    def next_delivery(self, highest: int) -> str:
        self._folder.check()
        return f"{max(highest, self._folder.batches.highest()) + 1:06d}"

    def confirmed(self) -> frozenset[str]:
        self._folder.check()
        return self._folder.batches.confirmed()

    def confirm(self, delivery: str) -> None:
        self._folder.check()
        self._folder.batches.confirm(delivery)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PortError(f"来件 {path.name} 读不了（{error.strerror}）。") from None


def _report(name: str, now: datetime, page: Received, taken: Sequence[Taken]) -> str:
    counts = Counter("known" if t.known else "new" if t.done else "open" for t in taken)
    open_ = [f"{t.record.place} {t.record.number}：{t.reason}" for t in taken if not t.done]
    complaints = [*(record.reason for record in page.refused), *open_]
    when = now.strftime("%Y-%m-%d %H:%M")
    left = len(complaints) - MAX_REPORTED
    return "\r\n".join(
        [
            f"{name}  收件时间 {when}",
            f"新派 {counts['new']} 件，已有 {counts['known']} 件，没有派 {len(complaints)} 行。",
            *complaints[:MAX_REPORTED],
            *([f"……还有 {left} 行。"] if left > 0 else []),
            *page.notes[:MAX_REPORTED],
            "",
        ]
    )


def _record(intake: Intake, place: str) -> ForeignRecord:
    """A row has no id of its own: it is known by its number and what it says of the matter."""
    said = encode([intake.number, intake.matter, intake.petitioner, intake.place.address])
    return ForeignRecord(
        id=hashlib.sha256(said).hexdigest(),
        kind=RecordKind.ORDER,
        number=intake.number,
        intake=intake,
        place=place,
    )


def _refused(bad: Sequence[RowNote], name: str, digest: str) -> tuple[RefusedRecord, ...]:
    return tuple(
        RefusedRecord(f"{digest}/{place}", "", shown(f"{name} {note}", 400))
        for place, note in enumerate(bad)
    )
