"""Backups of the store: one a day, encrypted under the same key, checked, and taking turns.

A backup is one file of its own, made from one moment of the store while everybody goes on working.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from local_store.disk import full_disk_said, private_folder, sync_folder
from local_store.errors import StoreError, StoreProblem

if TYPE_CHECKING:
    from local_store.database import Database

FOLDER = "backups"
EVERY = timedelta(hours=24)
KEPT = 7
KEPT_BYTES = 4 << 30
SPARE_BYTES = 512 << 20
"""A backup never takes the last room on the disk: acts need it more."""
_STAMP = "%Y%m%dT%H%M%SZ"
_MAKING = "making.db"
_COUNTS = (
    "SELECT count(*) FROM orders",
    "SELECT count(*) FROM acts WHERE status IN ('waiting', 'blocked', 'deferred')",
    "SELECT count(*) FROM drafts",
)
_PAGES = 1024  # per step: 4 MB, after which a stop is noticed


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: its file, when it was made (aware UTC), its size in bytes."""

    path: Path
    made_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a backup: orders, acts that were not uploaded when it was made, drafts."""

    orders: int
    waiting: int
    drafts: int


def look_into(backup: Backup, key: bytes) -> Content | None:
    """Count what is in a backup; None when it cannot be read. Reads little, and proves nothing of the rest."""
    import sqlcipher3.dbapi2 as driver

    from local_store.engine import read_only

    try:
        connection = read_only(backup.path, key, "immutable=1")
    except driver.Error:
        return None
    try:
        return Content(*(connection.execute(sql).fetchone()[0] for sql in _COUNTS))
    except driver.Error:
        return None
    finally:
        connection.close()


def backups(profile: Path) -> list[Backup]:
    """Return the backups of a profile, newest first."""
    found = []
    for path in (profile / FOLDER).glob("store-*.db"):
        with suppress(ValueError, OSError):
            stamp = path.stem.removeprefix("store-")
            made_at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
            found.append(Backup(path, made_at, path.stat().st_size))
    return sorted(found, key=lambda b: b.made_at, reverse=True)


def due(profile: Path, now: datetime) -> bool:
    """Whether it is time for the next one. A clock that was wrong makes neither a gap nor a flood."""
    return all(abs(now - backup.made_at) >= EVERY for backup in backups(profile))


def make(database: Database, now: datetime, stop: Callable[[], bool] = lambda: False) -> Backup:
    """Make a backup of this moment, check it, and drop old ones. For a background thread: about a
    second per 100 MB. Writers go on meanwhile. Raises ``StoreError``, ``Stopped``; then nothing is left.
    """
    folder = database.path.parent / FOLDER
    making = folder / _MAKING
    with full_disk_said():
        private_folder(folder)
        _sweep(making)
        _need_room(database.path)
    try:
        database.copy_to(making, _PAGES, lambda: _look(stop))
        check(making, database.open_copy, stop)
        path = folder / f"store-{now.astimezone(UTC).strftime(_STAMP)}.db"
        with full_disk_said():
            making.replace(path)
            sync_folder(folder)
    finally:
        _sweep(making)
    _rotate(database.path.parent, now)
    return Backup(path, now, path.stat().st_size)


def _look(stop: Callable[[], bool]) -> None:
    from local_store.database import Stopped

    if stop():
        raise Stopped


def _sweep(making: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            making.with_name(making.name + tail).unlink(missing_ok=True)


def _need_room(path: Path) -> None:
    if shutil.disk_usage(path.parent).free < path.stat().st_size + SPARE_BYTES:
        raise StoreError(
            StoreProblem.FULL, "磁盘快满了，这次没有做备份。", "请清出一些空间；记录照常存。"
        )


def check(
    path: Path, opened: Callable[[Path], Database], stop: Callable[[], bool] = lambda: False
) -> None:
    """Open a backup and read all of it. Raises ``StoreError`` when it is not whole, ``Stopped``."""
    try:
        whole = _is_whole(path, opened, stop)
    except StoreError as error:  # some pages are needed before anything can be checked
        if error.code is not StoreProblem.DAMAGED:
            raise
        whole = False
    if not whole:
        raise StoreError(StoreProblem.DAMAGED, "这份备份有损坏。", "请用别的备份。")


def _is_whole(path: Path, opened: Callable[[Path], Database], stop: Callable[[], bool]) -> bool:
    copy = opened(path)
    try:
        whole = copy.sound("quick_check", stop=stop)
        if whole:
            copy.fold_log_away()
        return whole
    finally:
        copy.close()


def _rotate(profile: Path, now: datetime) -> None:
    """Keep the newest seven, and of those only what fits; the newest always. Those that a clock dated
    into the future make way first.
    """
    total = 0
    for number, backup in enumerate(sorted(backups(profile), key=lambda b: b.made_at > now)):
        total += backup.size
        if number and (number >= KEPT or total > KEPT_BYTES):
            with suppress(OSError):
                backup.path.unlink()
