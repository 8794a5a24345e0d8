"""Showing seats the township's chain: its newest entry to note, and whether older ones still stand."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from sync.platform.security_tables import chain
from sync.protocol.witness import MOST, mark

_BACK = 200
"""How many of the newest entries are looked at for one that moved the feed."""


def newest(db: Connection, township: str) -> str:
    """Return the newest entry of a transaction that moved the feed, "" for none.

    A backup that holds a feed position holds the entries up to it. A refused act alone moves nothing:
    its entry may be missing from a backup that no cursor shows to be one.
    """
    rows = db.execute(
        select(chain.c.number, chain.c.hash, chain.c.state)
        .where(chain.c.township == township)
        .order_by(chain.c.number.desc())
        .limit(_BACK)
    )
    return next((mark(row.number, bytes(row.hash)) for row in rows if row.state), "")


def standing(db: Connection, township: str, numbers: Iterable[int]) -> tuple[str, ...]:
    """Return those of the entries that there are, as they stand now."""
    rows = db.execute(
        select(chain.c.number, chain.c.hash)
        .where(chain.c.township == township, chain.c.number.in_(sorted(set(numbers))[:MOST]))
        .order_by(chain.c.number)
    )
    return tuple(mark(row.number, bytes(row.hash)) for row in rows)


def numbers_of(text: str) -> list[int]:
    """Return the numbers a seat asks for, comma between; what is no number is left out."""
    parts = text[: MOST * 20].split(",")[:MOST]
    return [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 19]
