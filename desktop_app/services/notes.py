"""Notes and corrections: always possible, nothing is ever overwritten."""

from __future__ import annotations

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import ActId, OrderId
from desktop_app.services.intake import form
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet


def note(
    seat: Seat, order_id: OrderId, text: str, *, files: tuple[str, ...] = (), drops: str = ""
) -> ChangeSet:
    """备注."""
    return seat.record(
        order_id, ActKind.NOTE, p.Text(text), files=files, drops=form(order_id, drops)
    )


def correct(
    seat: Seat, order_id: OrderId, act_id: ActId, text: str, *, drops: str = ""
) -> ChangeSet:
    """更正 an earlier record: a new act beside the old one."""
    payload = p.Correct(act_id, text)
    return seat.record(order_id, ActKind.CORRECT, payload, drops=form(order_id, drops))
