"""The rows of acts: every act ever judged with its outcome, for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from desktop_app.domain.orders import Outcome
from sync.platform.judging import Known, Verdict
from sync.platform.statements import among, chunks, each, many, tidy
from sync.platform.tables import acts
from sync.protocol.messages import ActResult

_NAMED = (acts.c.township == bindparam("here"), among(acts.c.act_id))
_KNOWN = select(
    acts.c.act_id, acts.c.digest, acts.c.outcome, acts.c.rev, acts.c.code, acts.c.received_at,
    acts.c.reason, acts.c.by,
).where(*_NAMED)  # fmt: skip
_REJECTED = select(acts.c.act_id, acts.c.person_id).where(
    *_NAMED, acts.c.outcome == Outcome.REJECTED.value
)
_SETTLE = update(acts).where(*_NAMED).values(resolved=True)


def known_acts(db: Connection, township: str, ids: Iterable[str]) -> dict[str, Known]:
    """Return what became of those acts that were judged before."""
    return {row.act_id: _known(row) for row in each(db, _KNOWN, township, ids)}


def _known(row: Row[*tuple[Any, ...]]) -> Known:
    return Known(row.digest, _result(row), datetime.fromisoformat(row.received_at))


def _result(row: Row[*tuple[Any, ...]]) -> ActResult:
    return ActResult(
        act_id=row.act_id,
        outcome=Outcome(row.outcome),
        rev=row.rev,
        code=row.code,
        reason=row.reason,
        by=row.by,
    )


def rejected_owners(db: Connection, township: str, ids: Iterable[str]) -> dict[str, str]:
    """Return act id -> person id of the rejected acts among ``ids``."""
    return {row.act_id: row.person_id for row in each(db, _REJECTED, township, ids)}


_KEEP = insert(acts)


def save_acts(
    db: Connection, township: str, verdicts: Iterable[Verdict], device_id: str, at: datetime
) -> list[dict[str, Any]]:
    """Keep judged acts with their outcome, for good; return the rows written."""
    received_at = at.isoformat()
    rows = [
        {"township": township, **_act_row(v, device_id, received_at)} for v in verdicts if v.store
    ]
    many(db, _KEEP, rows)
    return rows


def _act_row(verdict: Verdict, device_id: str, at: str) -> dict[str, Any]:
    act, result = verdict.submitted.act, verdict.result
    return {
        "act_id": act.id,
        "subject": tidy(act.subject, 64),
        "kind": act.kind.value,
        "person_id": tidy(act.actor.person_id, 64),
        "device_id": device_id,
        "device_seq": max(0, min(act.device_seq, 2**53)),
        "digest": verdict.submitted.digest,
        "body": verdict.submitted.body,
        "outcome": result.outcome.value,
        "rev": result.rev,
        "code": result.code,
        "reason": tidy(result.reason, 1000),
        "by": tidy(result.by, 64),
        "received_at": at,
        "resolved": result.outcome is not Outcome.REJECTED,
    }


def settle_rejections(db: Connection, township: str, ids: Iterable[str]) -> None:
    """Note that somebody has dealt with these refusals."""
    for part in chunks(ids):
        db.execute(_SETTLE, {"here": township, "ids": part})


def open_rejections(
    db: Connection, township: str, limit: int = 1000
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return rejected acts that nobody has dealt with, oldest first."""
    statement = (
        select(acts.c.act_id, acts.c.body, acts.c.code, acts.c.reason, acts.c.received_at)
        .where(acts.c.township == township, acts.c.resolved.is_(False))
        .order_by(acts.c.received_at, acts.c.act_id)
        .limit(limit)
    )
    return db.execute(statement).all()
