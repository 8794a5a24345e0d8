"""The journal: a second record of everything only this seat has, beside the database and independent of it.

``<profile>/journal/log`` is a sealed frame file. An act is in it, on the disk, before ``record`` returns;
so are facts; drafts follow without waiting for it. ``files/`` holds one sealed file per photo that is
not completely at the platform. What the platform has is left out when the journal is written anew.

Write order: the frame, then the commit. A commit that fails takes the frame back; a crash between the
two leaves an act that nobody was told of, and the next opening takes it in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec

from local_store.disk import full_disk_said, private_folder, write_private
from local_store.entries import (
    ActEntry,
    DraftEntry,
    Entry,
    FactEntry,
    FileEntry,
    SettledEntry,
    decode_file,
    encode,
    read,
    written,
)
from local_store.errors import closed
from local_store.frames import FrameFile, Scan, scan
from local_store.leftovers import KeptFile, Leftovers
from local_store.sealing import Sealer, Unsealable

FOLDER = "journal"
LOG = "log"
FILES = "files"
GROWTH = 1 << 20
"""Bytes by which the log may grow before it is written anew."""


class NoJournal:
    """Stands in where a store keeps no journal (a simulated disk, a store opened for reading)."""

    overgrown = False

    @contextmanager
    def guard(self) -> Iterator[NoJournal]:
        """Around a transaction."""
        yield self

    def act(self, act_id: str, seq: int, body: bytes, drops: tuple[str, str] | None) -> None: ...

    def draft(self, order_id: str, form: str, body: bytes | None, saved_at: int) -> None: ...

    def fact(self, name: str, value: str | None) -> None: ...

    def file(self, sha256: str, name: str, data: bytes) -> None: ...

    def uploaded(self, sha256: str) -> None: ...

    def settled(self, unsettled: Callable[[], Iterable[str]]) -> None: ...

    def rewrite(self, collected: AbstractContextManager[Leftovers]) -> None: ...

    def close(self) -> None: ...


class Journal:
    """One journal, open for one store. Every method may raise ``StoreError`` (FULL)."""

    def __init__(self, profile: Path, key: bytes) -> None:
        """Read what is there; nothing is made before something is written."""
        self._folder = profile / FOLDER
        self._sealer = Sealer(key, "journal")
        self._lock = threading.RLock()
        self._log: FrameFile | None = None
        self._ended = False
        with full_disk_said():
            self._found = scan(self._folder / LOG, self._sealer)
        left = read(self._found.frames)
        self._written = sum(len(encode(entry)) for entry in written(left))
        """About as large as it would be if it were written anew."""
        self._acts = set(left.acts)
        """Acts that the log holds as not settled."""

    # ---- reading

    @property
    def found(self) -> Scan:
        """How the log was found on opening."""
        return self._found

    def leftovers(self, known_files: Iterable[str] = ()) -> Leftovers:
        """Return what the log said when it was opened, and the files beside it but the ``known_files``
        (by SHA-256): looking into hundreds of photos at every start would be felt.
        """
        left = read(self._found.frames)
        known = {self._path(sha256).name for sha256 in known_files}
        for path in sorted((self._folder / FILES).glob("*")):
            if path.name in known:
                continue
            with suppress(Unsealable, msgspec.MsgspecError, OSError):
                kept = self._read_file(path)
                left.files[kept.sha256] = partial(self._reread, path)
        return left

    def _read_file(self, path: Path) -> FileEntry:
        return decode_file(self._sealer.unseal(path.read_bytes(), path.name.encode()))

    def _reread(self, path: Path) -> KeptFile:
        kept = self._read_file(path)
        return KeptFile(kept.name, kept.data)

    # ---- writing

    @contextmanager
    def guard(self) -> Iterator[Journal]:
        """Around a transaction: what was appended inside is taken back when the block fails."""
        with self._lock:
            log = self._opened()
            place = log.place()
            try:
                yield self
            except BaseException:
                log.cut_back(place)
                raise

    def _opened(self) -> FrameFile:
        if self._log is None:
            if self._ended:
                raise closed()
            path = self._folder / LOG
            with full_disk_said():
                private_folder(self._folder)
                if self._found.file_id:
                    self._log = FrameFile(path, self._sealer, self._found)
                else:
                    self._log = FrameFile.create(path, self._sealer, ())
        return self._log

    def act(self, act_id: str, seq: int, body: bytes, drops: tuple[str, str] | None) -> None:
        """Note an act; it is on the disk on return."""
        self._append(ActEntry(act_id, seq, body, drops), durable=True)
        self._acts.add(act_id)

    def settled(self, unsettled: Callable[[], Iterable[str]]) -> None:
        """After an answer: note which acts are settled, given those that are not. Nothing is lost when
        this is: such an act goes once more, and the platform knows it.
        """
        with self._lock:
            if self._acts and (gone := self._acts.difference(unsettled())):
                self._append(SettledEntry(sorted(gone)), durable=False)
                self._acts -= gone

    def draft(self, order_id: str, form: str, body: bytes | None, saved_at: int) -> None:
        """Note a draft, or with ``body`` None that it was dropped."""
        self._append(DraftEntry(order_id, form, body, saved_at), durable=False)

    def fact(self, name: str, value: str | None) -> None:
        """Note what the seat keeps by name; it is on the disk on return. Without the key that it has told,
        the platform would take this seat for another computer.
        """
        self._append(FactEntry(name, value), durable=True)

    def _append(self, entry: Entry, *, durable: bool) -> None:
        with self._lock, full_disk_said():
            self._opened().append(encode(entry), durable=durable)

    def file(self, sha256: str, name: str, data: bytes) -> None:
        """Keep a file until the platform has it; it is on the disk on return."""
        path = self._path(sha256)
        with self._lock, full_disk_said():
            if not path.exists():
                private_folder(path.parent)
                sealed = self._sealer.seal(
                    encode(FileEntry(sha256, name, data)), path.name.encode()
                )
                write_private(path, sealed)

    def uploaded(self, sha256: str) -> None:
        """The platform has all of a file: it need not be kept twice any more."""
        with self._lock, suppress(OSError):
            self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._folder / FILES / self._sealer.name(sha256)

    # ---- upkeep

    @property
    def overgrown(self) -> bool:
        """Whether it is worth writing anew."""
        with self._lock:
            return self._log is not None and self._log.size - self._written > GROWTH

    def rewrite(self, collected: AbstractContextManager[Leftovers]) -> None:
        """Write the log anew with what is ``collected``, all at once, and drop files not named in it.

        When it fails the log is as it was.
        """
        with self._lock, full_disk_said(), collected as left:
            path = self._folder / LOG
            private_folder(self._folder)
            self._let_go()  # a file that is open cannot be replaced everywhere
            try:
                self._log = FrameFile.create(path, self._sealer, map(encode, written(left)))
            except OSError:
                self._found = scan(path, self._sealer)
                raise
            self._written, self._acts = self._log.size, set(left.acts)
            self._drop_files({self._path(sha256).name for sha256 in left.files})
            for sha256, reread in left.files.items():
                if not self._path(sha256).exists():
                    kept = reread()
                    self.file(sha256, kept.name, kept.data)

    def _drop_files(self, wanted: set[str]) -> None:
        for path in (self._folder / FILES).glob("*"):
            if path.name not in wanted:
                with suppress(OSError):
                    path.unlink()

    def close(self) -> None:
        """Close the log; nothing can be noted after."""
        with self._lock:
            self._ended = True
            self._let_go()

    def _let_go(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
