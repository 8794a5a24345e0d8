"""The computers people sign in at: known, listed, kept out when one is lost, let in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from sync.platform import blocked, logins, townships
from sync.platform.device_keys import forget_device
from sync.platform.logins import LoginOutcome
from sync.platform.sessions import note_end
from sync.platform.tables import sessions


@dataclass(frozen=True, slots=True)
class Revoked:
    """What keeping a computer out did. ``ended``: its sessions; ``accounts``: whoever has signed in there,
    and whose passwords may be lost with it.
    """

    ended: int
    accounts: tuple[str, ...]


def revoke_device(db: Connection, township: str, device_id: str, now: datetime) -> Revoked | None:
    """Keep a computer out: its sessions end at once, and no password opens one until ``allow_device``.

    None: it is kept out already, or nobody has signed in at it here. The tokens stay for as long as
    they would have lived: whoever sends one is told why.
    """
    if townships.of_device(db, device_id, lock=True) != township:
        return None
    if not blocked.block(db, township, device_id, now):
        return None
    own = and_(sessions.c.township == township, sessions.c.device_id == device_id)
    open_ = and_(own, sessions.c.revoked.is_(False))
    ended = db.execute(select(sessions.c.id).where(open_)).scalars().all()
    for session_id in ended:
        note_end(db, township, session_id, LoginOutcome.REVOKED, now)
    if not ended:
        _note(db, township, device_id, LoginOutcome.REVOKED, now)
    db.execute(update(sessions).where(open_).values(revoked=True))
    forget_device(db, township, device_id)
    known = select(sessions.c.account).where(own).distinct().order_by(sessions.c.account)
    return Revoked(len(ended), tuple(db.execute(known).scalars()))


def allow_device(db: Connection, township: str, device_id: str, now: datetime) -> bool:
    """Let a computer in again that is kept out, or that has another key than it had.

    False: neither. Whoever sits there signs in anew, and the computer tells its key anew.
    """
    was_blocked = blocked.allow(db, township, device_id)
    if not forget_device(db, township, device_id) and not was_blocked:
        return False
    _note(db, township, device_id, LoginOutcome.ALLOWED, now)
    return True


def _note(
    db: Connection, township: str, device_id: str, outcome: LoginOutcome, now: datetime
) -> None:
    """Write a line of the audit for a computer, with who signed in there last."""
    newest = (
        select(sessions)
        .where(sessions.c.township == township, sessions.c.device_id == device_id)
        .order_by(sessions.c.confirmed_at.desc())
    )
    row = db.execute(newest.limit(1)).one_or_none()
    account, person_id, name = (
        (row.account, row.person_id, row.device_name) if row else ("", "", "")
    )
    logins.note(db, township, logins.Login(now, account, outcome, person_id, device_id, name))


def kept_out(db: Connection, device_id: str) -> str | None:
    """Return the township that keeps this computer out, None for one that may come in."""
    township = townships.of_device(db, device_id)
    kept = township is not None and blocked.is_blocked(db, township, device_id)
    return township if kept else None


@dataclass(frozen=True, slots=True)
class Device:
    """A computer somebody signed in at. ``seen_at`` is when its tokens were last renewed and used."""

    device_id: str
    name: str
    account: str
    person_id: str
    seen_at: datetime
    signed_in: bool
    blocked: bool


def list_devices(db: Connection, township: str) -> list[Device]:
    """Return the devices, each with its newest session, last seen first."""
    newest: dict[tuple[str, str], Device] = {}
    kept = blocked.all_blocked(db, township)
    rows = db.execute(
        select(sessions)
        .where(sessions.c.township == township)
        .order_by(sessions.c.revoked, sessions.c.confirmed_at.desc())
    )
    for row in rows:
        seen = datetime.fromisoformat(row.confirmed_at)
        device = Device(
            row.device_id, row.device_name, row.account, row.person_id, seen,
            signed_in=not row.revoked, blocked=row.device_id in kept,
        )  # fmt: skip
        newest.setdefault((row.device_id, row.account), device)
    return sorted(newest.values(), key=lambda device: device.seen_at, reverse=True)
