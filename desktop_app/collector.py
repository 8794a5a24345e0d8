"""Garbage collection in the window's thread only.

Python runs its cycle collector in whatever thread happens to allocate. A widget that dies in the
sync thread takes the program with it, so the collector is switched off and run from a timer here.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

EVERY_MS = 5_000


class Collector(QObject):
    """``start`` switches automatic collection off for good: at the program's end threads that are not
    waited for still run, and the windows are not gone yet.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limits = gc.get_threshold()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """From now on cycles are collected in this object's thread."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Collect no more."""
        self._timer.stop()

    @Slot()
    def _on_timeout(self) -> None:
        """Collect the oldest generation whose count is over its limit, as Python would."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > self._limits[generation]:
                gc.collect(generation)
                return
