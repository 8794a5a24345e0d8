"""Small facts about this seat: device id, sync point, whatever a caller keeps by name."""

from __future__ import annotations

from local_store.tx import Tx

DEVICE_ID = "device_id"
DEVICE_SEQ = "device_seq"
CURSOR = "sync.cursor"
EPOCH = "sync.epoch"
SERVER_ID = "sync.server_id"
ACK = "sync.ack"
REPLAY = "sync.replay"
SESSION = "sync.credentials"
"""Who is signed in; its name as ``sync.client.identity`` has it. A session belongs to one device."""
STICK_KEY = ("stick.device_key", "stick.device_public")
"""The key that seals files on sticks in a device's name; names as ``sync.client.stick_keys`` has them."""
OF_ONE_DEVICE = (SESSION, *STICK_KEY)
"""What a copy may not take along."""
INHERITED = "device.inherited"
"""Acts up to this number were numbered elsewhere, or by a store that was lost: they may have reached the
platform under another device, so they say nothing about what it holds of this one."""


def get(tx: Tx, name: str) -> str | None:
    row = tx.one("SELECT value FROM meta WHERE name = ?", (name,))
    return None if row is None else str(row[0])


def put(tx: Tx, name: str, value: str | None) -> None:
    if value is None:
        tx.execute("DELETE FROM meta WHERE name = ?", (name,))
    else:
        tx.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )


def number(tx: Tx, name: str) -> int:
    return int(get(tx, name) or 0)
