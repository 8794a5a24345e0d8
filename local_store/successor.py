"""One store file following another, whole: after a migration, a rebuild, or a backup brought back.

The new file is made complete beside the old one, then named ``store.next-<why>.db``: from there on it
goes forward. The old file with its log is moved into ``aside/``, the new one takes its place. Whatever
moment a crash strikes at, ``finish`` (at every opening) ends what was begun, and one whole store stands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from local_store.disk import private_folder, sync_folder
from local_store.keys import STORE_FILE

ASIDE = "aside"
MAKING = "store.making.db"
_TAILS = ("", "-wal", "-shm")


class Why(StrEnum):
    """Why a store was followed by another; part of the folder's name."""

    DAMAGED = "damaged"
    MIGRATED = "migrated"
    RESTORED = "restored"
    GIVEN_UP = "given-up"


def _next(profile: Path, why: Why) -> Path:
    return profile / f"store.next-{why}.db"


@contextmanager
def making(profile: Path) -> Iterator[Path]:
    """Give the place where the next file may be made; unless it was promoted, nothing is left there."""
    _sweep(profile)
    try:
        yield profile / MAKING
    finally:
        with suppress(OSError):
            _sweep(profile)


def _sweep(profile: Path) -> None:
    for tail in _TAILS:
        (profile / (MAKING + tail)).unlink(missing_ok=True)


def promote(profile: Path, made: Path, why: Why) -> Path | None:
    """Let the closed, complete file ``made`` follow. Returns the folder of the old one. Raises ``OSError``."""
    handle = os.open(made, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    for tail in _TAILS[1:]:
        (profile / (made.name + tail)).unlink(missing_ok=True)
    made.replace(_next(profile, why))
    sync_folder(profile)
    return finish(profile)


def finish(profile: Path) -> Path | None:
    """End a change that was begun. Returns where the old file is, None when there is nothing to do."""
    for why in Why:
        made = _next(profile, why)
        if made.exists():
            aside = put_aside(profile, why)
            made.replace(profile / STORE_FILE)
            sync_folder(profile)
            return aside
    return None


def put_aside(profile: Path, why: Why) -> Path | None:
    """Move the store with its log into a folder named by the day of its last change."""
    present = [tail for tail in _TAILS if (profile / (STORE_FILE + tail)).exists()]
    if not present:
        return None
    newest = max((profile / (STORE_FILE + tail)).stat().st_mtime for tail in present)
    stamp = datetime.fromtimestamp(newest, UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = _fresh(private_folder(profile / ASIDE), f"{stamp}-{why}")
    for tail in present:
        (profile / (STORE_FILE + tail)).replace(folder / (STORE_FILE + tail))
    sync_folder(folder)
    sync_folder(profile)
    return folder


def _fresh(parent: Path, name: str) -> Path:
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder


def set_aside(profile: Path) -> list[Path]:
    """Return the folders of stores that were followed, oldest first."""
    return sorted(path for path in (profile / ASIDE).glob("*") if path.is_dir())
