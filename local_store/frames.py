"""A file of sealed frames that only grows: what was appended is read again after any crash.

Layout: ``JBJ1`` and 16 random bytes; then per frame its length (4 bytes), its number (8 bytes) and the
sealed content, bound to the file and the number. A tail that was cut off in the middle is left out.
While it is open, zeros stand behind the last frame: into room that is there already, a frame gets to the
disk without the file system's own records having to be written, which halves the wait.
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
_STEP = 128 * 1024
_LEAST = NONCE_BYTES + TAG_BYTES


@dataclass(slots=True)
class Scan:
    """What a file holds. ``end``: behind the last frame that opens, ``count`` frames on; ``lost``: frames
    before it that do not; ``seen``: all that look like frames; ``torn``: something stands behind ``end``.
    """

    frames: list[bytes] = field(default_factory=list)
    file_id: bytes = b""
    end: int = 0
    count: int = 0
    lost: int = 0
    seen: int = 0
    torn: bool = False

    @property
    def key_fits(self) -> bool | None:
        """Whether the key opens this file; None when it holds nothing that could tell."""
        return bool(self.frames) if self.seen else None


def scan(path: Path, sealer: Sealer) -> Scan:
    """Read every frame that opens. A file that is missing or no frame file holds nothing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Scan()
    if len(data) < _HEAD or not data.startswith(MAGIC):
        return Scan(torn=True)
    found = Scan(file_id=data[len(MAGIC) : _HEAD], end=_HEAD)
    place = _HEAD
    while place + _FRAME.size <= len(data):
        length, number = _FRAME.unpack_from(data, place)
        start, place = place + _FRAME.size, place + _FRAME.size + length
        if length < _LEAST or place > len(data) or number != found.seen:
            break
        found.seen += 1
        try:
            content = sealer.unseal(data[start:place], _bound(found.file_id, number))
        except Unsealable:
            continue  # the last one may have been under way when the power went
        found.frames.append(content)
        found.end, found.count = place, found.seen
        found.lost = found.seen - len(found.frames)
    found.torn = bool(data[found.end :].strip(b"\0"))
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
        self._room = self._end

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
        try:
            self._make_room(len(frame))
            self._write(frame)
            if durable:
                sync_file(self._handle)
        except OSError:
            self._drop_room()
            raise
        self._end += len(frame)
        self._count += 1

    def _make_room(self, size: int) -> None:
        if self._end + size <= self._room:
            return
        room = self._end + size + _STEP
        try:
            self._write(bytes(room - self._end))
        except OSError:  # it may still fit by itself
            os.ftruncate(self._handle, self._end)
            room = self._end
        self._room = room

    def _write(self, data: bytes) -> None:
        os.lseek(self._handle, self._end, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._handle, rest) :]

    def place(self) -> tuple[int, int]:
        """Return where the file ends now, for ``cut_back``."""
        return self._end, self._count

    def cut_back(self, place: tuple[int, int]) -> None:
        """Take back everything appended since ``place``. Also works on a full disk."""
        if place == self.place():
            return
        self._end, self._count = place
        self._drop_room()

    def _drop_room(self) -> None:
        with suppress(OSError):  # the next frame is written over what stands there
            os.ftruncate(self._handle, self._end)
        self._room = self._end

    def close(self) -> None:
        """Close the file, without the room behind its last frame. Safe to call twice."""
        if self._closed.alive:
            self._drop_room()
            self._closed()


def _frame(sealer: Sealer, file_id: bytes, number: int, content: bytes) -> bytes:
    sealed = sealer.seal(content, _bound(file_id, number))
    return _FRAME.pack(len(sealed), number) + sealed
