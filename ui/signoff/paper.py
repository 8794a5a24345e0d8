"""What stands on the sheet of the order that lies on the desk, and why it cannot be signed or returned."""

from __future__ import annotations

from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import Order
from desktop_app.services.seat import Seat
from ui.present.marks import act_marks
from ui.sheet.data import SheetData
from ui.signoff.sheet_facts import sheet_data
from ui.signoff.shown import Shown


def signature_waits(seat: Seat, order: Order) -> bool:
    """Whether the signature was given here and is not uploaded yet."""
    return bool(order.signature and order.signature.act_id in act_marks(seat.store))


def paper(seat: Seat, order: Order, opinion: str) -> SheetData:
    """Return the sheet with ``opinion`` where nobody has signed yet."""
    pending = signature_waits(seat, order)
    return sheet_data(order, seat.center, opinion=opinion, signer=_signer(seat), pending=pending)


def _signer(seat: Seat) -> str:
    person = seat.person
    grant = seat.center.may_sign(person, seat.now())
    if isinstance(grant, bool):
        return person.title if grant else "乡党委书记"
    return f"{person.title}（代签）"


def why_not_sign(seat: Seat, shown: Shown | None) -> str:
    """Return "" when what is shown can be signed."""
    if shown is None:
        return "没有选件"
    if shown.stale:
        return "先看改动"
    if not shown.to_sign:
        return "已退回，等重拟" if shown.order.returned else "不在待签"
    return seat.why_not(shown.order, ActKind.SIGN)


def why_not_return(seat: Seat, shown: Shown) -> str:
    """Return "" when what is shown can be sent back."""
    if shown.stale:
        return why_not_sign(seat, shown)
    return seat.why_not(shown.order, ActKind.RETURN_PROPOSAL)
