"""Which screens a role finds in the rail, and where it starts."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.domain.roles import Role
from ui.widgets.values import NavItem


@dataclass(frozen=True, slots=True)
class NavPlan:
    """The entries of one role, from the top; the first is where it starts."""

    pages: tuple[str, ...]


ORDERS, SIGNOFF, MINE = "orders", "signoff", "mine"
COUNTDOWN, DECISIONS, OUTBOX, SETTINGS = "countdown", "decisions", "outbox", "settings"

ITEMS: dict[str, NavItem] = {
    ORDERS: NavItem(ORDERS, "工单", "inbox"),
    SIGNOFF: NavItem(SIGNOFF, "签批", "rubber-stamp"),
    MINE: NavItem(MINE, "我的单", "inbox"),
    COUNTDOWN: NavItem(COUNTDOWN, "提醒", "bell"),
    DECISIONS: NavItem(DECISIONS, "裁定", "git-merge"),
    OUTBOX: NavItem(OUTBOX, "待传", "cloud-up"),
    SETTINGS: NavItem(SETTINGS, "设置", "settings", at_end=True),
}

_SIDE = (COUNTDOWN, DECISIONS, OUTBOX, SETTINGS)
_DESK = NavPlan((ORDERS, SIGNOFF, *_SIDE))
_FIELD = NavPlan((MINE, *_SIDE))
_DEPUTY = NavPlan((MINE, SIGNOFF, *_SIDE))
_PLANS: dict[Role, NavPlan] = {
    Role.DISPATCHER: _DESK,
    Role.SECRETARY: NavPlan((SIGNOFF, ORDERS, *_SIDE)),
    Role.INSPECTOR: _DESK,
    Role.ADMIN: _DESK,
}


def plan_for(role: Role, *, deputy: bool = False) -> NavPlan:
    """The rail of ``role``; handlers have their own orders in front. ``deputy``: the secretary's, by
    an authorisation that holds now.
    """
    return _PLANS.get(role, _DEPUTY if deputy else _FIELD)


def items_for(role: Role, *, deputy: bool = False) -> tuple[NavItem, ...]:
    """The same as rail entries. A secretary's list of all orders is called that."""
    items = [ITEMS[key] for key in plan_for(role, deputy=deputy).pages]
    if role is Role.SECRETARY:
        items = [NavItem(ORDERS, "全部单", "list-details") if i.key == ORDERS else i for i in items]
    return tuple(items)


def page_showing_orders(role: Role) -> str:
    """The screen that opens an order for this role."""
    return ORDERS if ORDERS in plan_for(role).pages else MINE
