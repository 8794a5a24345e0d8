"""What arrives on a USB stick: checked whole, then judged like anything that comes over the line.

Nothing of a file is used before all of it has been read, its seals have held and the device that
signed it is known from a session of that very person. The acts then go through ``Platform.push``
under their own person and device, received now; a second time, or when the seat later sends them
itself, they are known by their ids. An act that cannot be read stops no other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from desktop_app.domain.acts import Act
from desktop_app.domain.center import Person
from desktop_app.domain.orders import Outcome
from sync.platform import quarantine, store
from sync.platform.device_keys import township_of
from sync.platform.inbox import Inbox, open_inbox
from sync.platform.platform import Caller, Platform
from sync.platform.stick_photos import PhotoCounts, Photos
from sync.platform.stick_reply import reply_to
from sync.platform.sticks import private_key
from sync.platform.uploads import Uploads
from sync.protocol.messages import ActResult
from sync.protocol.stick import MOST_BYTES, Manifest, Piece, StickError, StickReader

_COPY = 1024 * 1024
_BLOCKED = "这件单前面有一条记录还没处理完。"
_NO_EFFECT = (Outcome.REJECTED, Outcome.DEFERRED, Outcome.BLOCKED)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An act that has no effect, and why. ``act`` None: it could not be read."""

    act_id: str
    act: Act | None
    reason: str


@dataclass(slots=True)
class Taken:
    """What became of one file. ``held``: kept unjudged, the person is not in office. ``reply``: the
    file that the seat takes in, b"" where it takes none.
    """

    township: str
    person: str
    made_at: datetime
    new: int = 0
    known: int = 0
    asked: int = 0  # of the new ones, those that somebody has to decide about
    not_taken: list[NotTaken] = field(default_factory=list)
    held: int = 0
    photos: PhotoCounts = field(default_factory=PhotoCounts)
    results: list[ActResult] = field(default_factory=list)
    stuck: dict[str, str] = field(
        default_factory=dict
    )  # order → what was put off in an earlier part
    reply: bytes = b""

    def count(self, result: ActResult, act: Act | None) -> None:
        """Note what became of one act."""
        self.results.append(result)
        if act is not None and result.outcome is Outcome.DEFERRED:
            self.stuck.setdefault(act.subject, act.id)
        if (result.original or result.outcome) in _NO_EFFECT:
            self.not_taken.append(NotTaken(result.act_id, act, result.reason))
        elif result.outcome is Outcome.DUPLICATE:
            self.known += 1
        else:
            self.new += 1
            self.asked += result.outcome is Outcome.CONFLICT


class StickImport:
    """Takes files in. ``uploads``: where the photos go."""

    def __init__(self, platform: Platform, uploads: Uploads) -> None:
        self._platform = platform
        self._uploads = uploads

    def take(self, source: BinaryIO) -> Taken:
        """Take one file in. Raises ``StickError``: nothing was taken then; ``OSError``: reading failed."""
        with tempfile.TemporaryFile() as copy:
            size = 0
            while data := source.read(_COPY):
                size += len(data)
                put(copy, data, size)
            return self.take_own(copy)

    def take_own(self, copy: BinaryIO, township: str | None = None) -> Taken:
        """The same with a file that nobody else can change while it is read.

        ``township``: where the seat must be at home; None: anywhere on this platform.
        """
        key = private_key(self._platform)
        manifest = self._checked(copy, key)
        with self._platform.database.read() as db:
            home = township_of(db, manifest)
        if township not in (None, home):
            raise StickError(
                "other_township", "这是别的乡镇的坐席导出的。", "请交到那里的中心导入。"
            )
        return self._taken(self._reader(copy, key), home)

    def _reader(self, copy: BinaryIO, key: bytes) -> StickReader:
        copy.seek(0)
        return StickReader(copy, self._platform.server_id, key)

    def _checked(self, copy: BinaryIO, key: bytes) -> Manifest:
        reader = self._reader(copy, key)
        for part in reader.parts():
            del part
        return reader.manifest

    def _taken(self, reader: StickReader, township: str) -> Taken:
        manifest, platform = reader.manifest, self._platform
        person = platform.center(township).person(manifest.person_id)
        who = f"{person.title} {person.name}" if person else manifest.person_id
        taken = Taken(township, who, manifest.made_at)
        caller = self._caller(township, manifest, person)
        photos = Photos(self._uploads, caller) if caller is not None else None
        before = self._ack(township, manifest.device_id)
        for part in reader.parts():
            if isinstance(part, Piece):
                if photos is not None:
                    photos.add(part)
            elif caller is None:
                taken.held += self._held(township, manifest, open_inbox(tuple(part)))
            else:
                self._judged(caller, open_inbox(tuple(part)), taken)
        taken.photos = photos.counts if photos is not None else taken.photos
        if caller is not None and manifest.reply_key:
            taken.reply = reply_to(platform, caller, manifest, taken.results, before)
        return taken

    def _ack(self, township: str, device_id: str) -> int:
        """Return up to which of its records the seat was held before: this file must not hide a loss."""
        with self._platform.database.read() as db:
            return store.device_ack(db, township, device_id)

    def _caller(self, township: str, manifest: Manifest, person: Person | None) -> Caller | None:
        """Return under whom the acts are judged, None for somebody who is not in office."""
        if person is None or not person.active:
            return None
        return self._platform.caller(person.id, manifest.device_id, township=township)

    def _judged(self, caller: Caller, inbox: Inbox, taken: Taken) -> None:
        by_id: dict[str, Act] = {s.act.id: s.act for s in inbox.acts}
        free = [s for s in inbox.acts if s.act.subject not in taken.stuck]
        held = [
            ActResult(act_id=s.act.id, outcome=Outcome.BLOCKED, by=by, reason=_BLOCKED)
            for s in inbox.acts
            if (by := taken.stuck.get(s.act.subject))
        ]
        results: Sequence[ActResult] = self._platform.push(caller, free).results
        for result in (*results, *held, *inbox.unreadable):
            taken.count(result, by_id.get(result.act_id))
        judged = [r.act_id for r in results if r.outcome not in (Outcome.DEFERRED, Outcome.BLOCKED)]
        quarantine.release(self._platform, caller.township, judged)

    def _held(self, township: str, manifest: Manifest, inbox: Inbox) -> int:
        acts: dict[str, bytes] = {s.act.id: s.body for s in inbox.acts if 0 < len(s.act.id) <= 64}
        quarantine.keep(self._platform, township, manifest, acts)
        return len(inbox.acts) + len(inbox.unreadable)


def put(copy: BinaryIO, data: bytes, size: int) -> None:
    """Append to the platform's own copy, ``size`` bytes with these. Raises ``StickError``."""
    if size > MOST_BYTES:
        raise StickError("too_large", "这个文件太大，不像即办台导出的。", "请重新导出。")
    try:
        copy.write(data)
    except OSError as error:
        raise StickError(
            "disk_full", "平台的磁盘写不进去，什么都没有收。", "请管理员清出空间，再收一次。"
        ) from error
