"""What the tests of files on their way up share."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from desktop_app.services import notes
from sync.client.identity import load_credentials
from sync.platform import tables
from tests.support.platform import RunningPlatform
from tests.support.synced import SyncedSeat

BEGIN, PIECE = b"POST /v1/files", b"PATCH /v1/files"


def photo(seat: SyncedSeat, size: int, seed: int = 1) -> tuple[str, bytes]:
    """Record a note with a photo of so many bytes on the first order."""
    data = random.Random(seed).randbytes(size)
    sha256 = seat.store.add_file(data, "现场照片.jpg").sha256
    notes.note(seat.seat, seat.orders()[0], f"见照片 {seed}", files=(sha256,))
    return sha256, data


def folder(running: RunningPlatform) -> Path:
    return Path(running.database.removeprefix("sqlite:///")).parent / "platform-files"


def stored(running: RunningPlatform, sha256: str) -> bytes | None:
    """Return what the platform holds under that name; there is one such file or none."""
    found = [p for p in folder(running).rglob(f"{sha256}*") if "parts" not in p.parts]
    assert len(found) <= 1
    return found[0].read_bytes() if found else None


def until_sent(seat: SyncedSeat, within: timedelta = timedelta(minutes=20)) -> None:
    """Go on, as time goes on, until no file waits."""
    until = seat.clock.monotonic() + within.total_seconds()
    while seat.store.next_file() is not None:
        assert seat.clock.monotonic() < until, "not sent in time"
        seat.clock.advance(timedelta(seconds=10))
        seat.sync(2000)


def noted_offset(running: RunningPlatform, sha256: str) -> int:
    wanted = select(tables.files.c.offset).where(tables.files.c.sha256 == sha256)
    with running.platform.database.read() as db:
        return int(db.execute(wanted).scalar_one())


def token(desk: SyncedSeat) -> dict[str, str]:
    credentials = load_credentials(desk.store)
    assert credentials is not None
    return {"Authorization": f"Bearer {credentials.access_token}"}
