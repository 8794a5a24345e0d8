"""The sync worker: the runner in a thread of its own. The only Qt file of the sync.

``app.py`` makes the thread and joins it::

    thread = QThread()
    worker = SyncWorker(store, time, clock)
    worker.moveToThread(thread)
    thread.started.connect(worker.run)
    thread.start()
    ...
    worker.stop()  # from the GUI thread; breaks off whatever is under way
    thread.wait()
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal, Slot

from desktop_app.domain.clock import Clock, PlatformTime
from desktop_app.domain.ids import OrderId
from local_store.store import Store
from sync.client.mailbox import Mailbox, Note
from sync.client.runner import Runner, Told

log = logging.getLogger("jiban.sync")


class SyncWorker(QObject):
    """``changed`` carries a ``ChangeSet``, ``state_changed`` a ``SyncState``, ``noticed`` a
    ``Problem``: one line for the user. All are emitted in the sync thread.
    """

    changed = Signal(object)
    state_changed = Signal(object)
    noticed = Signal(object)
    finished = Signal()

    def __init__(
        self,
        store: Store,
        time: PlatformTime,
        clock: Clock,
        *,
        dice: Callable[[], float] = random.random,
    ) -> None:
        super().__init__()
        self._store, self._time, self._clock = store, time, clock
        self._dice = dice
        self._mailbox = Mailbox()

    @Slot()
    def run(self) -> None:
        """Sync until ``stop``, then end the thread's event loop."""
        told = Told(self.changed.emit, self.state_changed.emit, self.noticed.emit)
        try:
            runner = Runner(
                self._store,
                self._time,
                self._clock,
                self._mailbox,
                told,
                dice=self._dice,
            )
            runner.run()
        except Exception:
            log.exception("the sync ended by a fault of the program")
            raise
        finally:
            self.finished.emit()
            QThread.currentThread().quit()

    # From any thread:

    def wake(self) -> None:
        """A new act was recorded: send it now."""
        self._mailbox.post(Note.WOKEN)

    def want_files(self, order_id: OrderId) -> None:
        """Somebody looks at this order and its photos are not all here: fetch them."""
        self._mailbox.want_files(order_id)

    def sync_now(self) -> None:
        """A person pressed F5, or the machine woke from sleep."""
        self._mailbox.post(Note.ASKED)

    def signed_in(self) -> None:
        """New credentials are in the store."""
        self._mailbox.post(Note.SIGNED_IN)

    def signed_out(self) -> None:
        """The person at this seat has left; nothing is sent until somebody signs in."""
        self._mailbox.post(Note.SIGNED_OUT)

    def stop(self) -> None:
        """End the sync within a moment, whatever hangs; then join the thread."""
        self._mailbox.stop()
