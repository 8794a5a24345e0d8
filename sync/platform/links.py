"""Earlier orders of the same person, place or matter: in the store and in the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, bindparam, select

from desktop_app.domain.ids import OrderId
from desktop_app.domain.intake import is_secret
from desktop_app.domain.orders import Order, OrderLink
from desktop_app.domain.redaction import HIDDEN
from sync.platform.order_keys import LinkKeys, link_keys, summary
from sync.platform.tables import orders

MAX_LINKS, LINKS_PER_WHY = 10, 4
LOOK_BACK = 40
"""How many of the newest are looked at for each key; some keys are shared by thousands."""


def _newest(column: Column[str]) -> Select[*tuple[Any, ...]]:
    keys = (orders.c.phone, orders.c.place, orders.c.matter, orders.c.secret)
    return (
        select(orders.c.id, orders.c.number, orders.c.title, orders.c.summary, *keys)
        .where(orders.c.township == bindparam("here"), column == bindparam("value"))
        .order_by(orders.c.serial.desc())
        .limit(LOOK_BACK)
    )


_NEWEST = {
    "person": _newest(orders.c.phone),
    "place": _newest(orders.c.place),
    "matter": _newest(orders.c.matter),
}


@dataclass(frozen=True, slots=True)
class Found:
    """An earlier order, as much of it as a link shows, and by what it is found.

    ``secret``: who asked is hidden. A link from an open order would tell its handlers of it, and a link
    by the person even who it was; so only other secret orders have one, and it says nothing.
    """

    id: OrderId
    number: str
    title: str
    outcome: str
    keys: LinkKeys
    secret: bool


class LinkFinder:
    """Fills in the links of new orders, batch by batch."""

    def __init__(self, db: Connection, township: str) -> None:
        self._db = db
        self._township = township
        self._earlier: dict[str, list[Found]] = {}

    def linked(self, new: Sequence[Order]) -> list[Order]:
        """Return ``new`` with the links filled in where the sender gave none."""
        keys = [link_keys(order) for order in new]
        self._load(keys)
        linked = []
        for order, key in zip(new, keys, strict=True):
            secret = is_secret(order)
            links = order.links or self._links(key, secret=secret)
            linked.append(order if order.links else replace(order, links=links))
            entry = Found(order.id, order.number, order.matter.title, summary(order), key, secret)
            for why, value in _named(key):
                self._earlier.setdefault(f"{why}:{value}", []).append(entry)
        return linked

    def _load(self, keys: Sequence[LinkKeys]) -> None:
        wanted = {pair for key in keys for pair in _named(key)}
        for why, value in sorted(wanted):
            where = {"here": self._township, "value": value}
            rows = self._db.execute(_NEWEST[why], where).all()
            if rows:
                self._earlier[f"{why}:{value}"] = [_found(row) for row in reversed(rows)]

    def _links(self, key: LinkKeys, *, secret: bool) -> tuple[OrderLink, ...]:
        """Return the links, the same matter before the same person, place and kind of matter."""
        links: dict[str, OrderLink] = {}
        for why, value in _named(key):
            newest = self._earlier.get(f"{why}:{value}", [])[-LOOK_BACK:][::-1]
            newest = [found for found in newest if secret or not found.secret]
            newest.sort(key=lambda found: not again(key, found.keys))
            for found in newest[:LINKS_PER_WHY]:
                link = OrderLink(
                    found.id, found.number, why,
                    HIDDEN if found.secret else found.title,
                    "" if found.secret else found.outcome,
                    again=again(key, found.keys),
                )  # fmt: skip
                links.setdefault(found.id, link)
        return tuple(sorted(links.values(), key=lambda link: not link.again))[:MAX_LINKS]


def again(now: LinkKeys, earlier: LinkKeys) -> bool:
    """Whether both are about the same matter: one kind of matter, of one person or at one place.

    Where a matter was not classified, both have to be the same.
    """
    person = bool(now.phone) and now.phone == earlier.phone
    place = bool(now.place) and now.place == earlier.place
    if now.matter and earlier.matter:
        return now.matter == earlier.matter and (person or place)
    return person and place


def _found(row: Row[*tuple[Any, ...]]) -> Found:
    keys = LinkKeys(row.phone, row.place, row.matter)
    return Found(row.id, row.number, row.title, row.summary, keys, row.secret)


def _named(key: LinkKeys) -> list[tuple[str, str]]:
    pairs = [("person", key.phone), ("place", key.place), ("matter", key.matter)]
    return [(why, value) for why, value in pairs if value]
