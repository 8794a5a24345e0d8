"""Taking in what the foreign system sends: each record has its effect once, none blocks another.

A record's effect is an order, or an act whose id is made from the record's own id; both are known
again when the record comes again. What the rules do not allow yet (an urge that overtook its order)
waits and is tried each round; what cannot be read is listed until a person has seen it.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import msgspec

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import CLOSED_STAGES, STAGE_TITLES, Order, Outcome, Stage
from desktop_app.domain.plain import MAX_TEXT
from sync.platform.database import StorageFailed
from sync.platform.dispatching import DispatchResult, DispatchStatus
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.ledger import Ledger
from sync.platform.gateway.port import ForeignRecord, Received, RecordKind, RefusedRecord, Taken
from sync.platform.gateway.rows import KeptRecord, RecordState
from sync.platform.order_files import NO_NAME
from sync.platform.problems import PlatformProblem
from sync.protocol.codec import decode, encode

log = logging.getLogger("jiban.gateway")

_UNREADABLE = "等着办的这条来件读不出来了，请在 12345 系统里查看，人工补录。"
TRIED_FOR = timedelta(days=7)
TRIED_AT_ONCE = 500

ACTS = {
    RecordKind.URGE: ActKind.URGE,
    RecordKind.WITHDRAW: ActKind.WITHDRAW,
    RecordKind.CALL_BACK: ActKind.CALL_BACK,
    RecordKind.SECOND_ROUND: ActKind.SECOND_ROUND,
    RecordKind.STOP_CLOCK: ActKind.STOP_CLOCK,
    RecordKind.RESUME_CLOCK: ActKind.RESUME_CLOCK,
}
_DONE = (Outcome.APPLIED, Outcome.MERGED, Outcome.ALREADY)


def key_of(record: ForeignRecord | RefusedRecord) -> str:
    """Return by what a record is known again: 40 characters, whatever its id."""
    kind = record.kind.value if isinstance(record, ForeignRecord) else "refused"
    text = f"{kind}\0{record.id}".encode("utf-8", "replace")
    return hashlib.sha256(text).hexdigest()[:40]


def act_id_of(township: str, what: str) -> str:
    """Return the id of the act that a record becomes (RFC 9562 v8): the same each time it comes."""
    text = f"jiban-gateway\0{township}\0{what}".encode("utf-8", "replace")
    value = int.from_bytes(hashlib.sha256(text).digest()[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


class IntakeDesk:
    """Takes records in for one township."""

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger

    def take_page(self, page: Received, now: datetime) -> list[Taken]:
        """Take a page in and keep what became of it together with its mark."""
        known = self._ledger.known_records(map(key_of, page.records))
        settled = (RecordState.TAKEN, RecordState.SET_ASIDE)
        new = {key_of(r): r for r in page.records if known.get(key_of(r)) not in settled}
        done = {key_of(taken.record): taken for taken in self._take(list(new.values()))}
        kept = [_kept(taken, now) for taken in done.values()]
        kept += [_refused(record, now) for record in page.refused]
        self._ledger.keep_records(kept, page.mark)
        return [
            done.get(key_of(record)) or Taken(record, done=True, known=True)
            for record in page.records
        ]

    def try_again(self, now: datetime) -> list[Taken]:
        """Try what waits once more; what has waited too long is left to a person."""
        results: list[Taken] = []
        after: list[KeptRecord] = []
        for kept in self._ledger.kept_records(RecordState.WAITING, TRIED_AT_ONCE):
            try:
                record = decode(kept.body, ForeignRecord)
            except (msgspec.DecodeError, UnicodeError, RecursionError):  # an older program's
                after.append(replace(kept, state=RecordState.REFUSED, reason=_UNREADABLE))
                continue
            taken = self._take_one(record)
            tried = replace(_kept(taken, now), tries=kept.tries + 1)
            if not taken.done and now - kept.first_at > TRIED_FOR:
                tried = replace(tried, state=RecordState.REFUSED)
            after.append(tried)
            results.append(taken)
        if after:
            self._ledger.keep_records(after)
        return results

    def list_refused(self, record: RefusedRecord, now: datetime) -> None:
        """List what cannot be worked on, for a person to see."""
        self._ledger.keep_records([_refused(record, now)])

    def _take(self, new: Sequence[ForeignRecord]) -> list[Taken]:
        """New orders first, all at once: a page may bring an urge before its order. Then the rest as it
        stands there: a number that comes again counts as it stands to the call-back beside it.
        """
        orders = [r for r in new if r.intake is not None]
        results = self._desk.dispatch([r.intake for r in orders if r.intake is not None])
        dispatched = dict(zip(map(key_of, orders), results, strict=True))
        return [
            self._guarded(record, partial(self._ordered, record, dispatched[key_of(record)]))
            if record.intake is not None
            else self._take_one(record)
            for record in new
        ]

    def _take_one(self, record: ForeignRecord) -> Taken:
        return self._guarded(record, partial(self._tried, record))

    def _guarded(self, record: ForeignRecord, work: Callable[[], Taken]) -> Taken:
        """Do what one record asks for; whatever is wrong with it stays its own affair."""
        try:
            return work()
        except (StorageFailed, PlatformProblem):
            raise
        except Exception:
            log.exception("record %s about %s could not be taken", record.kind, record.number)
            return Taken(record, done=False, reason="处理时出错，稍后再试。")

    def _tried(self, record: ForeignRecord) -> Taken:
        if record.intake is not None:
            return self._ordered(record, self._desk.dispatch([record.intake])[0])
        return self._act(record, ACTS[record.kind], record.payload, f"{record.kind}\0{record.id}")

    # --- orders -----------------------------------------------------------------------------------

    def _ordered(self, record: ForeignRecord, result: DispatchResult) -> Taken:
        if result.status is DispatchStatus.NEW:
            return Taken(record, done=True)
        if result.status is DispatchStatus.FAILED:
            return Taken(record, done=False, reason=result.reason)
        order = self._desk.order(record.number)
        if order is None or record.intake is None:
            return Taken(record, done=False, reason="平台上找不到这件单。")
        return self._again(record, record.intake, order)

    def _again(self, record: ForeignRecord, intake: Intake, order: Order) -> Taken:
        """The number is here already: a repetition, another round, or corrected content."""
        said, again = differences(intake, order), f"again\0{record.id}"
        if order.entry(act_id_of(self._desk.township, again)) is not None:
            return Taken(record, done=True, known=True)
        if self._wants_second_round(record, order):
            payload = p.plain(p.Reason(f"12345 再次派单。{said}"))
            return self._act(record, ActKind.SECOND_ROUND, payload, again)
        if not said:
            return Taken(record, done=True, known=True)
        if order.stage in CLOSED_STAGES:
            title = STAGE_TITLES[order.stage]
            return Taken(record, done=False, reason=f"这件单{title}，又派来的内容不同，请核对。")
        payload = p.plain(p.Correct(order.history[0].act_id, said))
        return self._act(record, ActKind.CORRECT, payload, f"correct\0{record.number}\0{said}")

    def _wants_second_round(self, record: ForeignRecord, order: Order) -> bool:
        """Called back as unresolved, and dispatched once more: not the first dispatch repeated."""
        last = order.callbacks[-1] if order.callbacks else None
        due = order.stage is Stage.CALLED_BACK and last is not None and last.resolved is False
        if not due or not record.own_id:
            return False
        return self._ledger.came_before(record.number, record.kind.value, key_of(record))

    # --- acts -------------------------------------------------------------------------------------

    def _act(
        self, record: ForeignRecord, kind: ActKind, payload: Mapping[str, object], what: str
    ) -> Taken:
        try:
            result = self._desk.act(
                kind, record.number, payload, act_id_of(self._desk.township, what)
            )
        except LookupError:
            return Taken(record, done=False, reason="还没有这件单，等它派来。")
        outcome = result.original if result.outcome is Outcome.DUPLICATE else result.outcome
        if outcome in _DONE:
            return Taken(record, done=True, known=result.outcome is Outcome.DUPLICATE)
        return Taken(record, done=False, reason=result.reason or "平台暂时没有采用。")


def differences(intake: Intake, order: Order) -> str:
    """Return in Chinese what a second dispatch says otherwise than the first, "" for nothing."""
    pairs = (
        ("标题", intake.matter.title, order.matter.title),
        ("内容", intake.matter.text, order.matter.text),
        ("来电人", intake.petitioner.name, order.petitioner.name),
        ("号码", intake.petitioner.phone, order.petitioner.phone),
        ("地址", intake.petitioner.address, order.petitioner.address),
        ("发生地址", intake.place.address, order.place.address),
    )
    said = [f"{name}改为“{now}”" for name, now, was in pairs if now not in ("", NO_NAME, was)]
    text = "12345 更正来件：" + "；".join(said)
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - 20] + "……（太长，请看来件）"
    return text if said else ""


def _kept(taken: Taken, now: datetime) -> KeptRecord:
    record = taken.record
    return KeptRecord(
        key=key_of(record),
        kind=record.kind.value,
        number=record.number[:64],
        state=RecordState.TAKEN if taken.done else RecordState.WAITING,
        first_at=now,
        body=b"" if taken.done else encode(record),
        tries=1,
        reason=taken.reason[:500],
    )


def _refused(record: RefusedRecord, now: datetime) -> KeptRecord:
    return KeptRecord(
        key=key_of(record),
        kind="",
        number=record.number[:64],
        state=RecordState.REFUSED,
        first_at=now,
        reason=record.reason[:500],
    )
