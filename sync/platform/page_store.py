"""The rows of a page of the feed: what changed after a place in it, and whom that concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select

from desktop_app.domain.orders import Outcome
from sync.platform.statements import among, chunks
from sync.platform.tables import acts, order_holders, orders

_CHANGED = and_(
    orders.c.township == bindparam("here"),
    orders.c.position > bindparam("after"),
    orders.c.position <= bindparam("last"),
    ~orders.c.position.between(bindparam("beside_from"), bindparam("beside_to")),
)
_PAGE = (
    select(orders.c.state, orders.c.secret, orders.c.position)
    .where(_CHANGED)
    .order_by(orders.c.position)
    .limit(bindparam("limit"))
)
_PLACES = (
    select(orders.c.position, func.length(orders.c.state).label("size"))
    .where(_CHANGED)
    .order_by(orders.c.position)
    .limit(bindparam("limit"))
)
_HELD = and_(order_holders.c.township == orders.c.township, order_holders.c.order_id == orders.c.id)
_OWN_PAGE = _PAGE.join(order_holders, _HELD).where(order_holders.c.person_id == bindparam("person"))


def page(
    db: Connection,
    township: str,
    after: int,
    last: int,
    limit: int,
    person_id: str | None,
    beside: tuple[int, int] = (0, 0),
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (state, secret, position) of the orders that changed; of one person's unless None.

    Those at the positions from ``beside[0]`` to ``beside[1]`` are left out.
    """
    values = _bounds(township, after, last, limit, beside)
    if person_id is None:
        return db.execute(_PAGE, values).all()
    return db.execute(_OWN_PAGE, {**values, "person": person_id}).all()


def places(
    db: Connection, township: str, after: int, last: int, limit: int, beside: tuple[int, int]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (position, size) of the orders that ``page`` gives when it gives everybody's."""
    return db.execute(_PLACES, _bounds(township, after, last, limit, beside)).all()


def _bounds(
    township: str, after: int, last: int, limit: int, beside: tuple[int, int]
) -> dict[str, Any]:
    bounds: dict[str, Any] = {"here": township, "after": after, "last": last, "limit": limit}
    return bounds | {"beside_from": beside[0], "beside_to": beside[1]}


_OWN_ORDERS = select(order_holders.c.order_id).where(
    order_holders.c.township == bindparam("here"), order_holders.c.person_id == bindparam("person")
)
_SUBJECTS = select(acts.c.subject).where(
    acts.c.township == bindparam("here"),
    among(acts.c.act_id),
    acts.c.person_id == bindparam("person"),
    acts.c.outcome != Outcome.REJECTED.value,
)
_OF_ACTS = select(orders.c.state, orders.c.secret).where(
    orders.c.township == bindparam("here"),
    orders.c.id.in_(_SUBJECTS),
    orders.c.id.not_in(_OWN_ORDERS),
)


def orders_of_acts(
    db: Connection, township: str, act_ids: Iterable[str], person_id: str
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (state, secret) of the orders this person's acts are in and that are not theirs."""
    found: list[Row[*tuple[Any, ...]]] = []
    for part in chunks(act_ids):
        found += db.execute(_OF_ACTS, {"here": township, "ids": part, "person": person_id})
    return found


_CONCERNED = (
    select(order_holders.c.person_id)
    .join(orders, _HELD)
    .where(orders.c.township == bindparam("here"), orders.c.position > bindparam("after"))
    .distinct()
)


def concerned(db: Connection, township: str, after: int) -> frozenset[str]:
    """Return the handlers whose orders changed after this position."""
    return frozenset(db.execute(_CONCERNED, {"here": township, "after": after}).scalars())
