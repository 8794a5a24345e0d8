"""By what an order is found again, and how it is told of in one line."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.domain.orders import STAGE_TITLES, Order
from sync.platform.statements import tidy


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """By what an order is found again; "" finds nothing."""

    phone: str
    place: str
    matter: str


def link_keys(order: Order) -> LinkKeys:
    """Return the keys: the same telephone, the same address, the same matter in the same village."""
    place, category = order.place, "/".join(order.matter.category)
    village = place.village_id or place.village
    address = "".join(place.address.split())
    phone = "".join(c for c in order.petitioner.phone if c.isdigit())
    return LinkKeys(
        phone=phone[:32] if len(phone) >= 7 else "",
        place=tidy(f"{village}|{address}", 200) if len(address) >= 4 else "",
        matter=tidy(f"{village}|{category}", 200) if village and category else "",
    )


def summary(order: Order) -> str:
    """Return in one line how the order stands or ended, for whoever meets its successor."""
    text = STAGE_TITLES[order.stage]
    if order.callbacks and order.callbacks[-1].resolved is not None:
        text += "、已解决" if order.callbacks[-1].resolved else "、未解决"
    if order.conclusion is not None:
        text += f"：{order.conclusion.measures[:60]}"
    return tidy(text, 100)
