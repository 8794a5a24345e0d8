"""The register of a platform: its townships, their centers, their people and accounts.

Whatever concerns a township takes its id; where the platform has one township only, the id may be
left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from desktop_app.domain.center import Center
from desktop_app.domain.policy import Policy
from sync.platform import accounts, centers, chain, device_keys, feed, sessions, syncing, townships
from sync.platform.database import Database
from sync.platform.digests import Algorithm
from sync.platform.passwords import hash_password


class Register:
    """Reads and changes the register. Safe to use from several threads and processes at once."""

    def __init__(self, database: Database, password_cost: int) -> None:
        self.database = database
        self._password_cost = password_cost
        self._centers = centers.Centers()

    def townships(self) -> dict[str, str]:
        """Return id -> name of the townships here."""
        with self.database.read() as db:
            return townships.listed(db)

    def township(self, named: str | None = None) -> str:
        """Return the id of the township that is meant, by default the only one.

        Raises ``PlatformProblem``: there is none, no such one, or several and none named.
        """
        with self.database.read() as db:
            return townships.resolved(db, named)

    def center(self, township: str | None = None) -> Center:
        with self.database.read() as db:
            return self._centers.of(db, townships.resolved(db, township))

    def setup_center(
        self,
        center: Center,
        people_accounts: Iterable[tuple[str, str, str]] = (),
        *,
        township: str | None = None,
        algorithm: Algorithm = Algorithm.SHA256,
    ) -> str:
        """Set the center up or replace it, and add ``(account, password, person id)`` logins.

        Returns the township's id. A township not known yet is entered; its history is chained with
        ``algorithm`` for good.
        """
        logins = list(people_accounts)
        # A sample has one password for all: it need not be hashed for each.
        hashes = {
            word: hash_password(word, self._password_cost)
            for word in {word for _, word, _ in logins}
        }
        hashed = [(account, hashes[word], person_id) for account, word, person_id in logins]

        def work(db: Connection) -> str:
            here, new = townships.entered(db, township, center.township)
            if new:
                feed.begin(db, here)
                chain.begin(db, here, algorithm)
            centers.publish(db, here, center)
            for account, password_hash, person_id in hashed:
                townships.claim_account(db, here, account)
                accounts.put_account(db, here, account, password_hash, person_id)
            return here

        return self.database.write(work)

    def change_center(self, center: Center, *, township: str | None = None) -> None:
        """Publish a changed center (people, duties, roster, policy)."""

        def work(db: Connection) -> None:
            centers.publish(db, townships.resolved(db, township), center)

        self.database.write(work)

    def change_policy(self, policy: Policy, *, township: str | None = None) -> None:
        """Publish another version of the rules; orders that are here keep their limits."""

        def work(db: Connection) -> None:
            here = townships.resolved(db, township)
            now = syncing.fresh_center(db, here, lock=True)
            centers.publish(db, here, replace(now, policy=policy))

        self.database.write(work)

    def accounts(self, township: str | None = None) -> Sequence[accounts.AccountRow]:
        with self.database.read() as db:
            return accounts.list_accounts(db, townships.resolved(db, township))

    def change_password(self, account: str, password: str) -> bool:
        """Give an account a new password and end its sessions. False: no such account."""
        hashed = hash_password(password, self._password_cost)

        def work(db: Connection) -> bool:
            here = townships.of_account(db, account)
            if here is None:
                return False
            sessions.revoke_account(db, here, account)
            device_keys.forget_account(db, here, account)
            return accounts.set_password(db, here, account, hashed)

        return self.database.write(work)

    def switch_account(self, account: str, *, active: bool) -> bool:
        """Disable or restore an account. A person left without any leaves office, and comes back.

        False: no such account.
        """

        def work(db: Connection) -> bool:
            here = townships.of_account(db, account)
            if here is None or not accounts.set_active(db, here, account, active=active):
                return False
            if not active:
                sessions.revoke_account(db, here, account)
            rows = accounts.list_accounts(db, here)
            person_id = next(row.person_id for row in rows if row.account == account)
            in_office = any(row.active for row in rows if row.person_id == person_id)
            centers.set_in_office(db, here, person_id, in_office=in_office)
            return True

        return self.database.write(work)
