"""With what seats sign files for a stick: told within a session, forgotten when it is ended from above.

Others get to know a computer's id, it stands in the history of orders; its key nobody is told. By
the key the platform knows a computer again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from sync.platform.tables import device_keys, device_townships, sessions
from sync.protocol.stick import Manifest, StickError


def register(
    db: Connection, township: str, person_id: str, device_id: str, key: str, at: datetime
) -> None:
    """Remember a key that this person's seat told within a session."""
    row = {"township": township, "person_id": person_id, "device_id": device_id, "key": key}
    same = [device_keys.c[name] == value for name, value in row.items()]
    if db.execute(select(device_keys.c.key).where(*same)).one_or_none() is None:
        db.execute(insert(device_keys), {**row, "registered_at": at.isoformat()})


def holds(db: Connection, township: str, person_id: str, device_id: str, key: str) -> bool:
    """Whether this person's seat on this computer has told this key before."""
    same = (
        device_keys.c.township == township,
        device_keys.c.person_id == person_id,
        device_keys.c.device_id == device_id,
        device_keys.c.key == key,
    )
    return bool(key) and db.execute(select(device_keys.c.key).where(*same)).first() is not None


def is_another(db: Connection, township: str, device_id: str, key: str) -> bool:
    """Whether the id is that of a computer that has told another key."""
    here = (device_keys.c.township == township, device_keys.c.device_id == device_id)
    known = set(db.execute(select(device_keys.c.key).where(*here)).scalars())
    return bool(known) and key not in known


def township_of(db: Connection, manifest: Manifest) -> str:
    """Return where this person told this key. Raises ``StickError`` when nobody did."""
    told = select(device_keys.c.township).join(
        device_townships,
        (device_townships.c.device_id == device_keys.c.device_id)
        & (device_townships.c.township == device_keys.c.township),
    )
    township = db.execute(
        told.where(
            device_keys.c.person_id == manifest.person_id,
            device_keys.c.device_id == manifest.device_id,
            device_keys.c.key == manifest.device_key,
        )
    ).scalar()
    if township is None:
        raise StickError(
            "unknown_device", "导出这个文件的电脑，没有用这个账号在本中心登录过。",
            "请在那台电脑上用本人账号联网登录一次，再重新导出。",
        )  # fmt: skip
    return str(township)


def forget_device(db: Connection, township: str, device_id: str) -> bool:
    """A computer was lost: what it signs is not believed until somebody signs in at it again.

    False: it had told no key.
    """
    here = (device_keys.c.township == township, device_keys.c.device_id == device_id)
    return db.execute(delete(device_keys).where(*here)).rowcount > 0


def forget_account(db: Connection, township: str, account: str) -> None:
    """An account got a new password: whoever had the old one may have signed in anywhere."""
    signed_in = select(sessions.c.device_id).where(
        sessions.c.township == township,
        sessions.c.account == account,
        sessions.c.person_id == device_keys.c.person_id,
    )
    here = device_keys.c.township == township
    db.execute(delete(device_keys).where(here, device_keys.c.device_id.in_(signed_in)))
