"""Clearing away what nobody will ask for again. Safe at any time, beside serving processes, twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from sync.platform import sessions
from sync.platform.platform import Platform
from sync.platform.uploads import PARTS

KEPT = timedelta(days=30)
"""How long an upload may rest; a seat that goes on later begins that file again."""


def tidy_sessions(platform: Platform) -> int:
    """Forget expired tokens and long unused sessions, township by township; returns how many."""
    known = platform.townships()
    for township in known:

        def work(db: Connection, here: str = township) -> None:
            sessions.tidy(db, here, platform.now(), platform.pace)

        platform.database.write(work)
    return len(known)


def tidy_uploads(platform: Platform, files: Path) -> int:
    """Remove the pieces of uploads that have rested for ``KEPT``; returns how many. Raises ``OSError``."""
    parts = files / PARTS
    before = platform.wall.now() - KEPT
    removed = 0
    for part in parts.iterdir() if parts.is_dir() else ():
        with suppress(FileNotFoundError):  # filed meanwhile, or removed by another
            if datetime.fromtimestamp(part.stat().st_mtime, UTC) < before:
                part.unlink()
                removed += 1
    return removed
