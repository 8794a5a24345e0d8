"""One writer per store: a lock file that the system gives back whenever a process ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from weakref import finalize

from local_store.disk import full_disk_said
from local_store.errors import StoreError, StoreProblem

NAME = "store.lock"
_OPEN = b"open"
_FAR = 4096  # the byte that is locked; a locked byte cannot be read on Windows


class StoreLock:
    """Held from opening to closing. ``unclean``: the last holder did not close the store."""

    def __init__(self, profile: Path) -> None:
        """Take the lock. Raises ``StoreError`` (LOCKED, FULL)."""
        with full_disk_said():
            self._handle = os.open(profile / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._handle)
        except OSError as error:
            os.close(self._handle)
            raise StoreError(
                StoreProblem.LOCKED,
                "本机数据正被另一个即办台用着。",
                "请用已经打开的那个窗口；没有看到窗口时，注销系统账户再登录。",
            ) from error
        self._closed = finalize(self, os.close, self._handle)
        self.unclean = os.read(self._handle, len(_OPEN)) == _OPEN
        with suppress(OSError):  # what cannot be noted only costs a check
            self._note(_OPEN)

    def _note(self, word: bytes) -> None:
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.ftruncate(self._handle, 0)
        os.write(self._handle, word)

    def release(self, *, clean: bool = True) -> None:
        """Give the store back. Safe to call twice."""
        if self._closed.alive:
            if clean:
                with suppress(OSError):
                    self._note(b"")
            self._closed()


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
