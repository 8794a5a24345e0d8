"""The ledger: parcels, records received and notes, each change in a durable transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from sync.platform.database import Database
from sync.platform.gateway.courier import Parcel, ParcelState
from sync.platform.gateway.port import Result
from sync.platform.gateway.rows import (
    KeptRecord,
    RecordState,
    insert_new,
    move_parcel,
    parcel_of,
    parcel_row,
    read_note,
    record_of,
    record_row,
    swap_note,
    update_record,
    write_note,
)
from sync.platform.gateway.tables import TABLES, parcels, records
from sync.platform.tables import metadata

MANY_FAILURES = 8
"""By then over an hour has gone by."""


class Ledger:
    """The gateway's part of the database, for one township."""

    def __init__(self, database: Database, township: str) -> None:
        self.database = database
        self.township = township
        database.write(self._create)

    def _create(self, db: Connection) -> None:
        if not self.database.is_sqlite:
            db.exec_driver_sql("SELECT pg_advisory_xact_lock(470012346)")
        metadata.create_all(db, tables=TABLES)

    # --- notes ------------------------------------------------------------------------------------

    def note(self, key: str) -> str:
        with self.database.read() as db:
            return read_note(db, self.township, key)

    def put_notes(self, values: Mapping[str, str]) -> None:
        def work(db: Connection) -> None:
            for key, value in values.items():
                write_note(db, self.township, key, value)

        self.database.write(work)

    def take_lease(self, holder: str, now: datetime, lasts: timedelta) -> str:
        """Take or renew the lease. Returns "" when it is ours, else who holds it."""

        def work(db: Connection) -> str:
            before = read_note(db, self.township, "lease")
            owner, _, until = before.partition("|")
            left = (datetime.fromisoformat(until) - now) if until else timedelta()
            if owner != holder and timedelta() < left <= lasts:
                return owner
            after = f"{holder}|{(now + lasts).isoformat()}"
            return "" if swap_note(db, self.township, "lease", before, after) else owner or "?"

        return self.database.write(work)

    def drop_lease(self, holder: str) -> None:
        def work(db: Connection) -> None:
            before = read_note(db, self.township, "lease")
            if before.partition("|")[0] == holder:
                swap_note(db, self.township, "lease", before, "|")

        self.database.write(work)

    # --- parcels ----------------------------------------------------------------------------------

    def prepare(self, results: Iterable[Result], now: datetime, place: int | None = None) -> int:
        """Add the results that are new, and the place up to which orders were read with them."""
        rows = [parcel_row(Parcel(r, ParcelState.PREPARED, now), self.township) for r in results]

        def work(db: Connection) -> int:
            added = sum(insert_new(db, parcels, row) for row in rows)
            if place is not None:
                write_note(db, self.township, "read_to", str(place))
            return added

        return self.database.write(work)

    def move(self, before: Parcel, after: Parcel) -> Parcel | None:
        """Write ``after`` if the row is still ``before``. Returns it as stored, or None."""
        moved = self.move_all([(before, after)])
        return moved[0] if moved else None

    def move_all(self, changes: Sequence[tuple[Parcel, Parcel]]) -> list[Parcel]:
        """Write those rows that are still as they were, in one transaction; return these."""

        def work(db: Connection) -> list[Parcel]:
            return [
                p for b, a in changes if (p := move_parcel(db, self.township, b, a)) is not None
            ]

        return self.database.write(work)

    def open_parcels(self, limit: int = 2000) -> list[Parcel]:
        """Return what is still on its way, oldest first."""
        states = (ParcelState.PREPARED, ParcelState.UNSURE)
        return self._parcels(parcels.c.state.in_([s.value for s in states]), limit)

    def in_state(self, state: ParcelState, limit: int = 200) -> list[Parcel]:
        return self._parcels(parcels.c.state == state.value, limit)

    def stuck(self, limit: int = 200) -> list[Parcel]:
        """Return what has failed for hours and is tried on."""
        states = (ParcelState.PREPARED.value, ParcelState.UNSURE.value)
        lasting = parcels.c.failures >= MANY_FAILURES
        return self._parcels(and_(parcels.c.state.in_(states), lasting), limit)

    def doubled(self, limit: int = 200) -> list[Parcel]:
        """Return what the foreign system holds more than once."""
        return self._parcels(parcels.c.copies > 1, limit)

    def of_delivery(self, delivery: str) -> list[Parcel]:
        return self._parcels(parcels.c.delivery == delivery, 100_000)

    def of_order(self, number: str) -> list[Parcel]:
        return self._parcels(parcels.c.number == number, 1000)

    def parcel(self, reference: str) -> Parcel | None:
        found = self._parcels(parcels.c.reference == reference, 1)
        return found[0] if found else None

    def _parcels(self, condition: Any, limit: int) -> list[Parcel]:
        statement = (
            select(parcels)
            .where(parcels.c.township == self.township, condition)
            .order_by(parcels.c.prepared_at, parcels.c.reference)
            .limit(limit)
        )
        with self.database.read() as db:
            return [parcel_of(row) for row in db.execute(statement)]

    def highest_delivery(self) -> int:
        """Return the highest number of a batch; 0 before the first."""
        statement = select(func.max(parcels.c.delivery)).where(
            parcels.c.township == self.township, parcels.c.delivery != ""
        )
        with self.database.read() as db:
            found = db.execute(statement).scalar()
        return int(found) if found and found.isdigit() else 0

    def unconfirmed_deliveries(self) -> dict[str, tuple[int, str]]:
        """Return batch → (results in it, since when) of those that wait for a person's word."""
        statement = (
            select(parcels.c.delivery, func.count(), func.min(parcels.c.settled_at))
            .where(
                parcels.c.township == self.township,
                parcels.c.state == ParcelState.ARRIVED.value,
                parcels.c.delivery != "",
            )
            .group_by(parcels.c.delivery)
            .order_by(parcels.c.delivery)
        )
        with self.database.read() as db:
            return {d: (int(n), since or "") for d, n, since in db.execute(statement)}

    def counts(self) -> dict[ParcelState, int]:
        statement = (
            select(parcels.c.state, func.count())
            .where(parcels.c.township == self.township)
            .group_by(parcels.c.state)
        )
        with self.database.read() as db:
            return {ParcelState(state): int(n) for state, n in db.execute(statement)}

    # --- records ----------------------------------------------------------------------------------

    def known_records(self, keys: Iterable[str]) -> dict[str, str]:
        """Return key → state of the records that came before."""
        wanted, found = sorted(set(keys)), dict[str, str]()
        with self.database.read() as db:
            for start in range(0, len(wanted), 400):
                statement = select(records.c.key, records.c.state).where(
                    records.c.township == self.township,
                    records.c.key.in_(wanted[start : start + 400]),
                )
                found.update((row.key, row.state) for row in db.execute(statement))
        return found

    def keep_records(self, kept: Iterable[KeptRecord], mark: str | None = None) -> None:
        """Write what became of records; ``mark`` in the same transaction."""
        rows = [record_row(record, self.township) for record in kept]

        def work(db: Connection) -> None:
            for row in rows:
                if not insert_new(db, records, row):
                    update_record(db, row)
            if mark is not None:
                write_note(db, self.township, "mark", mark)

        self.database.write(work)

    def kept_records(self, state: str, limit: int = 200) -> list[KeptRecord]:
        statement = (
            select(records)
            .where(records.c.township == self.township, records.c.state == state)
            .order_by(records.c.tries, records.c.first_at, records.c.key)
            .limit(limit)
        )
        with self.database.read() as db:
            return [record_of(row) for row in db.execute(statement)]

    def came_before(self, number: str, kind: str, key: str) -> bool:
        """Whether another record of this kind about this number was taken."""
        statement = select(records.c.key).where(
            records.c.township == self.township,
            records.c.number == number,
            records.c.kind == kind,
            records.c.state == RecordState.TAKEN,
            records.c.key != key,
        )
        with self.database.read() as db:
            return db.execute(statement.limit(1)).first() is not None

    def count_records(self, state: str) -> int:
        statement = (
            select(func.count())
            .select_from(records)
            .where(records.c.township == self.township, records.c.state == state)
        )
        with self.database.read() as db:
            return int(db.execute(statement).scalar_one())

    def set_aside(self, key: str) -> bool:
        """A person has seen the record; it is not tried again. False: no such record waits."""
        change = (
            update(records)
            .where(
                records.c.township == self.township,
                records.c.key == key,
                records.c.state.in_((RecordState.WAITING, RecordState.REFUSED)),
            )
            .values(state=RecordState.SET_ASIDE, body=b"")
        )
        return self.database.write(lambda db: db.execute(change).rowcount == 1)
