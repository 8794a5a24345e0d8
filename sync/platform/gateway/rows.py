"""The ledger's rows: how parcels, received records and notes are written and read, guarded by what stood."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sync.platform.gateway.courier import Parcel, ParcelState
from sync.platform.gateway.port import Result
from sync.platform.gateway.tables import notes, parcels, records
from sync.platform.statements import tidy
from sync.protocol.codec import decode, encode

MAX_NOTE = 2000
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


def parcel_row(parcel: Parcel, township: str) -> dict[str, Any]:
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


def parcel_of(row: Row[*tuple[Any, ...]]) -> Parcel:
    values = {f.name: getattr(row, f.name) for f in fields(Parcel)}
    for name in _TIMES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["state"] = ParcelState(row.state)
    values["result"] = decode(row.result, Result)
    return Parcel(**values)


def move_parcel(db: Connection, township: str, before: Parcel, after: Parcel) -> Parcel | None:
    row = parcel_row(after, township) | {"serial": before.serial + 1}
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
    return parcel_of(moved) if moved else None


def record_row(record: KeptRecord, township: str) -> dict[str, Any]:
    row = {f.name: getattr(record, f.name) for f in fields(record)}
    said = {"number": tidy(record.number, 64), "reason": tidy(record.reason, 500)}
    return {**row, **said, "first_at": record.first_at.isoformat(), "township": township}


def record_of(row: Row[*tuple[Any, ...]]) -> KeptRecord:
    values = {f.name: getattr(row, f.name) for f in fields(KeptRecord)}
    return KeptRecord(**values | {"first_at": datetime.fromisoformat(row.first_at)})


def update_record(db: Connection, row: dict[str, Any]) -> None:
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


def insert_new(db: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its key is there. Drivers do not agree on counting, so it is read back."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    new = dialect.insert(table).values(**row).on_conflict_do_nothing()
    return db.execute(new.returning(table.c.township)).first() is not None


def read_note(db: Connection, township: str, key: str) -> str:
    statement = select(notes.c.value).where(notes.c.township == township, notes.c.key == key)
    return db.execute(statement).scalar() or ""


def write_note(db: Connection, township: str, key: str, value: str) -> None:
    value = tidy(value, MAX_NOTE)
    row = {"township": township, "key": key, "value": value}
    if not insert_new(db, notes, row):
        where = (notes.c.township == township, notes.c.key == key)
        db.execute(update(notes).where(*where).values(value=value))


def swap_note(db: Connection, township: str, key: str, before: str, after: str) -> bool:
    """Write ``after`` only if ``before`` still stands."""
    row = {"township": township, "key": key, "value": after}
    if not before and insert_new(db, notes, row):
        return True
    where = (notes.c.township == township, notes.c.key == key, notes.c.value == before)
    return db.execute(update(notes).where(*where).values(value=after)).rowcount == 1
