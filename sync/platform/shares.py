"""The buckets of requests that all processes of a platform share: in the database, seldom asked.

Only who has used up what a process gives out by itself gets this far, and then once for many requests.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select, update

from sync.platform.database import Database
from sync.platform.rates import Rate, Share
from sync.platform.security_tables import request_buckets

FORGET = 3600.0  # seconds; every bucket is full again long before
NOBODY = ""
"""The township: an address has none, and a session is told by its token's hash."""


def shared(database: Database, now: Callable[[], float]) -> Share:
    """Return how to take from the shared buckets. ``now``: real seconds, the same for all processes."""

    def take(key: str, rate: Rate, wanted: float) -> float:
        at = now()
        return database.write(lambda db: _take(db, key, rate, wanted, at))

    return take


def _take(db: Connection, key: str, rate: Rate, wanted: float, at: float) -> float:
    table = request_buckets.c
    here = (table.township == NOBODY, table.key == key)
    row = db.execute(select(request_buckets).where(*here).with_for_update()).one_or_none()
    if row is None:
        db.execute(delete(request_buckets).where(table.township == NOBODY, table.at < at - FORGET))
        left = rate.burst
    else:  # a clock that is behind another's gives nothing away
        left = min(rate.burst, row.left + max(0.0, at - row.at) * rate.per_second)
    given = min(wanted, left) if left >= 1 else 0.0
    values = {"left": left - given, "at": max(at, row.at) if row is not None else at}
    if row is None:
        db.execute(insert(request_buckets), {"township": NOBODY, "key": key, **values})
    else:
        db.execute(update(request_buckets).where(*here).values(**values))
    return given
