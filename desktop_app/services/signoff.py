"""签批: sign as proposed, sign with changes, return, and several ordinary orders at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Handler, Order
from desktop_app.domain.policy import Policy
from desktop_app.domain.refusals import Refusal
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


def return_proposal(
    seat: Seat, order_id: OrderId, shown_hash: str, reason: str, *, drops: str = ""
) -> ChangeSet:
    """退回 the proposal that was on the screen (``shown_hash``) with a reason."""
    return seat.record(
        order_id,
        ActKind.RETURN_PROPOSAL,
        p.Reason(reason),
        base_hash=shown_hash,
        drops=form(order_id, drops),
    )


def why_not_batch(order: Order, policy: Policy, shown_hash: str | None = None) -> str:
    """Return "" when the order may be signed together with others, else the reason (*ours*).

    ``shown_hash`` is the hash of the proposal that was on the screen, None while only asking.
    """
    if order.tier not in policy.batch_tiers:
        return f"{order.tier_title}件须逐件签。"
    if order.signature_pending:
        return "紧急处置待补签，须逐件签。"
    if order.times > 1:
        return "重复诉求须逐件签。"
    if order.round > 1:
        return "二次办理件须逐件签。"
    if order.proposal is not None and order.proposal.version > 1:
        return "拟办改过，须逐件签。"
    if order.open_conflicts:
        return "有两条记录对不上，须逐件签。"
    if shown_hash is not None and (order.proposal is None or order.proposal.hash != shown_hash):
        return "拟办刚改过，请看新版再签。"
    return ""


def sign_batch(seat: Seat, shown: Sequence[tuple[OrderId, str]], opinion: str) -> BatchResult:
    """批签: sign each order whose proposal still is what was shown, and tell why for the others.

    Each signature is its own act. Raises ``StoreError``; what was signed before it stays signed.
    """
    policy = seat.center.policy
    signed: list[OrderId] = []
    refused: list[tuple[OrderId, str]] = []
    changes = ChangeSet()
    for order_id, shown_hash in shown:
        try:
            reason = why_not_batch(seat.order(order_id), policy, shown_hash)
            if not reason:
                changes |= sign(seat, order_id, shown_hash, opinion)
                signed.append(order_id)
        except Refusal as refusal:
            reason = str(refusal)
        if reason:
            refused.append((order_id, reason))
    return BatchResult(tuple(signed), tuple(refused), changes)
