"""The sync thread: made, started and joined by ``app.py``."""

from __future__ import annotations

from PySide6.QtCore import QThread

from desktop_app.domain.clock import Clock, PlatformTime
from local_store.store import Store
from sync.client.worker import SyncWorker

_JOIN_MS = 8000
_unended: list[SyncThread] = []
"""Threads that did not end in time. Qt ends the program when it loses one that runs."""


class SyncThread:
    """One thread with the worker in it."""

    def __init__(self, store: Store, time: PlatformTime, clock: Clock) -> None:
        self.worker = SyncWorker(store, time, clock)
        self._thread = QThread()
        self._thread.setObjectName("sync")
        self.worker.moveToThread(self._thread)
        self._thread.started.connect(self.worker.run)

    def start(self) -> None:
        """Start syncing."""
        self._thread.start()

    def stop(self) -> bool:
        """Stop and join. False when the thread did not end in time."""
        self.worker.stop()
        self._thread.quit()
        ended = self._thread.wait(_JOIN_MS)
        if not ended:
            _unended.append(self)
        return ended
