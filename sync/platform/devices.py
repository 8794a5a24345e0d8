"""The computers people sign in at: known, listed, and ended when one is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from sync.platform.device_keys import forget_device
from sync.platform.logins import LoginOutcome
from sync.platform.sessions import note_end
from sync.platform.tables import sessions


def revoke_device(db: Connection, township: str, device_id: str, now: datetime) -> int:
    """End the sessions of a device; return how many there were.

    Their tokens stay for as long as they would have lived: whoever sends one is told why.
    """
    open_ = and_(
        sessions.c.township == township,
        sessions.c.device_id == device_id,
        sessions.c.revoked.is_(False),
    )
    ended = db.execute(select(sessions.c.id).where(open_)).scalars().all()
    for session_id in ended:
        note_end(db, township, session_id, LoginOutcome.REVOKED, now)
    db.execute(update(sessions).where(open_).values(revoked=True))
    forget_device(db, township, device_id)
    return len(ended)


def device_known(db: Connection, township: str, account: str, device_id: str) -> bool:
    """Whether this device has signed in to the account before."""
    before = select(sessions.c.id).where(
        sessions.c.township == township,
        sessions.c.account == account,
        sessions.c.device_id == device_id,
    )
    return db.execute(before.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Device:
    """A computer somebody signed in at. ``seen_at`` is when its tokens were last renewed and used."""

    device_id: str
    name: str
    account: str
    person_id: str
    seen_at: datetime
    signed_in: bool


def list_devices(db: Connection, township: str) -> list[Device]:
    """Return the devices, each with its newest session, last seen first."""
    newest: dict[tuple[str, str], Device] = {}
    rows = db.execute(
        select(sessions)
        .where(sessions.c.township == township)
        .order_by(sessions.c.revoked, sessions.c.confirmed_at.desc())
    )
    for row in rows:
        seen = datetime.fromisoformat(row.confirmed_at)
        device = Device(
            row.device_id, row.device_name, row.account, row.person_id, seen, not row.revoked
        )
        newest.setdefault((row.device_id, row.account), device)
    return sorted(newest.values(), key=lambda device: device.seen_at, reverse=True)
