"""The lease: of several gateway processes of one township one works, the others stand by.

It keeps order; the guarantee does not hang on it (see ``sender.py``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sync.platform.gateway.desk import Desk
from sync.platform.gateway.ledger import Ledger

LASTS = timedelta(seconds=90)


class LeaseHeld(Exception):
    """Another process runs the gateway of this township; ``str`` names it."""


class Lease:
    """One process's hold on a township. ``holder`` names the process."""

    def __init__(self, desk: Desk, ledger: Ledger, holder: str) -> None:
        self._desk = desk
        self._ledger = ledger
        self._holder = holder
        self._since: tuple[datetime, float] | None = None

    def take(self) -> None:
        """Take or renew it. Raises ``LeaseHeld``."""
        now, mono = self._desk.now(), self._desk.monotonic()
        self._since = None
        owner = self._ledger.take_lease(self._holder, now, LASTS)
        if owner:
            raise LeaseHeld(owner)
        self._since = (now, mono)

    def keep(self) -> None:
        """Renew it when a part of it is over by either clock. Raises ``LeaseHeld``."""
        if self._since is not None:
            by_wall = self._desk.now() - self._since[0]
            by_mono = timedelta(seconds=self._desk.monotonic() - self._since[1])
            if timedelta() <= by_wall < LASTS / 3 and by_mono < LASTS / 3:
                return
        self.take()

    def give_back(self) -> None:
        self._since = None
        self._ledger.drop_lease(self._holder)
