"""A disk in memory that knows which bytes were synced, and loses the others when the power goes.

Files are read and written by SQLite through a VFS. What was written and not yet synced stays in a
list beside the file. ``stop_at`` lets the machine stop before a chosen operation, in the middle of a
commit as well. ``restart`` then decides what is found afterwards:

* the process was killed: everything it had written (the operating system still had it);
* the power was cut: what was synced, and of the rest whatever the dice say: nothing, all of it, a
  beginning, any subset in any order, single sectors of a write.

A file exists after a power cut once it has been synced. SQLite's VFS in Python has no shared memory
for the index of the log, so a file has one connection, in exclusive locking mode: log, checkpoints
and sync calls are the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType

import apsw

SECTOR = 512
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
    durable: bool = False  # its name is on the platter

    def apply(self, write: Write) -> None:
        _put(self.content, write)
        self.unsynced.append(write)

    def sync(self) -> None:
        for write in self.unsynced:
            _put(self.synced, write)
        self.unsynced.clear()
        self.durable = True

    def lose(self, survivors: list[Write]) -> None:
        """Leave what was synced and ``survivors`` of the rest; all of it is on the platter now."""
        for write in survivors:
            _put(self.synced, write)
        self.durable = self.durable or bool(survivors)
        self.content = bytearray(self.synced)
        self.unsynced = []


def _put(content: bytearray, write: Write) -> None:
    if write.data is None:
        del content[write.offset :]
        return
    if len(content) < write.offset:
        content.extend(bytes(write.offset - len(content)))
    content[write.offset : write.offset + len(write.data)] = write.data


class Disk:
    """The files of one machine. ``dice`` decides what an un-synced write comes to."""

    def __init__(self, dice: random.Random, image: Mapping[str, bytes] | None = None) -> None:
        self.dice = dice
        self.name = f"disk-{next(_names)}"
        self.files: dict[str, StoredFile] = {}
        self.operations = 0
        self.syncs = 0
        self.full = False
        self.stopped = False
        self._stop_at: int | None = None
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
            path: StoredFile(bytearray(content), bytearray(content), [], durable=True)
            for path, content in image.items()
        }

    def stop_in(self, operations: int) -> None:
        """Let the machine stop before the so-manieth write, sync or deletion from now."""
        self._stop_at = self.operations + operations

    def keep_running(self) -> None:
        """Take ``stop_in`` back."""
        self._stop_at = None

    def stop(self) -> None:
        """The machine stops now."""
        self.stopped, self._stop_at = True, None

    def restart(self, *, power_cut: bool) -> None:
        """Settle what is found when the machine comes up again; its connections must be closed."""
        if power_cut:
            self._lose_unsynced()
        self.stopped, self._stop_at = False, None

    def _lose_unsynced(self) -> None:
        choose = self.dice.choice(_OUTCOMES)
        for path in sorted(self.files):
            file = self.files[path]
            file.lose(choose(file.unsynced, self.dice))
            if not file.durable:
                del self.files[path]

    # --- what the VFS does ---

    def operate(self) -> bool:
        """Count one change. False when it no longer happens. Raises when the machine stops here."""
        if self.stopped:
            return False
        self.operations += 1
        if self._stop_at is not None and self.operations >= self._stop_at:
            self.stop()
            raise MachineStopped
        return True

    def write(self, file: StoredFile, write: Write) -> None:
        if self.full and write.data is not None and not self.stopped:
            raise apsw.exception_for(apsw.SQLITE_FULL)
        if self.operate():
            file.apply(write)

    def sync(self, file: StoredFile) -> None:
        if self.operate():
            self.syncs += 1
            file.sync()

    def delete(self, path: str) -> None:
        if self.operate():
            self.files.pop(path, None)


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
        if path not in self._disk.files:
            self._disk.files[path] = StoredFile()
        return _File(self._disk, self._disk.files[path])

    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self._disk.files

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._disk.delete(filename)

    def xFullPathname(self, filename: str) -> str:
        return filename


class _File(apsw.VFSFile):
    """One open file. Locks are not needed: it has one connection."""

    def __init__(self, disk: Disk, file: StoredFile) -> None:
        self._disk, self._file = disk, file

    def xRead(self, amount: int, offset: int) -> bytes:
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
