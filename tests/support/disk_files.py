"""The simulated disks as the operating system shows them: ``os``, ``open`` and what stands on them.

What the product keeps beside SQLite (journal, backups, the lock, files that follow one another) it writes by
``os`` and ``pathlib``. While ``mounted`` runs, paths below ``ROOT`` lie on simulated disks; all others are
where they always were.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple

from tests.support.clock import START
from tests.support.disk import Disk, Handle, MachineStopped, Write

ROOT = "/jiban-disks/"
"""``<ROOT><name>/…`` lies on the disk of that name."""
_FIRST = 1 << 24
"""Numbers of open files from here on are ours."""
_CHUNK = 64 * 1024
_numbers = count(_FIRST)
Names = Mapping[str, Disk]


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


def _error(number: int, path: str = "") -> OSError:
    return OSError(number, os.strerror(number), path)


class _Files:
    """Everything the patched functions do, on the disks that are ``mounted``."""

    def __init__(self, disks: Names) -> None:
        self._disks = disks
        self._owners: dict[int, Disk] = {}

    def find(self, path: object) -> tuple[Disk, str] | None:
        """Return the disk and the path on it; None: it is on no simulated disk."""
        if isinstance(path, int):
            return None
        try:
            text = os.fspath(path)  # type: ignore[call-overload]
        except TypeError:
            return None
        if not isinstance(text, str) or not text.startswith(ROOT):
            return None
        disk = self._disks[text[len(ROOT) :].partition("/")[0]]
        if disk.stopped:
            raise MachineStopped
        if disk.pulled:
            raise _error(errno.EIO, text)
        return disk, text.rstrip("/")

    def handle(self, number: int) -> tuple[Disk, Handle]:
        disk = self._owners.get(number)
        if disk is None:
            raise _error(errno.EBADF)
        if disk.stopped:
            raise MachineStopped
        if disk.pulled:
            raise _error(errno.EIO)
        found = disk.handles.open.get(number)
        if found is None:  # of a program that was killed
            raise _error(errno.EBADF)
        return disk, found

    # --- names ---

    def stat(self, disk: Disk, path: str) -> os.stat_result:
        file = disk.files.get(path)
        if file is None and not _is_folder(disk, path):
            raise _error(errno.ENOENT, path)
        mode = stat.S_IFDIR | 0o700 if file is None else stat.S_IFREG | 0o600
        size, at = len(file.content) if file else 0, START.timestamp()
        return os.stat_result((mode, 0, 0, 1, 0, 0, size, at, at, at))

    def replace(self, disk: Disk, source: str, target: str) -> None:
        if source not in disk.files:
            raise _error(errno.ENOENT, source)
        self._need_folder(disk, target)
        disk.rename({source: None, target: disk.files[source]})

    def unlink(self, disk: Disk, path: str) -> None:
        if path not in disk.files:
            raise _error(errno.ENOENT, path)
        disk.delete(path)

    def mkdir(self, disk: Disk, path: str) -> None:
        if path in disk.files or _is_folder(disk, path):
            raise _error(errno.EEXIST, path)
        self._need_folder(disk, path)
        if disk.full:
            raise _error(errno.ENOSPC, path)
        if disk.operate():
            disk.folders.add(path)

    def _need_folder(self, disk: Disk, path: str) -> None:
        if not _is_folder(disk, path.rpartition("/")[0]):
            raise _error(errno.ENOENT, path)

    def listdir(self, disk: Disk, path: str) -> list[str]:
        if not _is_folder(disk, path):
            raise _error(errno.ENOENT, path)
        inside = {p[len(path) + 1 :].partition("/")[0] for p in (*disk.files, *disk.folders)
                  if p.startswith(path + "/")}  # fmt: skip
        return sorted(inside)

    # --- contents ---

    def open(self, disk: Disk, path: str, flags: int) -> int:
        file = disk.files.get(path)
        if file is None and not (flags & os.O_CREAT):
            if not _is_folder(disk, path):
                raise _error(errno.ENOENT, path)
        elif file is None:
            self._need_folder(disk, path)
            file = disk.make(path)
        elif flags & os.O_TRUNC and file.content:
            disk.write(file, Write(0, None))
        number = next(_numbers)
        disk.handles.open[number], self._owners[number] = Handle(path, file), disk
        return number

    def close(self, number: int) -> None:
        disk = self._owners.pop(number, None)
        if disk is not None:
            disk.handles.open.pop(number, None)

    def read(self, number: int, size: int) -> bytes:
        _disk, handle = self.handle(number)
        assert handle.file is not None
        data = bytes(handle.file.content[handle.at : handle.at + size])
        handle.at += len(data)
        return data

    def write(self, number: int, data: Any) -> int:
        disk, handle = self.handle(number)
        assert handle.file is not None
        end = handle.at + len(data)
        if disk.full and end > len(handle.file.content):
            raise _error(errno.ENOSPC, handle.path)
        disk.put(handle.file, Write(handle.at, bytes(data)))
        handle.at = end
        return len(data)

    def seek(self, number: int, offset: int, whence: int) -> int:
        _disk, handle = self.handle(number)
        end = len(handle.file.content) if handle.file else 0
        handle.at = offset + (0, handle.at, end)[whence]
        return handle.at

    def truncate(self, number: int, size: int) -> None:
        disk, handle = self.handle(number)
        assert handle.file is not None
        if size < len(handle.file.content):
            disk.put(handle.file, Write(size, None))

    def fstat(self, number: int) -> os.stat_result:
        disk, handle = self.handle(number)
        return self.stat(disk, handle.path)

    def sync(self, number: int) -> None:
        disk, handle = self.handle(number)
        if handle.file is None:
            disk.sync_folder(handle.path)
        else:
            disk.sync(handle.file)

    def lock(self, number: int) -> None:
        disk, handle = self.handle(number)
        if any(h.locked and h.file is handle.file for h in disk.handles.open.values()):
            raise BlockingIOError(errno.EWOULDBLOCK, "locked")
        handle.locked = True

    def copy(self, source: tuple[Disk, str], target: tuple[Disk, str]) -> None:
        (disk, path), (other, name) = source, target
        if path not in disk.files:
            raise _error(errno.ENOENT, path)
        file, made = disk.files[path], self.open(other, name, os.O_CREAT | os.O_TRUNC)
        for start in range(0, len(file.content), _CHUNK):
            self.write(made, file.content[start : start + _CHUNK])
        other.files[name].spoilt = set(file.spoilt)
        self.close(made)


def _is_folder(disk: Disk, path: str) -> bool:
    return path in disk.folders or path.count("/") <= ROOT.count("/")


class _Raw(io.RawIOBase):
    """An open file, as ``io`` builds on one."""

    def __init__(self, files: _Files, number: int) -> None:
        self._files, self._number = files, number

    def fileno(self) -> int:
        return self._number

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._files.read(self._number, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        return self._files.write(self._number, data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._files.seek(self._number, offset, whence)

    def truncate(self, size: int | None = None) -> int:
        end = self.tell() if size is None else size
        self._files.truncate(self._number, end)
        return end

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._files.close(self._number)


class _Buffered(io.BufferedWriter):
    """A file to be written that a stopped machine cannot hold open."""

    def close(self) -> None:
        try:
            super().close()
        except (MachineStopped, OSError):
            if not self.raw.closed:
                self.raw.close()
            raise


def _opened(files: _Files, number: int, mode: str) -> Any:
    raw = _Raw(files, number)
    if "b" not in mode:
        return io.TextIOWrapper(io.BufferedReader(raw) if "r" in mode else _Buffered(raw))
    return io.BufferedReader(raw) if mode in ("rb", "br") else _Buffered(raw)


class _Entry:
    """What ``os.scandir`` tells of a name."""

    def __init__(self, files: _Files, disk: Disk, folder: str, name: str) -> None:
        self.name, self.path = name, f"{folder}/{name}"
        self._mode = files.stat(disk, self.path).st_mode

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return stat.S_ISDIR(self._mode)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return stat.S_ISREG(self._mode)

    def is_symlink(self) -> bool:
        return False


@contextmanager
def mounted(disks: Names) -> Iterator[None]:
    """While the block runs the system's file functions know ``disks``; more may be added meanwhile."""
    patches = _patches(_Files(disks))
    kept = [(owner, name, getattr(owner, name)) for owner, name, _made in patches]
    for owner, name, made in patches:
        setattr(owner, name, made)
    try:
        yield
    finally:
        for owner, name, before in kept:
            setattr(owner, name, before)


def _patches(files: _Files) -> list[tuple[Any, str, Callable[..., Any]]]:
    return [*_by_path(files), *_by_number(files), *_by_both(files)]


def _by_path(files: _Files) -> list[tuple[Any, str, Callable[..., Any]]]:
    """What takes a path first."""

    def patched(owner: Any, name: str, ours: Callable[..., Any]) -> tuple[Any, str, Any]:
        real = getattr(owner, name)

        def function(path: Any = ".", *args: Any, **options: Any) -> Any:
            found = files.find(path)
            return real(path, *args, **options) if found is None else ours(*found, *args)

        return owner, name, function

    @contextmanager
    def scandir(disk: Disk, path: str) -> Iterator[Iterator[_Entry]]:
        yield iter([_Entry(files, disk, path, name) for name in files.listdir(disk, path)])

    def replace(disk: Disk, source: str, target: Any) -> None:
        there = files.find(target)
        assert there is not None
        files.replace(disk, source, there[1])

    def usage(disk: Disk, _path: str) -> _Usage:
        return _Usage(1 << 40, 0, 0 if disk.full else 1 << 40)

    return [
        patched(os, "stat", lambda disk, path, *_: files.stat(disk, path)),
        patched(os, "lstat", lambda disk, path, *_: files.stat(disk, path)),
        patched(os, "replace", replace),
        patched(os, "unlink", files.unlink),
        patched(os, "mkdir", lambda disk, path, *_: files.mkdir(disk, path)),
        patched(os, "listdir", files.listdir),
        patched(os, "scandir", scandir),
        patched(os, "utime", lambda disk, path, *_: files.stat(disk, path)),
        patched(shutil, "disk_usage", usage),
    ]


def _by_number(files: _Files) -> list[tuple[Any, str, Callable[..., Any]]]:
    """What takes the number of an open file first."""

    def patched(owner: Any, name: str, ours: Callable[..., Any]) -> tuple[Any, str, Any]:
        real = getattr(owner, name)

        def function(number: Any, *args: Any, **options: Any) -> Any:
            mine = isinstance(number, int) and number >= _FIRST
            return ours(number, *args) if mine else real(number, *args, **options)

        return owner, name, function

    return [
        patched(os, "close", files.close),
        patched(os, "read", files.read),
        patched(os, "write", files.write),
        patched(os, "lseek", files.seek),
        patched(os, "fstat", files.fstat),
        patched(os, "ftruncate", files.truncate),
        patched(os, "fsync", files.sync),
        patched(os, "fdatasync", files.sync),
        patched(os, "fdopen", lambda number, mode="r", *_: _opened(files, number, mode)),
        patched(os, "posix_fadvise", lambda *_: None),
        patched(fcntl, "flock", lambda number, *_: files.lock(number)),
    ]


def _by_both(files: _Files) -> list[tuple[Any, str, Callable[..., Any]]]:
    real_open, real_copy, real_builtin = os.open, shutil.copyfile, builtins.open

    def open_number(path: Any, flags: int, *args: Any, **options: Any) -> int:
        found = files.find(path)
        if found is None:
            return real_open(path, flags, *args, **options)
        return files.open(*found, flags)

    def open_file(path: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        found = files.find(path)
        if found is None:
            return real_builtin(path, mode, *args, **options)
        flags = os.O_CREAT | os.O_TRUNC if "w" in mode else 0
        return _opened(files, files.open(*found, flags), mode)

    def copyfile(source: Any, target: Any, **options: Any) -> Any:
        here, there = files.find(source), files.find(target)
        if here is None or there is None:
            return real_copy(source, target, **options)
        files.copy(here, there)
        return target

    return [
        (os, "open", open_number),
        (io, "open", open_file),
        (builtins, "open", open_file),
        (shutil, "copyfile", copyfile),
    ]
