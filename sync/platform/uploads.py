"""Files: received in pieces, known by their SHA-256, readable by whoever may see an order with them.

Each uploader has a part file of his own, so nobody can spoil another's upload; a complete file is
one for all of its township. The offset in the database is advanced only after the bytes are on the
disk, and only forwards: the pieces of one upload may arrive at several processes, also at once.

Processes on several hosts share one folder (a network file system). The folder carries the
platform's mark, so that a host where it is not mounted is noticed before it takes a file.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from sync.platform import claims, problems
from sync.platform.judging import is_sha256
from sync.platform.platform import LIMITS, Caller, Platform
from sync.platform.tables import files

PARTS = "parts"
MARK = ".jiban-platform"
_CHUNK = 1024 * 1024
_READ_WRITE = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Upload:
    """How far an upload has come, in bytes."""

    sha256: str
    size: int
    offset: int
    complete: bool


class Uploads:
    """The files of one platform, in a folder beside its database."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self._database = platform.database
        self._server_id = platform.server_id
        self._folder = folder
        self._parts = folder / PARTS

    def check(self) -> None:
        """Make sure that this is the platform's folder; a new one is marked.

        Raises ``PlatformProblem`` 503 or ``OSError``.
        """
        mark = self._folder / MARK
        if not mark.exists():
            with self._database.read() as db:
                if db.execute(select(files.c.sha256).where(files.c.complete).limit(1)).first():
                    raise problems.no_files_folder()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            mark.write_text(self._server_id, encoding="utf-8")
        if mark.read_text(encoding="utf-8") != self._server_id:
            raise problems.no_files_folder()

    def create(self, caller: Caller, sha256: str, size: int) -> Upload:
        """Begin or go on with an upload; one whose file is gone from the folder begins again.

        Raises ``PlatformProblem``.
        """
        if not is_sha256(sha256):
            raise problems.PlatformProblem(400, "sha256", "附件编号不对。", "请重新添加附件。")
        if not 0 <= size <= LIMITS.max_file:
            raise problems.too_large(LIMITS.max_file)
        found = self.resumed(caller, sha256)
        there = self.path_of(caller.township, sha256).exists
        if found is not None and (there() if found.complete else found.size == size):
            return found
        # That somebody else has sent this file is not told, and is no reason to believe the caller
        # has it: only who sends all of it may let others read it.
        upload = Upload(sha256, size, 0, False)
        self._save(caller, upload, new=found is None)
        if size == 0:
            self._part(caller, sha256).touch()
            return self._finish(caller, upload)
        return upload

    def resumed(self, caller: Caller, sha256: str) -> Upload | None:
        """Return the caller's own upload of this file.

        One that came whole and could not be filed (no room, a kill) is filed now: a seat that hears that
        all of it is here never sends it again. Raises ``PlatformProblem``, ``OSError``.
        """
        found = self.find(caller, sha256)
        if found is None or found.complete or found.offset < found.size:
            return found
        part = self._part(caller, sha256)
        if not found.size:
            part.touch()
        elif not part.exists():  # cleared away since
            self._begin_again(caller, sha256)
            return self.find(caller, sha256)
        return self._finish(caller, found)

    def find(self, caller: Caller, sha256: str) -> Upload | None:
        """Return how far the caller's own upload of this file has come, as it is noted."""
        if not is_sha256(sha256):
            return None
        own = _own(caller, sha256)
        with self._database.read() as db:
            row = db.execute(select(files).where(own)).one_or_none()
        return Upload(row.sha256, row.size, row.offset, row.complete) if row else None

    def _save(self, caller: Caller, upload: Upload, *, new: bool) -> None:
        key = {
            "township": caller.township,
            "sha256": upload.sha256,
            "owner": caller.person.id,
        }
        values = {"size": upload.size, "offset": upload.offset, "complete": upload.complete}

        def work(db: Connection) -> None:
            if new:
                db.execute(insert(files), {**key, **values})
                return
            db.execute(update(files).where(_own(caller, upload.sha256)).values(**values))

        self._database.write(work)

    def _part(self, caller: Caller, sha256: str) -> Path:
        for folder in (self._folder, self._parts):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        who = f"{caller.township}\0{caller.person.id}"
        owner = hashlib.sha256(who.encode()).hexdigest()[:16]
        return self._parts / f"{sha256}.{owner}"

    def path_of(self, township: str, sha256: str) -> Path:
        return self._folder / township / sha256[:2] / sha256

    @contextmanager
    def appending(self, caller: Caller, upload: Upload) -> Iterator[BinaryIO]:
        """Yield the part file, open at the known offset.

        What lies beyond it was not confirmed yet, but another process may be about to: it stays and
        is written over.
        """
        handle = os.open(self._part(caller, upload.sha256), _READ_WRITE)
        with os.fdopen(handle, "r+b") as part:
            if part.seek(0, os.SEEK_END) < upload.offset:
                self._begin_again(caller, upload.sha256)
                raise problems.PlatformProblem(409, "offset", "续传的位置不对。", "从头重传即可。")
            part.seek(upload.offset)
            yield part

    def received(self, caller: Caller, upload: Upload, part: BinaryIO) -> Upload:
        """Make what was written durable; verify and file it when it is whole."""
        part.flush()
        os.fsync(part.fileno())
        now = self._advanced(caller, upload, part.tell())
        return self._finish(caller, now) if now.offset == now.size and not now.complete else now

    def _advanced(self, caller: Caller, upload: Upload, offset: int) -> Upload:
        """Note how far the upload came, unless another process has come further meanwhile."""

        def work(db: Connection) -> bool:
            own = and_(_own(caller, upload.sha256), files.c.offset < offset)
            ahead = update(files).where(own, files.c.complete.is_(False))
            return db.execute(ahead.values(offset=offset)).rowcount > 0

        if self._database.write(work):
            return Upload(upload.sha256, upload.size, offset, False)
        return self.find(caller, upload.sha256) or upload

    def _finish(self, caller: Caller, upload: Upload) -> Upload:
        """File a whole upload under its name.

        What is filed is a copy that only this call has open: a request that still holds the part open
        could write into it after it was verified.
        """
        part = self._part(caller, upload.sha256)
        target = self.path_of(caller.township, upload.sha256)
        copy = part.with_name(f"{part.name}.{secrets.token_hex(8)}")
        done = Upload(upload.sha256, upload.size, upload.size, True)
        try:
            digest = _copied(part, copy)
            if digest != upload.sha256:
                part.unlink(missing_ok=True)
                self._begin_again(caller, upload.sha256)
                raise problems.PlatformProblem(
                    460,
                    "checksum",
                    "附件传坏了或已改动。",
                    "会从头重传；若文件已改，请重新添加。",
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            copy.replace(target)
        except FileNotFoundError:
            if not target.exists():
                raise
            return done  # another process was handed the same last piece, and was faster
        finally:
            copy.unlink(missing_ok=True)
        _sync_folder(target.parent)
        self._save(caller, done, new=False)
        part.unlink(missing_ok=True)  # last: what was not noted is filed once more
        return done

    def _begin_again(self, caller: Caller, sha256: str) -> None:
        """Forget what had come of an upload, unless it is whole by now."""
        unfinished = and_(_own(caller, sha256), files.c.complete.is_(False))
        again = update(files).where(unfinished).values(offset=0)
        self._database.write(lambda db: db.execute(again))

    def readable(self, caller: Caller, sha256: str) -> Path:
        """Return the file for reading. Raises ``PlatformProblem`` 404, also when it is not for him."""
        if is_sha256(sha256) and self._may_read(caller, sha256):
            path = self.path_of(caller.township, sha256)
            if path.exists():
                return path
        raise problems.PlatformProblem(
            404, "no_file", "没有这个附件。", "可能还没传上来，请稍后再看。"
        )

    def _may_read(self, caller: Caller, sha256: str) -> bool:
        """Whether the history of an order that he may see names the file, and somebody named it who
        had it. Having uploaded it, or knowing what it is called, is not enough.
        """
        reader = None if caller.sees_all else caller.person.id
        with self._database.read() as db:
            return claims.readable(db, caller.township, sha256, reader)


def arrived(db: Connection, township: str, sha256: str) -> bool:
    """Whether somebody has sent the file whole."""
    whole = and_(files.c.township == township, files.c.sha256 == sha256, files.c.complete)
    return db.execute(select(files.c.sha256).where(whole).limit(1)).first() is not None


def _own(caller: Caller, sha256: str) -> ColumnElement[bool]:
    return and_(
        files.c.township == caller.township,
        files.c.sha256 == sha256,
        files.c.owner == caller.person.id,
    )


def _copied(part: Path, copy: Path) -> str:
    """Write a durable copy of ``part``; return the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with part.open("rb") as read, copy.open("xb") as written:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
