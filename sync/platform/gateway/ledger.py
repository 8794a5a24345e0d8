"""The ledger: parcels, records received and notes, each change in a durable transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sync.platform.database import Database
from sync.platform.gateway.courier import Parcel, ParcelState
from sync.platform.gateway.port import Result
from sync.platform.gateway.tables import metadata, notes, parcels, records
from sync.platform.store import tidy
from sync.protocol.codec import decode, encode

_TIMES = ("prepared_at", "asked_at", "attempted_at", "next_at", "settled_at")


class RecordState:
    """What became of a received record; the values are stored."""

    TAKEN = "taken"
    WAITING = "waiting"  # 规则还不允许，每轮再试
    REFUSED = "refused"  # 读不了，等人看
    SET_ASIDE = "set_aside"  # 人看过了


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A received record as kept. ``body`` is empty once it is taken."""

    key: str
    kind: str
    number: str
    state: str
    first_at: datetime
    body: bytes = b""
    tries: int = 0
    reason: str = ""


class Ledger:
    """The gateway's part of the database, for one township."""

    def __init__(self, database: Database, township: str) -> None:
        self.database = database
        self.township = township
        database.write(self._create)

    def _create(self, db: Connection) -> None:
        if not self.database.is_sqlite:
            db.exec_driver_sql("SELECT pg_advisory_xact_lock(470012346)")
        metadata.create_all(db)

    # --- notes ------------------------------------------------------------------------------------

    def note(self, key: str) -> str:
        with self.database.read() as db:
            return _note(db, self.township, key)

    def put_notes(self, values: Mapping[str, str]) -> None:
        def work(db: Connection) -> None:
            for key, value in values.items():
                _put_note(db, self.township, key, value)

        self.database.write(work)

    def take_lease(self, holder: str, now: datetime, lasts: timedelta) -> str:
        """Take or renew the lease. Returns "" when it is ours, else who holds it."""

        def work(db: Connection) -> str:
            before = _note(db, self.township, "lease")
            owner, _, until = before.partition("|")
            left = (datetime.fromisoformat(until) - now) if until else timedelta()
            if owner != holder and timedelta() < left <= lasts:
                return owner
            after = f"{holder}|{(now + lasts).isoformat()}"
            return "" if _swap_note(db, self.township, "lease", before, after) else owner or "?"

        return self.database.write(work)

    def drop_lease(self, holder: str) -> None:
        def work(db: Connection) -> None:
            before = _note(db, self.township, "lease")
            if before.partition("|")[0] == holder:
                _swap_note(db, self.township, "lease", before, "|")

        self.database.write(work)

    # --- parcels ----------------------------------------------------------------------------------

    def prepare(self, results: Iterable[Result], now: datetime, place: int | None = None) -> int:
        """Add the results that are new, and the place up to which orders were read with them."""
        rows = [_row(Parcel(r, ParcelState.PREPARED, now), self.township) for r in results]

        def work(db: Connection) -> int:
            added = sum(_insert_new(db, parcels, row) for row in rows)
            if place is not None:
                _put_note(db, self.township, "read_to", str(place))
            return added

        return self.database.write(work)

    def move(self, before: Parcel, after: Parcel) -> Parcel | None:
        """Write ``after`` if the row is still ``before``. Returns it as stored, or None."""
        moved = self.move_all([(before, after)])
        return moved[0] if moved else None

    def move_all(self, changes: Sequence[tuple[Parcel, Parcel]]) -> list[Parcel]:
        """Write those rows that are still as they were, in one transaction; return these."""

        def work(db: Connection) -> list[Parcel]:
            return [p for b, a in changes if (p := _move(db, self.township, b, a)) is not None]

        return self.database.write(work)

    def open_parcels(self, limit: int = 2000) -> list[Parcel]:
        """Return what is still on its way, oldest first."""
        states = (ParcelState.PREPARED, ParcelState.UNSURE)
        return self._parcels(parcels.c.state.in_([s.value for s in states]), limit)

    def in_state(self, state: ParcelState, limit: int = 200) -> list[Parcel]:
        return self._parcels(parcels.c.state == state.value, limit)

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
            return [_parcel(row) for row in db.execute(statement)]

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
        rows = [_record_row(record, self.township) for record in kept]

        def work(db: Connection) -> None:
            for row in rows:
                if not _insert_new(db, records, row):
                    _update_record(db, row)
            if mark is not None:
                _put_note(db, self.township, "mark", mark)

        self.database.write(work)

    def kept_records(self, state: str, limit: int = 200) -> list[KeptRecord]:
        statement = (
            select(records)
            .where(records.c.township == self.township, records.c.state == state)
            .order_by(records.c.tries, records.c.first_at, records.c.key)
            .limit(limit)
        )
        with self.database.read() as db:
            return [_record(row) for row in db.execute(statement)]

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


# --- rows -----------------------------------------------------------------------------------------


def _row(parcel: Parcel, township: str) -> dict[str, Any]:
    row = {f.name: getattr(parcel, f.name) for f in fields(parcel) if f.name != "result"}
    for name in _TIMES:
        row[name] = row[name].isoformat() if row[name] is not None else None
    row["state"] = parcel.state.value
    return {
        **row,
        "receipt": tidy(parcel.receipt, 200),
        "reason": tidy(parcel.reason, 500),
        "township": township,
        "reference": parcel.reference,
        "number": parcel.result.number,
        "result": encode(parcel.result),
    }


def _parcel(row: Row[*tuple[Any, ...]]) -> Parcel:
    values = {f.name: getattr(row, f.name) for f in fields(Parcel)}
    for name in _TIMES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["state"] = ParcelState(row.state)
    values["result"] = decode(row.result, Result)
    return Parcel(**values)


def _move(db: Connection, township: str, before: Parcel, after: Parcel) -> Parcel | None:
    row = _row(after, township) | {"serial": before.serial + 1}
    change = (
        update(parcels)
        .where(
            parcels.c.township == township,
            parcels.c.reference == before.reference,
            parcels.c.serial == before.serial,
        )
        .values(**row)
        .returning(parcels)
    )
    moved = db.execute(change).one_or_none()
    return _parcel(moved) if moved else None


def _record_row(record: KeptRecord, township: str) -> dict[str, Any]:
    row = {f.name: getattr(record, f.name) for f in fields(record)}
    said = {"number": tidy(record.number, 64), "reason": tidy(record.reason, 500)}
    return {**row, **said, "first_at": record.first_at.isoformat(), "township": township}


def _record(row: Row[*tuple[Any, ...]]) -> KeptRecord:
    values = {f.name: getattr(row, f.name) for f in fields(KeptRecord)}
    return KeptRecord(**values | {"first_at": datetime.fromisoformat(row.first_at)})


def _update_record(db: Connection, row: dict[str, Any]) -> None:
    """What was taken or set aside stays so; ``first_at`` stays when it first came."""
    db.execute(
        update(records)
        .where(
            records.c.township == row["township"],
            records.c.key == row["key"],
            records.c.state.in_((RecordState.WAITING, RecordState.REFUSED)),
        )
        .values({k: v for k, v in row.items() if k not in ("township", "key", "first_at")})
    )


def _insert_new(db: Connection, table: Any, row: dict[str, Any]) -> bool:
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    return db.execute(dialect.insert(table).values(**row).on_conflict_do_nothing()).rowcount == 1


def _note(db: Connection, township: str, key: str) -> str:
    statement = select(notes.c.value).where(notes.c.township == township, notes.c.key == key)
    return db.execute(statement).scalar() or ""


def _put_note(db: Connection, township: str, key: str, value: str) -> None:
    row = {"township": township, "key": key, "value": value}
    if not _insert_new(db, notes, row):
        where = (notes.c.township == township, notes.c.key == key)
        db.execute(update(notes).where(*where).values(value=value))


def _swap_note(db: Connection, township: str, key: str, before: str, after: str) -> bool:
    """Write ``after`` only if ``before`` still stands."""
    row = {"township": township, "key": key, "value": after}
    if not before and _insert_new(db, notes, row):
        return True
    where = (notes.c.township == township, notes.c.key == key, notes.c.value == before)
    return db.execute(update(notes).where(*where).values(value=after)).rowcount == 1
