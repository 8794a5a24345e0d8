"""签批: sign as proposed, sign with changes, return, and several ordinary orders at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Handler, Order
from desktop_app.domain.policy import Policy
from desktop_app.services.intake import form
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch signature did. ``refused``: (order id, reason in Chinese) each."""

    signed: tuple[OrderId, ...]
    refused: tuple[tuple[OrderId, str], ...]
    changes: ChangeSet


def sign(
    seat: Seat, order_id: OrderId, shown_hash: str, opinion: str, *, drops: str = ""
) -> ChangeSet:
    """同意签批 exactly the proposal that was on the screen (``shown_hash``)."""
    return seat.record(
        order_id,
        ActKind.SIGN,
        p.Sign(opinion),
        base_hash=shown_hash,
        drops=form(order_id, drops),
    )


def sign_changed(
    seat: Seat,
    order_id: OrderId,
    shown_hash: str,
    opinion: str,
    handlers: tuple[Handler, ...],
    *,
    drops: str = "",
) -> ChangeSet:
    """修改后签批: with other handlers than proposed."""
    return seat.record(
        order_id,
        ActKind.SIGN,
        p.Sign(opinion, handlers),
        base_hash=shown_hash,
        drops=form(order_id, drops),
    )


def return_proposal(seat: Seat, order_id: OrderId, reason: str, *, drops: str = "") -> ChangeSet:
    """退回 with a reason; the dispatcher sees it at once."""
    return seat.record(
        order_id, ActKind.RETURN_PROPOSAL, p.Reason(reason), drops=form(order_id, drops)
    )


def why_not_batch(order: Order, policy: Policy, shown_hash: str | None = None) -> str:
    """Return "" when the order may be signed together with others, else the reason (*ours*)."""
    raise NotImplementedError


def sign_batch(seat: Seat, shown: Sequence[tuple[OrderId, str]], opinion: str) -> BatchResult:
    """批签: sign each order whose proposal still is what was shown, and tell why for the others."""
    raise NotImplementedError
