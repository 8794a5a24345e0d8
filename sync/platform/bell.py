"""Telling that a township's feed has moved on: those in this process, and on PostgreSQL all others.

The notice goes out after the commit and not with it: PostgreSQL lets only one transaction at a time
commit that has a notice in it, which would line up the writers of all townships.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import text

from sync.platform.database import Database, StorageFailed
from sync.platform.listening import CHANNEL

log = logging.getLogger("jiban.platform")

Hearer = Callable[[str], None]
_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :township)")


class Bell:
    """One per platform. Safe to ring from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hearers: tuple[Hearer, ...] = ()

    def tell(self, hearer: Hearer) -> None:
        """Let ``hearer`` know from now on; it is called in the thread that wrote."""
        self._hearers = (*self._hearers, hearer)

    def untell(self, hearer: Hearer) -> None:
        self._hearers = tuple(known for known in self._hearers if known != hearer)

    def ring(self, township: str) -> None:
        """Tell. What was written stands, so that nothing here may fail."""
        for hearer in self._hearers:
            hearer(township)
        if self._database.is_sqlite:
            return
        try:
            with self._database.autocommit() as db:
                db.execute(_NOTIFY, {"township": township})
        except StorageFailed:
            log.warning("other processes could not be told at once")
