"""Writing to a stick without holding the window up: a stick may take minutes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.refusals import Refusal
from desktop_app.services.outbox_export import StickFailed, Told
from local_store.errors import StoreError

Write = Callable[[Path, Told], object]


class ExportJob(QObject):
    """Runs one export at a time. ``succeeded(Exported)`` or ``failed(title, advice)`` follows.

    Closing the program while it runs abandons it: what stands under the file's name is always whole.
    """

    succeeded = Signal(object)
    failed = Signal(str, str)
    progressed = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """From the start until ``settle``."""
        return self._thread is not None

    def settle(self) -> None:
        """The outcome has been heard; another export may start."""
        self._thread = None

    def start(self, write: Write, path: Path) -> None:
        """Write to ``path`` unless an export is under way."""
        if self.running:
            return
        self._thread = threading.Thread(target=self._work, args=(write, path), daemon=True)
        self._thread.start()

    def _work(self, write: Write, path: Path) -> None:
        try:
            self._tell(*self._done(write, path))
        except RuntimeError:
            return  # the window has gone meanwhile

    def _done(self, write: Write, path: Path) -> tuple[object, str, str]:
        try:
            return write(path, self.progressed.emit), "", ""
        except (StickFailed, StoreError) as error:
            return None, error.title, error.advice
        except Refusal as refusal:
            return None, refusal.reason, refusal.advice

    def _tell(self, done: object, title: str, advice: str) -> None:
        if done is None:
            self.failed.emit(title, advice)
        else:
            self.succeeded.emit(done)
