"""A disk in memory that knows which bytes were synced, and loses the others when the power goes.

Files are read and written by SQLite through a VFS. What was written and not yet synced stays in a
list beside the file. ``stop_at`` lets the machine stop before a chosen operation, in the middle of a
commit as well. ``restart`` then decides what is found afterwards:

* the process was killed: everything it had written (the operating system still had it);
* the power was cut: what was synced, and of the rest whatever the dice say: nothing, all of it, a
  beginning, any subset in any order, single sectors of a write.

Names (made, moved, deleted) reach the platter in the order in which they changed, as in the log of a
journaling file system: a power cut keeps some beginning of what was not synced. Syncing a file or its
folder makes sure of all up to its name.

A page that was ``spoilt`` cannot be read until it is written again: SQLCipher, which signs every page,
finds that out; plain SQLite might not. SQLite's VFS in Python has no shared memory
for the index of the log, so a file has one connection, in exclusive locking mode: log, checkpoints
and sync calls are the same.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePosixPath
from types import MappingProxyType

import apsw

SECTOR = 512
PAGE = 4096
_names = count(1)


class MachineStopped(BaseException):
    """The process is gone: nothing that comes later on this disk happens any more."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write that was not synced; ``data`` None cuts the file off at ``offset``."""

    offset: int
    data: bytes | None


@dataclass(slots=True)
class StoredFile:
    """``content`` is what a reader sees, ``synced`` what the platter holds for sure."""

    content: bytearray = field(default_factory=bytearray)
    synced: bytearray = field(default_factory=bytearray)
    unsynced: list[Write] = field(default_factory=list)
    spoilt: set[int] = field(default_factory=set)  # pages

    def apply(self, write: Write) -> None:
        _put(self.content, write)
        self.unsynced.append(write)
        if self.spoilt and write.data is not None:
            end = write.offset + len(write.data)
            self.spoilt -= set(range(-(-write.offset // PAGE), end // PAGE))

    def spoil(self, pages: range) -> None:
        """Let the disk give nothing for these pages, whatever was written there."""
        zeros = bytes(PAGE)
        for page in pages:
            start = page * PAGE
            for content in (self.content, self.synced):
                kept = max(0, min(PAGE, len(content) - start))
                content[start : start + kept] = zeros[:kept]
        self.spoilt |= set(pages)

    def cut_off(self, size: int) -> None:
        """Let the disk have lost everything from ``size`` on."""
        lost = range(size // PAGE, -(-len(self.content) // PAGE))
        del self.content[size:], self.synced[size:]
        self.unsynced.clear()
        self.spoilt |= set(lost)

    def copy(self) -> StoredFile:
        """Return a file like this one, all of it on the platter."""
        return StoredFile(bytearray(self.content), bytearray(self.content), [], set(self.spoilt))

    def sync(self) -> None:
        for write in self.unsynced:
            _put(self.synced, write)
        self.unsynced.clear()

    def lose(self, survivors: list[Write]) -> None:
        """Leave what was synced and ``survivors`` of the rest; all of it is on the platter now."""
        for write in survivors:
            _put(self.synced, write)
        self.content = bytearray(self.synced)
        self.unsynced = []


def _put(content: bytearray, write: Write) -> None:
    if write.data is None:
        del content[write.offset :]
        return
    if len(content) < write.offset:
        content.extend(bytes(write.offset - len(content)))
    content[write.offset : write.offset + len(write.data)] = write.data


Names = Mapping[str, StoredFile | None]
"""Names that change at once, and what they name afterwards."""


class Disk:
    """The files of one machine. ``dice`` decides what an un-synced write comes to."""

    def __init__(self, dice: random.Random, image: Mapping[str, bytes] | None = None) -> None:
        self.dice = dice
        self.name = f"disk-{next(_names)}"
        self.files: dict[str, StoredFile] = {}
        self.folders: set[str] = set()
        self.handles = Handles()
        self._on_platter: dict[str, StoredFile] = {}
        self._renamed: list[Names] = []  # and not on the platter for sure
        self.operations = 0
        self.syncs = 0
        self.full = False
        self.pulled = False  # a stick that was taken out: ``disk_files`` answers with EIO
        self.stopped = False
        self._stop_at: int | None = None
        self._pull_at: int | None = None
        self.replace(image or {})
        self._vfs = _Vfs(self)

    def close(self) -> None:
        """Take the disk out of SQLite; its connections must be closed."""
        self._vfs.unregister()

    def image(self) -> Mapping[str, bytes]:
        """Return a copy of all files, as a backup taken now would hold them."""
        return MappingProxyType({path: bytes(f.content) for path, f in self.files.items()})

    def replace(self, image: Mapping[str, bytes]) -> None:
        """Put the files of ``image`` in the place of all that is here."""
        self.files = {
            path: StoredFile(bytearray(content), bytearray(content))
            for path, content in image.items()
        }
        self.folders = {str(above) for path in self.files for above in PurePosixPath(path).parents}
        self.settle_names()

    def settle_names(self) -> None:
        """All names are on the platter as they are."""
        self._on_platter, self._renamed = dict(self.files), []

    def lose_file(self, path: str) -> None:
        """Let a file be gone, on the platter too."""
        self.files.pop(path, None)
        self.settle_names()

    def stop_in(self, operations: int) -> None:
        """Let the machine stop before the so-manieth write, sync or deletion from now."""
        self._stop_at = self.operations + operations

    def keep_running(self) -> None:
        """Take ``stop_in`` back."""
        self._stop_at = None

    def pull_in(self, operations: int) -> None:
        """Let somebody pull the stick out before the so-manieth change from now."""
        self._pull_at = self.operations + operations

    def stop(self) -> None:
        """The machine stops now."""
        self.stopped, self._stop_at = True, None

    def restart(self, *, power_cut: bool) -> None:
        """Settle what is found when the machine comes up again; its connections must be closed."""
        if power_cut:
            self._lose_unsynced()
        self.stopped, self._stop_at = False, None
        self.pulled, self._pull_at = False, None
        self.handles = Handles()

    def _lose_unsynced(self) -> None:
        choose = self.dice.choice(_OUTCOMES)
        for names in self._renamed[: self.dice.randint(0, len(self._renamed))]:
            _name(self._on_platter, names)
        self.files = dict(self._on_platter)
        self.settle_names()
        for path in sorted(self.files):
            file = self.files[path]
            file.lose(choose(file.unsynced, self.dice))

    # --- what the VFS does ---

    def operate(self) -> bool:
        """Count one change. False when it no longer happens. Raises when the machine stops here."""
        if self.stopped:
            return False
        self.operations += 1
        if self._stop_at is not None and self.operations >= self._stop_at:
            self.stop()
            raise MachineStopped
        if self._pull_at is not None and self.operations >= self._pull_at:
            self.pulled = True
            raise OSError(errno.EIO, "pulled out")
        return True

    def write(self, file: StoredFile, write: Write) -> None:
        if self.full and write.data is not None and not self.stopped:
            raise apsw.exception_for(apsw.SQLITE_FULL)
        self.put(file, write)

    def put(self, file: StoredFile, write: Write) -> None:
        """Write, room or not."""
        if self.operate():
            file.apply(write)

    def sync(self, file: StoredFile) -> None:
        if self.operate():
            self.syncs += 1
            file.sync()
            self._names_until(lambda names: any(named is file for named in names.values()))

    def sync_folder(self, folder: str) -> None:
        if self.operate():
            self.syncs += 1
            self._names_until(lambda names: any(_in_folder(path, folder) for path in names))

    def _names_until(self, wanted: Callable[[Names], bool]) -> None:
        """Bring the names to the platter up to the last change that is ``wanted``."""
        last = max((n for n, names in enumerate(self._renamed, 1) if wanted(names)), default=0)
        for names in self._renamed[:last]:
            _name(self._on_platter, names)
        del self._renamed[:last]

    def rename(self, names: Names) -> None:
        """Make, move or delete names, all at once."""
        if self.full and any(path not in self.files for path, file in names.items() if file):
            raise OSError(errno.ENOSPC, "the disk is full")
        if self.operate():
            _name(self.files, names)
            self._renamed.append(names)

    def make(self, path: str) -> StoredFile:
        """Make an empty file."""
        file = StoredFile()
        self.rename({path: file})
        return file

    def delete(self, path: str) -> None:
        if path in self.files:
            self.rename({path: None})


def _name(files: dict[str, StoredFile], names: Names) -> None:
    for path, file in names.items():
        if file is None:
            files.pop(path, None)
        else:
            files[path] = file


def _in_folder(path: str, folder: str) -> bool:
    return path.rpartition("/")[0] == folder


@dataclass(slots=True)
class Handle:
    """A file, or with ``file`` None a folder, that a program has open."""

    path: str
    file: StoredFile | None
    at: int = 0
    locked: bool = False


@dataclass(slots=True)
class Handles:
    """What the programs of a machine have open; a stopped machine has nothing open any more."""

    open: dict[int, Handle] = field(default_factory=dict)


Outcome = Callable[[list[Write], random.Random], list[Write]]


def _nothing(_writes: list[Write], _dice: random.Random) -> list[Write]:
    return []


def _everything(writes: list[Write], _dice: random.Random) -> list[Write]:
    return writes


def _beginning(writes: list[Write], dice: random.Random) -> list[Write]:
    """In order up to some write, and of the next one only the first sectors."""
    kept = dice.randint(0, len(writes))
    survivors = writes[:kept]
    if kept < len(writes):
        survivors = survivors + _sectors(writes[kept], dice.choice((1, 2, 4)))
    return survivors


def _sectors(write: Write, most: int) -> list[Write]:
    if write.data is None:
        return []
    return [Write(write.offset, write.data[: most * SECTOR])]


def _any_order(writes: list[Write], dice: random.Random) -> list[Write]:
    """Whole writes or single sectors of them, whichever reached the platter."""
    survivors: list[Write] = []
    for write in writes:
        roll = dice.random()
        if roll < 0.5:
            survivors.append(write)
        elif roll < 0.7 and write.data is not None:
            survivors.extend(
                Write(write.offset + at, write.data[at : at + SECTOR])
                for at in range(0, len(write.data), SECTOR)
                if dice.random() < 0.5
            )
    return survivors


_OUTCOMES: tuple[Outcome, ...] = (_nothing, _everything, _beginning, _any_order)


class _Vfs(apsw.VFS):
    """SQLite's way to one disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(disk.name, "")

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        flags[1] = flags[0]
        if name is None:
            return _File(self._disk, StoredFile())
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        file = self._disk.files.get(path)
        if file is None:
            try:
                file = self._disk.make(path)
            except OSError:
                raise apsw.exception_for(apsw.SQLITE_FULL) from None
        return _File(self._disk, file)

    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self._disk.files

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._disk.delete(filename)
        if syncdir:
            self._disk.sync_folder(filename.rpartition("/")[0])

    def xFullPathname(self, filename: str) -> str:
        return filename


class _File(apsw.VFSFile):
    """One open file. Locks are not needed: it has one connection."""

    def __init__(self, disk: Disk, file: StoredFile) -> None:
        self._disk, self._file = disk, file

    def xRead(self, amount: int, offset: int) -> bytes:
        spoilt = self._file.spoilt
        if spoilt and not spoilt.isdisjoint(range(offset // PAGE, -(-(offset + amount) // PAGE))):
            raise apsw.exception_for(apsw.SQLITE_CORRUPT if offset >= PAGE else apsw.SQLITE_NOTADB)
        return bytes(self._file.content[offset : offset + amount])

    def xWrite(self, data: object, offset: int) -> None:
        self._disk.write(self._file, Write(offset, bytes(data)))  # type: ignore[call-overload]

    def xTruncate(self, newsize: int) -> None:
        self._disk.write(self._file, Write(newsize, None))

    def xSync(self, flags: int) -> None:
        self._disk.sync(self._file)

    def xFileSize(self) -> int:
        return len(self._file.content)

    def xLock(self, level: int) -> None: ...

    def xUnlock(self, level: int) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None: ...
