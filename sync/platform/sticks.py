"""What arrives on a USB stick: checked whole, then judged like anything that comes over the line.

Nothing of a file is used before all of it has been read, its seals have held and the device that
signed it is known from a session of that very person. The acts then go through ``Platform.push``
under their own person and device, received now; a second time, or when the seat later sends them
itself, they are known by their ids.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection, delete, insert, select

from desktop_app.domain.acts import Act
from desktop_app.domain.center import Person
from desktop_app.domain.orders import Outcome
from sync.platform import store
from sync.platform.platform import Caller, Platform, submit
from sync.platform.problems import PlatformProblem
from sync.platform.tables import device_keys, device_townships, quarantine
from sync.platform.uploads import Upload, Uploads
from sync.protocol.codec import decode_act, encode
from sync.protocol.messages import ActResult
from sync.protocol.stick import (
    MOST_BYTES,
    Manifest,
    Piece,
    StickError,
    StickReader,
    new_platform_key,
    platform_public,
)

_KEY = "stick_key"
_COPY = 1024 * 1024
_AT_ONCE = 4 * 1024 * 1024
"""So much of a photo is written, and made durable, in one go."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An act that has no effect, and why."""

    act: Act
    reason: str


@dataclass(slots=True)
class Taken:
    """What became of one file. ``held``: kept unjudged, the person is no longer in office."""

    township: str
    person: str
    made_at: datetime
    new: int = 0
    known: int = 0
    asked: int = 0  # of the new ones, those that somebody has to decide about
    not_taken: list[NotTaken] = field(default_factory=list)
    held: int = 0
    photos: int = 0
    known_photos: int = 0
    spoilt_photos: int = 0


def private_key(platform: Platform) -> bytes:
    """Return the platform's private key for sticks; one per database, so a restored one has it too."""

    def work(db: Connection) -> str:
        known = store.get_meta(db, _KEY)
        if known is None:
            known = new_platform_key().hex()
            store.set_meta(db, _KEY, known)
        return known

    with platform.database.read() as db:
        known = store.get_meta(db, _KEY)
    return bytes.fromhex(known or platform.database.write(work))


def seal_key(platform: Platform) -> str:
    """Return its public half, which every seat that told its own key is given."""
    return platform_public(private_key(platform))


def register(
    db: Connection, township: str, person_id: str, device_id: str, key: str, at: datetime
) -> None:
    """Remember a key that this person's seat told within a session."""
    row = {"township": township, "person_id": person_id, "device_id": device_id, "key": key}
    same = [device_keys.c[name] == value for name, value in row.items()]
    if db.execute(select(device_keys.c.key).where(*same)).one_or_none() is None:
        db.execute(insert(device_keys), {**row, "registered_at": at.isoformat()})


def _township_of(db: Connection, manifest: Manifest) -> str:
    """Return where this person told this key. Raises ``StickError`` when nobody did."""
    told = select(device_keys.c.township).join(
        device_townships,
        (device_townships.c.device_id == device_keys.c.device_id)
        & (device_townships.c.township == device_keys.c.township),
    )
    township = db.execute(
        told.where(
            device_keys.c.person_id == manifest.person_id,
            device_keys.c.device_id == manifest.device_id,
            device_keys.c.key == manifest.device_key,
        )
    ).scalar()
    if township is None:
        raise StickError(
            "unknown_device", "导出这个文件的电脑，没有用这个账号在本中心登录过。",
            "请在那台电脑上用本人账号联网登录一次，再重新导出。",
        )  # fmt: skip
    return str(township)


class StickImport:
    """Takes files in. ``uploads``: where the photos go."""

    def __init__(self, platform: Platform, uploads: Uploads) -> None:
        self._platform = platform
        self._uploads = uploads

    def take(self, source: BinaryIO) -> Taken:
        """Take one file in. Raises ``StickError``: nothing was taken then; ``OSError``: reading failed."""
        with tempfile.TemporaryFile() as copy:
            _copied(source, copy)
            return self.take_own(copy)

    def take_own(self, copy: BinaryIO, township: str | None = None) -> Taken:
        """The same with a file that nobody else can change while it is read.

        ``township``: where the seat must be at home; None: anywhere on this platform.
        """
        copy.seek(0)
        key = private_key(self._platform)
        manifest = self._checked(copy, key)
        with self._platform.database.read() as db:
            home = _township_of(db, manifest)
        if township not in (None, home):
            raise StickError(
                "other_township", "这是别的乡镇的坐席导出的。", "请交到那里的中心导入。"
            )
        copy.seek(0)
        return self._taken(StickReader(copy, self._platform.server_id, key), home)

    def _checked(self, source: BinaryIO, key: bytes) -> Manifest:
        reader = StickReader(source, self._platform.server_id, key)
        for part in reader.parts():
            del part
        return reader.manifest

    def _taken(self, reader: StickReader, township: str) -> Taken:
        manifest, platform = reader.manifest, self._platform
        person = platform.center(township).person(manifest.person_id)
        who = f"{person.title} {person.name}" if person else manifest.person_id
        taken = Taken(township, who, manifest.made_at)
        caller = self._caller(township, manifest, person)
        photos = _Photos(self._uploads, caller, taken) if caller is not None else None
        for part in reader.parts():
            if isinstance(part, Piece):
                if photos is not None:
                    photos.add(part)
            elif caller is None:
                taken.held += self._held(township, manifest, part)
            else:
                self._judged(caller, part, taken)
        return taken

    def _caller(self, township: str, manifest: Manifest, person: Person | None) -> Caller | None:
        """Return under whom the acts are judged, None for somebody who is not in office."""
        if person is None or not person.active:
            return None
        return self._platform.caller(person.id, manifest.device_id, township=township)

    def _judged(self, caller: Caller, acts: Sequence[Act], taken: Taken) -> None:
        results = self._platform.push(caller, [submit(act) for act in acts]).results
        by_id = {act.id: act for act in acts}
        for result in results:
            _counted(by_id[type(acts[0].id)(result.act_id)], result, taken)
        self._release(caller.township, [act.id for act in acts])

    def _held(self, township: str, manifest: Manifest, acts: Sequence[Act]) -> int:
        at = self._platform.now().isoformat()

        def work(db: Connection) -> None:
            known = set(
                db.execute(
                    select(quarantine.c.act_id).where(
                        quarantine.c.township == township,
                        quarantine.c.act_id.in_([act.id for act in acts]),
                    )
                ).scalars()
            )
            rows = [
                {
                    "township": township,
                    "act_id": act.id,
                    "person_id": manifest.person_id,
                    "device_id": manifest.device_id,
                    "body": encode(act),
                    "arrived_at": at,
                }
                for act in acts
                if act.id not in known and 0 < len(act.id) <= 64
            ]
            if rows:
                db.execute(insert(quarantine), rows)

        self._platform.database.write(work)
        return len(acts)

    def _release(self, township: str, act_ids: Sequence[str]) -> None:
        """What is judged now no longer has to be kept aside."""
        here = (quarantine.c.township == township, quarantine.c.act_id.in_(act_ids))
        with self._platform.database.read() as db:
            if db.execute(select(quarantine.c.act_id).where(*here).limit(1)).first() is None:
                return
        self._platform.database.write(lambda db: db.execute(delete(quarantine).where(*here)))


def held(platform: Platform, township: str) -> list[Act]:
    """Return the acts that are kept unjudged, oldest first."""
    rows = select(quarantine.c.body).where(quarantine.c.township == township)
    with platform.database.read() as db:
        found = db.execute(rows.order_by(quarantine.c.arrived_at, quarantine.c.act_id)).scalars()
        return [decode_act(body) for body in found]


def _copied(source: BinaryIO, copy: BinaryIO) -> None:
    size = 0
    while data := source.read(_COPY):
        size += len(data)
        check_size(size)
        copy.write(data)


def check_size(size: int) -> None:
    """Raise ``StickError`` for a file that is larger than any seat writes."""
    if size > MOST_BYTES:
        raise StickError("too_large", "这个文件太大，不像即办台导出的。", "请重新导出。")


_NO_EFFECT = (Outcome.REJECTED, Outcome.DEFERRED, Outcome.BLOCKED)


def _counted(act: Act, result: ActResult, taken: Taken) -> None:
    if (result.original or result.outcome) in _NO_EFFECT:
        taken.not_taken.append(NotTaken(act, result.reason))
    elif result.outcome is Outcome.DUPLICATE:
        taken.known += 1
    else:
        taken.new += 1
        taken.asked += result.outcome is Outcome.CONFLICT


class _Photos:
    """Puts photos to where uploads go, a few megabytes at a time; one that is spoilt stops no other."""

    def __init__(self, uploads: Uploads, caller: Caller, taken: Taken) -> None:
        self._uploads = uploads
        self._caller = caller
        self._taken = taken
        self._upload: Upload | None = None  # the one that is being filled
        self._waiting = bytearray()

    def add(self, piece: Piece) -> None:
        """Append a piece. What is there already is passed over."""
        if piece.offset == 0:
            self._begin(piece)
        upload = self._upload
        if upload is None or upload.sha256 != piece.sha256:
            return
        skip = upload.offset + len(self._waiting) - piece.offset
        if 0 <= skip < len(piece.data):
            self._waiting += piece.data[skip:]
        whole = piece.offset + len(piece.data) == piece.size
        if self._waiting and (whole or len(self._waiting) >= _AT_ONCE):
            self._write(upload)

    def _begin(self, piece: Piece) -> None:
        self._upload = None
        self._waiting.clear()
        try:
            found = self._uploads.create(self._caller, piece.sha256, piece.size)
        except PlatformProblem:
            self._taken.spoilt_photos += 1
            return
        if found.complete:
            self._taken.known_photos += 1
        else:
            self._upload = found

    def _write(self, upload: Upload) -> None:
        try:
            with self._uploads.appending(self._caller, upload) as part:
                part.write(self._waiting)
                self._upload = self._uploads.received(self._caller, upload, part)
        except PlatformProblem:
            self._upload = None
            self._taken.spoilt_photos += 1
        else:
            self._taken.photos += self._upload.complete
        self._waiting.clear()
