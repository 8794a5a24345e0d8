"""Orders that came packed and have not changed since: kept as the platform packed them.

Most of what a seat holds came with its first sync and never changes again. Packed it takes a tenth of
the room, and so of the encryption. ``orders.pack`` and ``orders.place`` say where such an order lies;
once it changes it has a row of its own in ``states``. ``JOIN``, ``BASE`` and ``SHOWN`` hide which.
"""

from __future__ import annotations

from functools import lru_cache

from local_store.tx import Tx
from sync.protocol.packing import unpacked

JOIN = " LEFT JOIN states s ON s.id = o.id LEFT JOIN packs k ON k.id = o.pack"
"""Behind ``orders o``."""
BASE = "coalesce(s.base, order_of(k.body, o.place))"
SHOWN = "coalesce(s.own, s.base, order_of(k.body, o.place))"
LATELY = 24
"""How many unpacked packs are kept at hand: lists read neighbours."""


@lru_cache(maxsize=LATELY)
def _orders(pack: bytes) -> tuple[bytes, ...]:
    return tuple(bytes(order) for order in unpacked(pack))


def order_of(pack: bytes | None, place: int) -> bytes | None:
    """Return one order of a pack: the SQL function ``order_of`` of every connection."""
    return None if pack is None else _orders(pack)[place]


def add(tx: Tx, pack: bytes) -> int:
    """Keep a pack; return its number."""
    number: int = tx.one("SELECT coalesce(max(id), 0) + 1 FROM packs")[0]
    tx.execute("INSERT INTO packs (id, body) VALUES (?, ?)", (number, pack))
    return number


def drop_unused(tx: Tx) -> None:
    """Drop packs all of whose orders have changed since."""
    tx.execute("DELETE FROM packs WHERE id NOT IN (SELECT pack FROM orders)")
