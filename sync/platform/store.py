"""What the platform keeps of itself (``meta``) and of a township's center and seats: rows in, rows out.

Orders, acts and pages have modules of their own (``order_store``, ``act_store``, ``pages``). All but
``meta`` is of one township; every statement names it first, as every key does.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from desktop_app.domain.center import Center
from sync.platform.tables import center, devices, meta
from sync.protocol.codec import decode_center, encode


def get_meta(db: Connection, key: str) -> str | None:
    return db.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def set_meta(db: Connection, key: str, value: str) -> None:
    changed = db.execute(update(meta).where(meta.c.key == key).values(value=value))
    if changed.rowcount == 0:
        db.execute(insert(meta), {"key": key, "value": value})


def load_center(db: Connection, township: str, *, lock: bool = False) -> tuple[Center, int] | None:
    """Return the center and its feed position, or None before it is set up."""
    statement = select(center.c.state, center.c.position).where(center.c.township == township)
    row = db.execute(statement.with_for_update() if lock else statement).one_or_none()
    return (decode_center(row.state), row.position) if row else None


def center_bytes(db: Connection, township: str) -> bytes:
    statement = select(center.c.state).where(center.c.township == township)
    return bytes(db.execute(statement).scalar_one())


def save_center(db: Connection, township: str, value: Center, position: int) -> bytes:
    """Write the center; return its bytes."""
    state = encode(value)
    values = {"state": state, "rev": value.rev, "position": position}
    own = update(center).where(center.c.township == township)
    if db.execute(own.values(**values)).rowcount == 0:
        db.execute(insert(center), {"township": township, **values})
    return state


_ACK = select(devices.c.max_seq).where(
    devices.c.township == bindparam("here"), devices.c.device_id == bindparam("device")
)


def device_ack(db: Connection, township: str, device_id: str) -> int:
    """Return the highest device_seq held of this device, -1 when it is unknown here."""
    found = db.execute(_ACK, {"here": township, "device": device_id}).scalar()
    return -1 if found is None else int(found)


def _noting(dialect: Any, larger: Any) -> Any:
    new = dialect.insert(devices)
    return new.on_conflict_do_update(
        index_elements=[devices.c.township, devices.c.device_id],
        set_={
            "person_id": new.excluded.person_id,
            "max_seq": larger(devices.c.max_seq, new.excluded.max_seq),
        },
    )


_NOTE = {
    "sqlite": _noting(sqlite, func.max),
    "postgresql": _noting(postgresql, func.greatest),
}


def note_device(
    db: Connection, township: str, device_id: str, person_id: str, highest: int
) -> None:
    """Remember the device and the highest sequence number that came from it."""
    row = {
        "township": township,
        "device_id": device_id,
        "person_id": person_id,
        "max_seq": highest,
    }
    db.execute(_NOTE[db.dialect.name], row)
