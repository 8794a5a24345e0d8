"""No network at all: what this person recorded here goes to the center on a USB stick.

The file is written beside its name, made durable, renamed and read back before anybody is told that
it is there. The records stay in the outbox, marked, until the platform has answered for them: a lost
stick costs nothing, and a record that arrives both ways counts once.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from desktop_app.domain.acts import Act
from desktop_app.domain.refusals import Refusal
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.store import Store
from sync.client.stick_keys import StickKeys, load_keys
from sync.protocol.stick import MAX_PIECE, MOST_BYTES, Manifest, Piece, StickWriter

SUFFIX = ".jiban"
_SMALLEST = 64 * 1024
"""A file with a few records and no photo; so much room must be left beside the photos."""

Told = Callable[[int, int], None]
"""``(photos written, photos in all)``, called now and then from the thread that exports."""


class StickFailed(Exception):
    """The stick could not be written. ``title`` and ``advice`` are Chinese; nothing here was changed."""

    def __init__(self, title: str, advice: str) -> None:
        super().__init__(title)
        self.title = title
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Exported:
    """What is on the stick. ``left``: photos for which there was no room in one file."""

    path: Path
    acts: int
    photos: int
    left: int
    bytes: int
    at: datetime
    changes: ChangeSet


def told_in_words(done: Exported) -> str:
    """Say what is on the stick and what comes next."""
    photos = f"、照片 {done.photos} 张" if done.photos else ""
    left = f"另有 {done.left} 张照片放不下，下次再导。" if done.left else ""
    return (
        f"已导出 {done.acts} 条记录{photos}，读回核对无误。{left}请交到中心导入；记录在本机照留。"
    )


def file_name(seat: Seat) -> str:
    """Return a name for the file that tells when it was made and nothing else."""
    local = seat.now().astimezone()
    return f"待传记录-{local:%Y%m%d-%H%M}{SUFFIX}"


def why_not_export(seat: Seat) -> str:
    """Return "" when there is something to export and it can be sealed, else the reason."""
    if not _waiting(seat):
        return "没有等着传的记录。"
    keys = load_keys(seat.store)
    if keys is None or keys.person_id != seat.person_id:
        return "这台电脑还没在中心登记过。请先联网登录一次。"
    return ""


def export(seat: Seat, path: Path, told: Told = lambda _done, _all: None) -> Exported:
    """Put all waiting acts of who sits here, with their photos, into ``path``.

    Blocks for as long as the stick takes. Raises ``Refusal`` (nothing to export, or nothing to seal
    it with), ``StickFailed`` or ``StoreError``; what stood under that name before is then untouched.
    """
    reason = why_not_export(seat)
    keys = load_keys(seat.store)
    if reason or keys is None:
        raise Refusal("stick", reason)
    acts, now = _waiting(seat), seat.now()
    part = path.with_name(f"{path.name}.part")
    try:
        writer, digest, left = _write(part, seat, keys, acts, now, told)
        _read_back(part, digest, writer.written)
        part.replace(path)
        _make_durable(path.parent)
        _read_back(path, digest, writer.written)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise _failed(error) from error
    changes = seat.store.mark_exported([act.id for act in acts], now)
    return Exported(path, writer.acts, writer.photos, left, writer.written, now, changes)


def _waiting(seat: Seat) -> list[Act]:
    """Acts go only under who recorded them (I11): others at this computer export their own."""
    items = seat.store.outbox(waiting_only=True)
    return [item.act for item in items if item.act.actor.person_id == seat.person_id]


class _Hashed:
    """A file that remembers the hash of what went into it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        return self._out.write(data)


def _write(
    part: Path, seat: Seat, keys: StickKeys, acts: list[Act], now: datetime, told: Told
) -> tuple[StickWriter, bytes, int]:
    store = seat.store
    manifest = Manifest(
        server_id=keys.server_id,
        person_id=keys.person_id,
        device_id=store.device_id,
        device_key=keys.device_public,
        made_at=now,
    )
    with part.open("wb") as out:
        hashed = _Hashed(out)
        header = (keys.server_id, seat.center.name, keys.seal_key)
        writer = StickWriter(hashed, header, manifest, keys.device_key)
        writer.add_acts(acts)
        left = _add_photos(writer, store, acts, told)
        writer.finish()
        out.flush()
        os.fsync(out.fileno())
    return writer, hashed.hash.digest(), left


def _add_photos(writer: StickWriter, store: Store, acts: list[Act], told: Told) -> int:
    """Append the photos that the platform does not have whole; return how many found no room."""
    shas = dict.fromkeys(sha for act in acts for sha in act.needs_files)
    files = [f for f in map(store.file_status, shas) if f is not None and not f.uploaded]
    left = 0
    for n, file in enumerate(sorted(files, key=lambda f: f.size)):
        told(n, len(files))
        if writer.written + file.size + _SMALLEST > MOST_BYTES:
            left += 1
            continue
        for piece in _pieces(store, file.sha256, file.size):
            writer.add_piece(piece)
    told(len(files), len(files))
    return left


def _pieces(store: Store, sha256: str, size: int) -> Iterator[Piece]:
    for offset in range(0, size, MAX_PIECE):
        yield Piece(sha256, offset, size, store.file_bytes(sha256, offset, MAX_PIECE))


def _make_durable(folder: Path) -> None:
    """A renamed file is only there for good once its folder is; not every system lets one say so."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read_back(path: Path, digest: bytes, size: int) -> None:
    """Raise ``OSError`` unless the stick gives back what was written, not the system's memory of it."""
    with path.open("rb") as back:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(back.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        found = hashlib.file_digest(back, "sha256").digest()
        whole = back.tell() == size
    if found != digest or not whole:
        raise OSError(errno.EIO, "read back something else")


_KEPT = "记录都还在本机，一条没少。"
_WORDS = {
    errno.ENOSPC: ("U 盘满了，没有导出。", f"请清出空间或换一个 U 盘再导。{_KEPT}"),
    errno.EFBIG: ("U 盘放不下这么大的文件，没有导出。", f"请换一个 U 盘再导。{_KEPT}"),
    errno.EROFS: ("U 盘写保护着，没有导出。", f"请关掉写保护或换一个 U 盘。{_KEPT}"),
    errno.EACCES: ("这个位置不能写，没有导出。", f"请换个文件夹或 U 盘。{_KEPT}"),
}
_PULLED = ("U 盘被拔出或读写出错，没有导出。", f"请插好再导一次；老是这样就换一个 U 盘。{_KEPT}")


def _failed(error: OSError) -> StickFailed:
    return StickFailed(*_WORDS.get(error.errno or 0, _PULLED))
