"""Upkeep removes what nobody will ask for, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from sync.platform.tables import tokens
from sync.platform.tidying import KEPT, tidy_sessions, tidy_uploads
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.sync.platform.seats import Seat
from tests.sync.platform.test_townships import upload

TUS = {"Tus-Resumable": "1.0.0"}


def test_expired_tokens_go_and_live_ones_stay(served: RunningPlatform, clock: ManualClock) -> None:
    Seat(served, "dispatcher")
    clock.advance(timedelta(days=91))
    fresh = Seat(served, "dispatcher2")
    tidy_sessions(served.platform)
    with served.platform.database.read() as db:
        assert db.execute(select(func.count()).select_from(tokens)).scalar_one() == 2
    fresh.catch_up()


def test_a_resting_upload_goes_and_can_be_begun_again(
    served: RunningPlatform, tmp_path: Path, clock: ManualClock
) -> None:
    zhou, files = Seat(served, "dispatcher"), tmp_path / "platform-files"
    upload(zhou, b"kept")
    sha = hashlib.sha256(b"given up half way").hexdigest()
    _begin(zhou, sha, 17)
    _send(zhou, sha, 0, b"given up ", 204)
    (part,) = (files / "parts").iterdir()
    aged = (clock.now() - KEPT - timedelta(minutes=1)).timestamp()
    assert tidy_uploads(served.platform, files) == 0
    os.utime(part, (aged, aged))
    assert tidy_uploads(served.platform, files) == 1
    assert not part.exists()
    _send(zhou, sha, 9, b"half way", 409)  # told to begin again …
    _send(zhou, sha, 0, b"given up half way", 204)  # … and does


def _begin(seat: Seat, sha: str, size: int) -> None:
    named = base64.b64encode(sha.encode()).decode()
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": f"sha256 {named}"}
    seat.send("POST", "/v1/files", 201, headers=headers)


def _send(seat: Seat, sha: str, offset: int, piece: bytes, expect: int) -> None:
    headers = {
        **TUS,
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }
    seat.send("PATCH", f"/v1/files/{sha}", expect, headers=headers, data=piece)


def test_a_part_that_goes_while_others_are_looked_at_is_passed_over(
    served: RunningPlatform, tmp_path: Path
) -> None:
    parts = tmp_path / "platform-files" / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    (parts / "gone").symlink_to(tmp_path / "filed already")
    assert tidy_uploads(served.platform, tmp_path / "platform-files") == 0
