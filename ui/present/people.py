"""The petitioner and the place as a screen or a print may show them."""

from __future__ import annotations

from desktop_app.domain.masking import mask_name, mask_phone, mask_text
from desktop_app.domain.orders import Order, OrderKind

HIDDEN = "（已保密）"


def is_secret(order: Order) -> bool:
    """Whether the petitioner is hidden from handlers and prints: asked for, or a report (举报)."""
    return order.petitioner.confidential or order.matter.kind is OrderKind.REPORT


def petitioner_text(order: Order) -> str:
    """``张女士 138****1234``, or that it is confidential."""
    if is_secret(order):
        return HIDDEN
    who = order.petitioner
    phone = mask_phone(who.phone) if who.phone else ""
    return f"{mask_name(who.name)} {phone}".strip()


def place_text(order: Order) -> str:
    """Village and address of the matter."""
    address = mask_text(order.place.address)
    if order.place.village and not address.startswith(order.place.village):
        return f"{order.place.village} {address}".strip()
    return address


def matter_title(order: Order) -> str:
    """The matter in one line."""
    return mask_text(order.matter.title)


def matter_text(order: Order) -> str:
    """What the petitioner said."""
    return mask_text(order.matter.text)
