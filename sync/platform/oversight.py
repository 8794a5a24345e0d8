"""What an administrator asks of a platform: does the history hold, who signed in, which computers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from sync.platform import chain_check, devices, townships
from sync.platform.devices import Revoked
from sync.platform.logins import STRANGERS, Login, newest
from sync.platform.platform import Platform


class Oversight:
    """Of one township; named as everywhere, the only one need not be. Raises ``PlatformProblem``."""

    def __init__(self, platform: Platform, township: str | None = None) -> None:
        self._platform, self._database = platform, platform.database
        with self._database.read() as db:
            self.township = townships.resolved(db, township)
            self.name = townships.listed(db)[self.township]

    def verify(self, noted: Iterable[chain_check.Mark] = ()) -> chain_check.Verified:
        """Hold the history against its chain. ``noted``: entries known from before."""
        with self._database.snapshot() as db:
            return chain_check.verify(db, self.township, noted)

    def logins(self, limit: int, account: str = "") -> Sequence[Login]:
        """Return the newest lines of the audit, of one account where it is named."""
        with self._database.read() as db:
            return newest(db, self.township, limit, account)

    def strangers(self, limit: int) -> Sequence[Login]:
        """Return the newest attempts with accounts that are nobody's on this platform."""
        with self._database.read() as db:
            return newest(db, STRANGERS, limit)

    def devices(self) -> Sequence[devices.Device]:
        """Return the computers people have signed in at, last seen first."""
        with self._database.read() as db:
            return devices.list_devices(db, self.township)

    def revoke_device(self, device_id: str) -> Revoked | None:
        """Keep a computer out from now on. None: it is already, or nobody has signed in at it."""

        def work(db: Connection) -> Revoked | None:
            return devices.revoke_device(db, self.township, device_id, self._platform.now())

        return self._database.write(work)

    def allow_device(self, device_id: str) -> bool:
        """Let a computer in again. False: nothing stood in its way."""

        def work(db: Connection) -> bool:
            return devices.allow_device(db, self.township, device_id, self._platform.now())

        return self._database.write(work)
