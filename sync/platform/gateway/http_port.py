"""The port to a foreign system that speaks plain JSON over HTTPS. The format: docs/gateway.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from desktop_app.domain import payloads as p
from desktop_app.domain.plain import MAX_TEXT
from sync.platform.gateway.exchange import Broken, Line, NotSent, Reply
from sync.platform.gateway.port import (
    RECORD_TITLES,
    AnswerError,
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
from sync.platform.order_columns import plain_name
from sync.platform.order_lines import OrderFileError
from sync.platform.order_tables import json_line
from sync.protocol.codec import digest_holds, encode

T = TypeVar("T")

PAGE = 100
MAX_RECORDS = 1000
MAX_ID, MAX_MARK, MAX_FIELDS = 200, 1000, 100
_NOT_TAKEN = frozenset({401, 403, 404, 405, 413, 415, 429})
"""Answers by which a server says that it did not begin to work on a request."""


class _Page(msgspec.Struct):
    """``GET /orders``: records as they are, each judged by itself."""

    records: list[msgspec.Raw]
    mark: str
    more: bool = False


class _Record(msgspec.Struct):
    id: str
    kind: RecordKind
    number: str
    order: dict[str, object] = {}
    text: str = ""
    responded: bool | None = None
    resolved: bool | None = None
    satisfied: bool | None = None


class _Held(msgspec.Struct):
    reference: str
    receipt: str = ""


class _Holdings(msgspec.Struct):
    """``GET /results``: what the foreign system holds."""

    results: list[_Held]


class _Accepted(msgspec.Struct):
    receipt: str


class _Error(msgspec.Struct):
    error: str


class HttpPort:
    """One foreign system behind one address."""

    batch = 1
    confirms = False

    def __init__(
        self, line: Line, read_orders: OrderReader, title: str, *, can_find: bool = True
    ) -> None:
        self.can_find = can_find
        self._line = line
        self._read_orders = read_orders
        self.title = title

    def receive(self, mark: str) -> Received:
        reply = self._get(f"/orders?{urlencode({'after': mark, 'limit': PAGE})}")
        page = _decoded(reply, _Page)
        if page is None or not _in_bounds(page):
            raise PortError("对方给的来件读不懂，这一页没有收。请联系对方管理员。")
        records: list[ForeignRecord] = []
        refused: list[RefusedRecord] = []
        for raw in page.records:
            one = self._record(bytes(raw))
            (records if isinstance(one, ForeignRecord) else refused).append(one)  # type: ignore[arg-type]
        more = page.more and page.mark != mark
        return Received(tuple(records), tuple(refused), page.mark, more)

    def received(self, page: Received, taken: Sequence[Taken]) -> None:
        """The mark says it all."""

    def find(self, result: Result) -> Finding:
        query = urlencode({"order": result.number, "reference": result.reference}, quote_via=quote)
        holdings = _decoded(self._get(f"/results?{query}"), _Holdings)
        if holdings is None:
            raise AnswerError("对方的查询结果读不懂，先不发，稍后再查。")
        ours = [held for held in holdings.results if held.reference == result.reference]
        return Finding(len(ours), ours[0].receipt if ours else "")

    def send(self, delivery: Delivery) -> Sent:
        (result,) = delivery.results
        try:
            reply = self._line.exchange("POST", "/results", encode(result), delivery.may_begin)
        except NotSent as error:
            return Sent(Verdict.NOT_SENT, reason=str(error))
        except Broken as error:
            return Sent(Verdict.UNKNOWN, reason=str(error))
        return _verdict(reply)

    def next_delivery(self, highest: int) -> str:
        return ""

    def confirmed(self) -> frozenset[str]:
        return frozenset()

    def confirm(self, delivery: str) -> None:
        raise PortError("这个接口没有批次，不用确认。")

    def _get(self, path: str) -> Reply:
        try:
            reply = self._line.exchange("GET", path)
        except (NotSent, Broken) as error:
            raise PortError(str(error)) from None
        if reply.status in (401, 403):
            raise PortError("对方不认这个口令。请核对口令文件。")
        if reply.status != 200:
            raise AnswerError(f"对方系统出错（{reply.status}），稍后再试。")
        return reply

    # --- records ----------------------------------------------------------------------------------

    def _record(self, raw: bytes) -> ForeignRecord | RefusedRecord:
        try:
            said = msgspec.json.decode(raw, type=_Record)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return RefusedRecord(*_named(raw), f"这条来件的格式不对：{_why(error)}")
        if not 0 < len(said.id) <= MAX_ID or not said.id.isprintable():
            return RefusedRecord(*_named(raw), "这条来件没有可用的编号（id）。")
        if not 0 < len(said.number) <= 64 or not said.number.isprintable():
            return RefusedRecord(said.id, "", "这条来件没有可用的工单编号（number）。")
        if said.kind is RecordKind.ORDER:
            return self._order(said)
        payload = _payload(said)
        if isinstance(payload, str):
            return RefusedRecord(said.id, said.number, payload)
        return ForeignRecord(said.id, said.kind, said.number, payload=payload, own_id=True)

    def _order(self, said: _Record) -> ForeignRecord | RefusedRecord:
        if len(said.order) > MAX_FIELDS:
            return RefusedRecord(said.id, said.number, "栏目太多，读不了。")
        row = {k: v for k, v in said.order.items() if plain_name(k) != _NUMBER}
        try:
            file = self._read_orders([json_line(1, {_NUMBER: said.number, **row})])
        except OrderFileError as error:
            return RefusedRecord(said.id, said.number, str(error))
        if not file.intakes:
            why = "；".join(note.text for note in file.bad) or "读不出工单。"
            return RefusedRecord(said.id, said.number, why)
        return ForeignRecord(
            said.id, RecordKind.ORDER, said.number, intake=file.intakes[0], own_id=True
        )


_NUMBER = "工单编号"  # the likeliest name of all: it goes before any other that the record has


def _in_bounds(page: _Page) -> bool:
    return (
        len(page.records) <= MAX_RECORDS and len(page.mark) <= MAX_MARK and page.mark.isprintable()
    )


def _payload(said: _Record) -> dict[str, object] | str:
    """Return the plain payload of the act that the record becomes, or what is missing."""
    text = said.text.strip()
    if len(text) > MAX_TEXT:
        return f"文字太长（最多 {MAX_TEXT} 字）。"
    if said.kind is RecordKind.URGE:
        return p.plain(p.Text(text or "12345 催办"))
    if said.kind is RecordKind.CALL_BACK:
        if said.responded is said.resolved is said.satisfied is None and not text:
            return "回访结果是空的。"
        return p.plain(p.CallBackResult(said.responded, said.resolved, said.satisfied, text))
    return p.plain(p.Reason(text or f"12345 {RECORD_TITLES[said.kind]}"))


def _named(raw: bytes) -> tuple[str, str]:
    """Return what an unreadable record is known by: its id and number, else a hash of what it says."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    found = value if isinstance(value, dict) else {}
    record_id, number = found.get("id"), found.get("number")
    digest = hashlib.sha256(raw).hexdigest()[:16]
    return (
        f"{record_id[:MAX_ID]}/{digest}" if isinstance(record_id, str) else digest,
        number[:64] if isinstance(number, str) and number.isprintable() else "",
    )


def _why(error: Exception) -> str:
    """Return the field a schema error names, without what stood in it."""
    text = str(error)
    path = text.rpartition("`$")[2].rstrip("`") if "`$" in text else ""
    return f"{shown(path.lstrip('.'), 50) or '整条'} 读不出。"


def _verdict(reply: Reply) -> Sent:
    """Return what an answer to a sending means; only what is certain counts as a yes or a no."""
    if reply.status in (200, 201):
        accepted = _decoded(reply, _Accepted)
        if accepted is not None and accepted.receipt:
            return Sent(Verdict.TAKEN, shown(accepted.receipt))
        return Sent(Verdict.UNKNOWN, reason="对方的回答读不懂，先查对方是否收到。")
    said = _decoded(reply, _Error)
    if reply.status in _NOT_TAKEN:
        return Sent(Verdict.NOT_SENT, reason=f"对方现在不收（{reply.status}），稍后再发。")
    if reply.status in (400, 422) and said is not None:
        return Sent(Verdict.REFUSED, reason=f"对方不收：{shown(said.error)}")
    return Sent(Verdict.UNKNOWN, reason=f"对方系统出错（{reply.status}），先查对方是否收到。")


def _decoded(reply: Reply, kind: type[T]) -> T | None:
    """Return the answer as ``kind``; None for any other media type, digest or shape."""
    if reply.media_type != "application/json":
        return None
    if reply.digest is not None and not digest_holds(reply.digest, reply.body):
        return None
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
