"""The platform's own key for files on a stick."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.platform import store
from sync.platform.platform import Platform
from sync.protocol.stick import new_platform_key, platform_public

_KEY = "stick_key"


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
