"""Which results an order owes to 12345, read from its history alone: the same whenever it is read.

One result per act of reporting back, and one more per correction of it; one per earlier step of the
township's people that the foreign system wants to hear of (签收, 挂起, 恢复). The reference is made from
the act's id, which never changes: a platform restored from a backup comes to the same references
once the seats have sent their acts again, so what was delivered before is recognised.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from desktop_app.domain.acts import ActKind
from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import HistoryEntry, Order, OrderKind, Outcome
from desktop_app.domain.redaction import without_petitioner
from desktop_app.domain.roles import Role
from sync.platform.gateway.port import ONLY_RESULTS, Result, ResultKind

K = ActKind
_OFFICIAL = (Outcome.APPLIED, Outcome.MERGED)
_KINDS = {
    K.REPORT_BACK: ResultKind.RESULT, K.ACCEPT: ResultKind.ACCEPTED,
    K.STOP_CLOCK: ResultKind.STOPPED, K.RESUME_CLOCK: ResultKind.RESUMED,
}  # fmt: skip
_CLOCK = (ResultKind.STOPPED, ResultKind.RESUMED)
MAX_TEXT = 4_000


def reference_of(number: str, act_id: str, reissue: int = 0) -> str:
    """Return the reference of the result that ``act_id`` makes: 23 characters, ASCII."""
    text = f"jiban-result\0{number}\0{act_id}\0{reissue}"
    return f"JB-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:20].upper()}"


def reissued(result: Result, reissue: int) -> Result:
    """Return ``result`` to be sent once more on a person's word (补发), under a reference of its own."""
    return replace(
        result, reissue=reissue, reference=reference_of(result.number, result.reference, reissue)
    )


def results_of(order: Order, kinds: frozenset[ResultKind] = ONLY_RESULTS) -> tuple[Result, ...]:
    """Return every result of these kinds that the order's history calls for, oldest first."""
    if not any(_KINDS.get(entry.kind) in kinds for entry in order.history):
        return ()
    secret = order.petitioner.confidential or order.matter.kind is OrderKind.REPORT
    shown = without_petitioner(order) if secret else order
    found: list[Result] = []
    for entry in shown.history:
        kind = _KINDS.get(entry.kind)
        if kind is None or kind not in kinds or entry.outcome not in _OFFICIAL:
            continue
        if kind is ResultKind.RESULT:
            first = _result(shown, entry)
            found += [first, *_corrections(shown, entry, first)]
        elif entry.actor.role is not Role.PLATFORM:  # what 12345 did itself it knows
            found.append(_step(shown, entry, kind))
    return tuple(found)


def _step(order: Order, entry: HistoryEntry, kind: ResultKind) -> Result:
    """Return an earlier step; stops and resumptions of a round are counted together."""
    clock = kind in _CLOCK
    before = [e for e in order.history if e.rev <= entry.rev and e.round == entry.round]
    return Result(
        reference=reference_of(order.number, entry.act_id),
        kind=kind,
        number=order.number,
        round=entry.round,
        version=sum(_KINDS.get(e.kind) in _CLOCK for e in before) if clock else 1,
        text=_text(entry.payload.get("reason")),
        reported_at=entry.occurred_at,
    )


def _result(order: Order, report: HistoryEntry) -> Result:
    conclusion = _in_force(order, K.CONCLUDE, report)
    determination = _in_force(order, K.DETERMINE, report)
    said = report.payload
    return Result(
        reference=reference_of(order.number, report.act_id),
        number=order.number,
        round=report.round,
        version=1,
        text=_text(said.get("text")),
        contacted=said.get("contacted", True) is True,
        resolved=said.get("resolved", True) is True,
        satisfied=_answer(said.get("satisfied")),
        truthful=_answer(said.get("truthful")),
        nature=_text(determination.payload.get("nature")) if determination else "",
        measures=_text(conclusion.payload.get("measures")) if conclusion else "",
        handlers=_handlers(order, report),
        concluded_at=_moment(conclusion),
        reported_at=report.occurred_at,
    )


def _corrections(order: Order, report: HistoryEntry, first: Result) -> list[Result]:
    """Return one more version per correction; each holds what was said before it, too."""
    versions: list[Result] = []
    text = first.text
    for entry in order.history:
        about = entry.payload.get("act_id") == report.act_id
        if entry.kind is not K.CORRECT or not about or entry.outcome not in _OFFICIAL:
            continue
        text = f"{text}\n更正：{_text(entry.payload.get('text'))}"[-MAX_TEXT:]
        versions.append(
            replace(
                first,
                reference=reference_of(order.number, entry.act_id),
                version=len(versions) + 2,
                text=text,
                reported_at=entry.occurred_at,
            )
        )
    return versions


def _in_force(order: Order, kind: ActKind, report: HistoryEntry) -> HistoryEntry | None:
    """Return the record of ``kind`` that counted when the round was reported."""
    last: HistoryEntry | None = None
    for entry in order.history:
        if entry.rev >= report.rev:
            break
        if entry.kind is kind and entry.outcome in _OFFICIAL:
            last = entry if entry.round == report.round else last
        elif entry.kind is K.RESOLVE_CONFLICT and entry.outcome is Outcome.APPLIED:
            adopted = _adopted(order, entry)
            if adopted and adopted.kind is kind and adopted.round == report.round:
                last = adopted
    return last


def _adopted(order: Order, decision: HistoryEntry) -> HistoryEntry | None:
    if decision.payload.get("choice") != "second":
        return None
    return order.entry(str(decision.payload.get("conflict_id", "")))


def _handlers(order: Order, report: HistoryEntry) -> tuple[str, ...]:
    """Return the offices that handled it by the signature in force; no names of people."""
    for kind in (K.SIGN, K.PROPOSE, K.EMERGENCY):
        entry = _in_force(order, kind, report)
        handlers = entry.payload.get("handlers") if entry else None
        if isinstance(handlers, list | tuple) and handlers:
            return tuple(_text(h.get("title"))[:100] for h in handlers if isinstance(h, dict))
    return ()


def _text(value: Any) -> str:
    return mask_text(value)[:MAX_TEXT] if isinstance(value, str) else ""


def _answer(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _moment(entry: HistoryEntry | None) -> datetime | None:
    return entry.occurred_at if entry else None
