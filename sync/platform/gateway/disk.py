"""What the exchange folder needs of a disk: whole writes, and words for what goes wrong."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from sync.platform.gateway.port import PortError

OWN = ".jiban"
"""The gateway's own part of an exchange folder."""


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    draft = path.with_name(f".{path.name}.tmp")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)  # noqa: PTH105
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make what was renamed into a folder outlast a power cut."""
    if os.name == "nt":  # Windows has no handle on a folder to flush
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def words(what: str) -> Iterator[None]:
    """Turn what the disk says into a ``PortError``."""
    try:
        yield
    except OSError as error:
        raise PortError(f"{what}（{error.strerror}）。请看磁盘空间、权限和网络盘。") from None
