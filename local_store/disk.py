"""Files beside the database: written whole or not at all, durable when the call returns."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local_store.errors import StoreError, StoreProblem


@contextmanager
def full_disk_said() -> Iterator[None]:
    """Turn what the disk refuses into a ``StoreError`` that says what to look at."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            StoreProblem.FULL,
            "本机数据目录写不进去，这一步没有存下。",
            "请看磁盘是否已满、文件夹是否只读；改好再试，写的字还在。",
            type(error).__name__,
        ) from error


def sync_file(handle: int) -> None:
    """Wait until what was written to ``handle`` is on the disk."""
    getattr(os, "fdatasync", os.fsync)(handle)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable; nothing to do where folders are not opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_private(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, readable by this user only. Raises ``OSError``; then it is as before."""
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    sync_folder(path.parent)


def private_folder(path: Path) -> Path:
    """Make the folder, for this user only, unless it is there."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
