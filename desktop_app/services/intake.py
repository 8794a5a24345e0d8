"""From the platform's dispatch to the proposal: the dispatcher's verbs."""

from __future__ import annotations

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Handler
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet

Corrections = tuple[tuple[str, str, str], ...]
"""(field, as received, corrected) each."""


def accept(seat: Seat, order_id: OrderId) -> ChangeSet:
    """签收."""
    return seat.record(order_id, ActKind.ACCEPT, p.Empty())


def verify(
    seat: Seat,
    order_id: OrderId,
    result: str,
    text: str = "",
    corrections: Corrections = (),
    *,
    drops: str = "",
) -> ChangeSet:
    """核实. ``result``: matches, corrected, unreachable. ``drops``: form name of the draft to drop."""
    payload = p.Verify(result, text, corrections)
    return seat.record(order_id, ActKind.VERIFY, payload, drops=form(order_id, drops))


def classify(seat: Seat, order_id: OrderId, category: tuple[str, ...]) -> ChangeSet:
    """分类 by the dispatch catalogue."""
    return seat.record(order_id, ActKind.CLASSIFY, p.Classify(category))


def propose(
    seat: Seat,
    order_id: OrderId,
    handlers: tuple[Handler, ...],
    note: str = "",
    *,
    drops: str = "",
) -> ChangeSet:
    """拟办: to the secretary for signature."""
    payload = p.Propose(handlers, note)
    return seat.record(order_id, ActKind.PROPOSE, payload, drops=form(order_id, drops))


def withdraw_proposal(seat: Seat, order_id: OrderId, reason: str) -> ChangeSet:
    """撤回拟办 while it is not signed."""
    return seat.record(order_id, ActKind.WITHDRAW_PROPOSAL, p.Reason(reason))


def start_emergency(
    seat: Seat, order_id: OrderId, handlers: tuple[Handler, ...], reason: str, *, drops: str = ""
) -> ChangeSet:
    """紧急处置 before the signature, which must follow."""
    payload = p.EmergencyStart(handlers, reason)
    return seat.record(order_id, ActKind.EMERGENCY, payload, drops=form(order_id, drops))


def log_call(seat: Seat, order_id: OrderId, to: str, *, reached: bool, text: str = "") -> ChangeSet:
    """登记一次电话. ``to``: whom, in words (never a full number)."""
    return seat.record(order_id, ActKind.CALL, p.Call(to, reached, text))


def urge(seat: Seat, order_id: OrderId, text: str = "") -> ChangeSet:
    """催办."""
    return seat.record(order_id, ActKind.URGE, p.Text(text))


def form(order_id: OrderId, name: str) -> tuple[OrderId, str] | None:
    """Return the key of the draft that goes with an act, if any."""
    return (order_id, name) if name else None
