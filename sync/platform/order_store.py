"""The rows of orders: read under their lock, written with the feed position given to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from desktop_app.domain.intake import is_secret
from desktop_app.domain.orders import Order
from sync.platform import feed
from sync.platform.order_cache import OrderCache
from sync.platform.order_keys import link_keys, summary
from sync.platform.statements import among, each, many, tidy
from sync.platform.tables import order_holders, orders
from sync.protocol.codec import decode_order, encode

_HERE = orders.c.township == bindparam("here")
_LOCK = (
    select(orders.c.id, orders.c.position)
    .where(_HERE, among(orders.c.id))
    .order_by(orders.c.id)
    .with_for_update()
)
_STATES = select(orders.c.id, orders.c.state).where(_HERE, among(orders.c.id))
_NUMBERS = select(orders.c.number, orders.c.id).where(_HERE, among(orders.c.number))


def lock_orders(
    db: Connection, township: str, ids: Iterable[str], cache: OrderCache | None = None
) -> dict[str, Order]:
    """Return the known orders among ``ids``, locked in the order of their ids (PostgreSQL)."""
    found: dict[str, Order] = {}
    missing: list[str] = []
    for order_id, position in each(db, _LOCK, township, ids):
        order = cache.get(township, order_id, position) if cache else None
        if order is None:
            missing.append(order_id)
        else:
            found[order_id] = order
    for order_id, state in each(db, _STATES, township, missing):
        found[order_id] = decode_order(state)
    return found


def order_by_number(db: Connection, township: str, number: str) -> Order | None:
    statement = select(orders.c.state).where(orders.c.township == township)
    state = db.execute(statement.where(orders.c.number == number)).scalar()
    return decode_order(state) if state is not None else None


def count_orders(db: Connection, township: str) -> int:
    statement = select(func.count()).select_from(orders).where(orders.c.township == township)
    return int(db.execute(statement).scalar_one())


def known_numbers(db: Connection, township: str, numbers: Iterable[str]) -> dict[str, str]:
    """Return number -> order id of those that are here."""
    return {row.number: row.id for row in each(db, _NUMBERS, township, numbers)}


def order_values(order: Order) -> dict[str, Any]:
    """Return what an order's columns hold; all of it follows from the order."""
    keys = link_keys(order)
    return {
        "state": encode(order),
        "rev": order.rev,
        "secret": is_secret(order),
        "phone": keys.phone,
        "place": keys.place,
        "matter": keys.matter,
        "title": tidy(order.matter.title, 500),
        "summary": summary(order),
    }


def insert_orders(
    db: Connection, township: str, new: Sequence[Order]
) -> list[tuple[Order, int, bytes]]:
    """Add new orders at the next feed positions; return each with its position and its bytes."""
    if not new:
        return []
    rows = [{"township": township, "id": o.id, "number": o.number, **order_values(o)} for o in new]
    positions = feed.allocate(db, township, len(new))
    for row, position in zip(rows, positions, strict=True):
        row["position"] = row["serial"] = position
    many(db, _ADD, rows)
    return list(zip(new, positions, (row["state"] for row in rows), strict=True))


_ADD = insert(orders)
_CHANGING = ("state", "rev", "summary", "position")
_SAVE = (
    update(orders)
    .where(orders.c.township == bindparam("b_township"), orders.c.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in _CHANGING})
)


def save_orders(db: Connection, township: str, written: Sequence[tuple[Order, int, bytes]]) -> None:
    """Write changed orders: each with the feed position given to it, and its bytes."""
    rows = [
        {
            "b_township": township,
            "b_id": order.id,
            "b_state": state,
            "b_rev": order.rev,
            "b_summary": summary(order),
            "b_position": position,
        }
        for order, position, state in written
    ]
    many(db, _SAVE, rows)


def save_matters(db: Connection, township: str, changed: Iterable[Order]) -> None:
    """Write by what an order is found again, where its classification changed."""
    for order in changed:
        own = update(orders).where(orders.c.township == township, orders.c.id == order.id)
        db.execute(own.values(matter=link_keys(order).matter))


def add_holders(db: Connection, township: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Note (order id, person id) pairs that are new."""
    rows = [
        {"township": township, "order_id": order_id, "person_id": person_id}
        for order_id, person_id in pairs
    ]
    if rows:
        db.execute(insert(order_holders), rows)
