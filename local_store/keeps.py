"""Drafts and alert marks: small things a person left behind, durable like acts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from desktop_app.domain.ids import OrderId
from local_store.rows import AlertMark, DraftText
from local_store.tables import alert_marks
from local_store.tables import drafts as table
from local_store.times import from_us, to_us
from local_store.tx import Tx


def packed(values: Mapping[str, Any]) -> bytes:
    """Return a draft's values as they are stored."""
    return msgspec.json.encode(dict(values))


def save_draft(tx: Tx, order_id: OrderId, form: str, body: bytes, saved_at: int) -> None:
    row = {"order_id": order_id, "form": form, "body": body, "saved_at": saved_at}
    statement = insert(table).values(row)
    change = {"body": body, "saved_at": saved_at}
    tx.core.execute(
        statement.on_conflict_do_update(index_elements=["order_id", "form"], set_=change)
    )
    tx.wrote(1)


def load_draft(tx: Tx, order_id: OrderId, form: str) -> DraftText | None:
    wanted = select(table).where(table.c.order_id == order_id, table.c.form == form)
    row = tx.core.execute(wanted).one_or_none()
    return None if row is None else _draft(*row)


def drafts(tx: Tx) -> list[DraftText]:
    """Return all drafts, the newest first."""
    return [_draft(*row) for row in tx.core.execute(select(table).order_by(-table.c.saved_at))]


def _draft(order_id: str, form: str, body: bytes, saved_at: int) -> DraftText:
    return DraftText(OrderId(order_id), form, msgspec.json.decode(body), from_us(saved_at))


def drop_draft(tx: Tx, order_id: OrderId, form: str) -> int | None:
    """Drop the draft; return when it had been saved (microseconds), None when there was none."""
    this = (table.c.order_id == order_id, table.c.form == form)
    saved_at = tx.core.execute(select(table.c.saved_at).where(*this)).scalar()
    if saved_at is not None:
        tx.core.execute(delete(table).where(*this))
        tx.wrote(1)
    return saved_at


def marks(tx: Tx) -> dict[str, AlertMark]:
    return {
        alert_id: AlertMark(_moment(shown), _moment(known), _moment(until), snoozes)
        for alert_id, shown, known, until, snoozes in tx.core.execute(select(alert_marks))
    }


def _moment(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)


def put_marks(tx: Tx, changed: Mapping[str, AlertMark]) -> None:
    tx.many(
        "INSERT OR REPLACE INTO alert_marks"
        " (alert_id, shown_at, acknowledged_at, snoozed_until, snoozes) VALUES (?, ?, ?, ?, ?)",
        [
            (key, _us(m.shown_at), _us(m.acknowledged_at), _us(m.snoozed_until), m.snoozes)
            for key, m in changed.items()
        ],
    )
    tx.wrote(len(changed))


def drop_marks(tx: Tx) -> None:
    """Forget the marks of orders that nobody can be reminded of any more (ids as ``alerts.alert_id``)."""
    tx.execute(
        "DELETE FROM alert_marks WHERE substr(alert_id, 1, instr(alert_id, ':') - 1) IN"
        " (SELECT order_id FROM orders"
        " WHERE open = 0 AND conflicts = 0 AND rejected = 0 AND pending = 0)"
    )
