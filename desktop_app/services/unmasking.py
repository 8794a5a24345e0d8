"""查看号码(留痕): the full value is given only together with the act that records it."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.refusals import Refusal
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet


@dataclass(frozen=True, slots=True)
class Unmasked:
    """The value in full, and what the act changed."""

    value: str
    changes: ChangeSet


_FIELDS = ("phone", "name", "address", "text")


def unmask(seat: Seat, order_id: OrderId, field: str, reason: str) -> Unmasked:
    """Return ``field`` (phone, name, address, text) in full after recording who looked and why."""
    if field not in _FIELDS:
        raise Refusal("field", "没有这一项。")
    order = seat.order(order_id)
    changes = seat.record(order_id, ActKind.UNMASK, p.Unmask(field, reason))
    if field == "text":
        return Unmasked(order.matter.text, changes)
    return Unmasked(str(getattr(order.petitioner, field)), changes)
