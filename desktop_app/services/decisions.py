"""What somebody has to decide: conflicts between two records, and records that were refused."""

from __future__ import annotations

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import CENTER, ActId, OrderId
from desktop_app.services.intake import form
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet


def resolve(
    seat: Seat, order_id: OrderId, conflict_id: ActId, choice: str, reason: str, *, drops: str = ""
) -> ChangeSet:
    """裁定. ``choice``: first, second, put_off; the reason is kept with it."""
    payload = p.Resolve(conflict_id, choice, reason)
    return seat.record(order_id, ActKind.RESOLVE_CONFLICT, payload, drops=form(order_id, drops))


def set_aside(seat: Seat, order_id: OrderId, act_id: ActId, reason: str = "") -> ChangeSet:
    """A refused record has been dealt with: it leaves the list and stays in the log."""
    if order_id == CENTER or seat.store.view(order_id) is None:
        return seat.store.settle_rejection(act_id)
    return seat.record(order_id, ActKind.SET_ASIDE, p.SetAside(act_id, reason))
