"""No network at all: what this person recorded here goes to the center on a USB stick.

The file is written beside its name, made durable, renamed and read back before anybody is told that
it is there. The records stay in the outbox, marked, until the platform has answered for them: a lost
stick costs nothing, and a record that arrives both ways counts once.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop_app.domain.acts import Act
from desktop_app.domain.refusals import Refusal
from desktop_app.services.seat import Seat
from desktop_app.services.stick_files import Hashed, write_whole
from local_store.changes import ChangeSet
from local_store.store import Store
from sync.client.stick_keys import StickKeys, load_keys
from sync.protocol.stick import MAX_PIECE, MOST_BYTES, Manifest, Piece, StickWriter
from sync.protocol.stick_reply import reply_public

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
    return f"已导出 {done.acts} 条记录{photos}，读回核对无误。{left}请交到中心导入，把回执带回来收；记录在本机照留。"


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
    made: list[tuple[StickWriter, int]] = []
    try:
        write_whole(path, lambda out: made.append(_fill(out, seat, keys, acts, now, told)))
    except OSError as error:
        raise _failed(error) from error
    ((writer, left),) = made
    changes = seat.store.mark_exported([act.id for act in acts], now)
    return Exported(path, writer.acts, writer.photos, left, writer.written, now, changes)


def _waiting(seat: Seat) -> list[Act]:
    """Acts go only under who recorded them (I11): others at this computer export their own."""
    items = seat.store.outbox(waiting_only=True)
    return [item.act for item in items if item.act.actor.person_id == seat.person_id]


def _fill(
    out: Hashed, seat: Seat, keys: StickKeys, acts: list[Act], now: datetime, told: Told
) -> tuple[StickWriter, int]:
    store = seat.store
    point = store.sync_point()
    manifest = Manifest(
        server_id=keys.server_id,
        person_id=keys.person_id,
        device_id=store.device_id,
        device_key=keys.device_public,
        made_at=now,
        reply_key=reply_public(keys.device_key),
        epoch=point.epoch,
        cursor=point.cursor,
        ack=point.ack,
    )
    header = (keys.server_id, seat.center.name, keys.seal_key)
    writer = StickWriter(out, header, manifest, keys.device_key)
    writer.add_acts(acts)
    left = _add_photos(writer, store, acts, told)
    writer.finish()
    return writer, left


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
