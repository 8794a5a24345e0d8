"""Files on a stick: there whole or not at all, and read back before anybody is told that they are there."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


class Hashed:
    """A file that remembers the hash and the length of what went into it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.size += len(data)
        return self._out.write(data)


def write_whole(path: Path, fill: Callable[[Hashed], None]) -> None:
    """Write beside the name what ``fill`` writes, make it durable, rename and read it back.

    Raises ``OSError``; what stood under that name before is then untouched.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as out:
            hashed = Hashed(out)
            fill(hashed)
            out.flush()
            os.fsync(out.fileno())
        _read_back(part, hashed)
        part.replace(path)
        _make_durable(path.parent)
        _read_back(path, hashed)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _make_durable(folder: Path) -> None:
    """A renamed file is only there for good once its folder is; not every system lets one say so."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read_back(path: Path, written: Hashed) -> None:
    """Raise ``OSError`` unless the stick gives back what was written, not the system's memory of it."""
    with path.open("rb") as back:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(back.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        found = hashlib.file_digest(back, "sha256").digest()
        whole = back.tell() == written.size
    if found != written.hash.digest() or not whole:
        raise OSError(errno.EIO, "read back something else")
