"""Computers that an administrator keeps out: no session opens there, however right the password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from sync.platform.security_tables import blocked_devices


def block(db: Connection, township: str, device_id: str, at: datetime) -> bool:
    """Keep a computer out from now on. False: it is kept out already."""
    if is_blocked(db, township, device_id):
        return False
    row = {"township": township, "device_id": device_id, "at": at.isoformat()}
    db.execute(insert(blocked_devices), row)
    return True


def allow(db: Connection, township: str, device_id: str) -> bool:
    """Let a computer in again. False: it was not kept out."""
    here = (blocked_devices.c.township == township, blocked_devices.c.device_id == device_id)
    return db.execute(delete(blocked_devices).where(*here)).rowcount > 0


def is_blocked(db: Connection, township: str, device_id: str) -> bool:
    """Whether nobody gets in from this computer."""
    here = (blocked_devices.c.township == township, blocked_devices.c.device_id == device_id)
    return db.execute(select(blocked_devices.c.at).where(*here)).first() is not None


def all_blocked(db: Connection, township: str) -> frozenset[str]:
    """Return the ids of the computers that are kept out."""
    here = blocked_devices.c.township == township
    return frozenset(db.execute(select(blocked_devices.c.device_id).where(here)).scalars())
