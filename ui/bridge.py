"""What changed, from wherever it was written, to every screen: one signal in the GUI thread.

Own acts pass at once. What the sync thread brings is passed at once too when it comes alone, and gathered
while it comes in a stream (a first download is hundreds of pages).
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from local_store.changes import ChangeSet

_GATHER_MS = 150


class Bridge(QObject):
    """Lives in the GUI thread; ``on_synced`` may be connected to signals of other threads."""

    data_changed = Signal(object)  # ChangeSet

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: ChangeSet | None = None
        self._stopped = False
        self._timer = QTimer(self, singleShot=True, interval=_GATHER_MS)
        self._timer.timeout.connect(self._on_timeout)

    @Slot(object)
    def on_acted(self, changes: ChangeSet) -> None:
        """A person recorded something here."""
        self.data_changed.emit(changes)

    @Slot(object)
    def on_synced(self, changes: ChangeSet) -> None:
        """The sync thread stored something."""
        if self._stopped:
            return  # was on its way when the thread ended
        if self._timer.isActive():
            self._waiting = changes if self._waiting is None else self._waiting | changes
            return
        self._timer.start()
        self.data_changed.emit(changes)

    def stop(self) -> None:
        """Pass nothing on any more: the store closes."""
        self._stopped = True
        self._timer.stop()

    @Slot()
    def _on_timeout(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._timer.start()
            self.data_changed.emit(waiting)
