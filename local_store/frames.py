"""A file of sealed frames that only grows: what was appended is read again after any crash.

Layout: ``JBJ1`` and 16 random bytes; then per frame its length (4 bytes), its number (8 bytes) and the
sealed content, bound to the file and the number. A tail that was cut off in the middle is left out.
"""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from weakref import finalize

from local_store.disk import sync_file, sync_folder
from local_store.sealing import NONCE_BYTES, TAG_BYTES, Sealer, Unsealable

MAGIC = b"JBJ1"
_ID_BYTES = 16
_HEAD = len(MAGIC) + _ID_BYTES
_FRAME = struct.Struct(">IQ")
_LEAST = NONCE_BYTES + TAG_BYTES


@dataclass(slots=True)
class Scan:
    """What a file holds. ``end``: behind the last whole frame; ``lost``: frames that do not open;
    ``torn``: something stands behind the last whole frame.
    """

    frames: list[bytes] = field(default_factory=list)
    file_id: bytes = b""
    end: int = 0
    count: int = 0
    lost: int = 0
    torn: bool = False

    @property
    def key_fits(self) -> bool | None:
        """Whether the key opens this file; None when it holds nothing that could tell."""
        if not self.count:
            return None
        return self.count > self.lost


def scan(path: Path, sealer: Sealer) -> Scan:
    """Read every frame that opens. A file that is missing or no frame file holds nothing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Scan()
    if len(data) < _HEAD or not data.startswith(MAGIC):
        return Scan(torn=True)
    found = Scan(file_id=data[len(MAGIC) : _HEAD], end=_HEAD)
    while found.end + _FRAME.size <= len(data):
        length, number = _FRAME.unpack_from(data, found.end)
        start = found.end + _FRAME.size
        if length < _LEAST or start + length > len(data) or number != found.count:
            break
        try:
            content = sealer.unseal(data[start : start + length], _bound(found.file_id, number))
            found.frames.append(content)
        except Unsealable:
            found.lost += 1
        found.end, found.count = start + length, found.count + 1
    found.torn = found.end != len(data)
    return found


def _bound(file_id: bytes, number: int) -> bytes:
    return file_id + number.to_bytes(8, "big")


class FrameFile:
    """A frame file open for appending. Not safe for several threads at once."""

    def __init__(self, path: Path, sealer: Sealer, found: Scan) -> None:
        """Go on behind the last whole frame of ``found``. Raises ``OSError``."""
        self._sealer = sealer
        self._id, self._end, self._count = found.file_id, found.end, found.count
        self._handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        self._closed = finalize(self, os.close, self._handle)
        os.ftruncate(self._handle, self._end)

    @staticmethod
    def create(path: Path, sealer: Sealer, contents: Iterable[bytes]) -> FrameFile:
        """Replace ``path`` by a file with these frames, durably. Raises ``OSError``; then it is as before."""
        beside = path.with_name(path.name + ".new")
        made = Scan(file_id=secrets.token_bytes(_ID_BYTES), end=_HEAD)
        try:
            with beside.open("wb") as file:
                file.write(MAGIC + made.file_id)
                for number, content in enumerate(contents):
                    frame = _frame(sealer, made.file_id, number, content)
                    file.write(frame)
                    made.end += len(frame)
                    made.count = number + 1
                file.flush()
                sync_file(file.fileno())
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        sync_folder(path.parent)
        return FrameFile(path, sealer, made)

    @property
    def size(self) -> int:
        """Bytes up to the end of the last frame."""
        return self._end

    def append(self, content: bytes, *, durable: bool) -> None:
        """Add a frame; with ``durable`` it is on the disk on return. Raises ``OSError``: nothing was added."""
        frame = _frame(self._sealer, self._id, self._count, content)
        before = self.place()
        try:
            os.lseek(self._handle, self._end, os.SEEK_SET)
            rest = memoryview(frame)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            if durable:
                sync_file(self._handle)
        except OSError:
            self.cut_back(before)
            raise
        self._end += len(frame)
        self._count += 1

    def place(self) -> tuple[int, int]:
        """Return where the file ends now, for ``cut_back``."""
        return self._end, self._count

    def cut_back(self, place: tuple[int, int]) -> None:
        """Take back everything appended since ``place``. Also works on a full disk."""
        self._end, self._count = place
        with suppress(OSError):  # the next frame is written over it
            os.ftruncate(self._handle, self._end)

    def close(self) -> None:
        self._closed()


def _frame(sealer: Sealer, file_id: bytes, number: int, content: bytes) -> bytes:
    sealed = sealer.seal(content, _bound(file_id, number))
    return _FRAME.pack(len(sealed), number) + sealed
