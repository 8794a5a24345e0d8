"""The keys of sticks: the platform's own, and those that seats have told within their sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from sync.platform import store
from sync.platform.platform import Platform
from sync.platform.tables import device_keys, device_townships
from sync.protocol.stick import (
    Manifest,
    StickError,
    new_platform_key,
    platform_public,
)

_KEY = "stick_key"
_COPY = 1024 * 1024
_AT_ONCE = 4 * 1024 * 1024
"""So much of a photo is written, and made durable, in one go."""


def private_key(platform: Platform) -> bytes:
    """Return the platform's private key for sticks; one per database, so a restored one has it too."""

    def work(db: Connection) -> str:
        known = store.get_meta(db, _KEY)
        if known is None:
            known = new_platform_key().hex()
            store.set_meta(db, _KEY, known)
        return known

    with platform.database.read() as db:
        known = store.get_meta(db, _KEY)
    return bytes.fromhex(known or platform.database.write(work))


def seal_key(platform: Platform) -> str:
    """Return its public half, which every seat that told its own key is given."""
    return platform_public(private_key(platform))


def register(
    db: Connection, township: str, person_id: str, device_id: str, key: str, at: datetime
) -> None:
    """Remember a key that this person's seat told within a session."""
    row = {"township": township, "person_id": person_id, "device_id": device_id, "key": key}
    same = [device_keys.c[name] == value for name, value in row.items()]
    if db.execute(select(device_keys.c.key).where(*same)).one_or_none() is None:
        db.execute(insert(device_keys), {**row, "registered_at": at.isoformat()})


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
