"""Work with a stick without holding the window up: it may take minutes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.refusals import Refusal
from desktop_app.services.outbox_export import StickFailed, Told
from local_store.errors import StoreError
from sync.client.bring import BringFailed

Work = Callable[[Told], object]


class StickJob(QObject):
    """Runs one work at a time. ``succeeded(object)`` or ``failed(title, advice)`` follows.

    Closing the program while it runs abandons it: what stands under a file's name is always whole,
    and what the center has not answered for is handed in again.
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
        """The outcome has been heard; another work may start."""
        self._thread = None

    def start(self, work: Work) -> None:
        """Do ``work`` in a thread unless another is under way."""
        if self.running:
            return
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Work) -> None:
        try:
            self._tell(*self._done(work))
        except RuntimeError:
            return  # the window has gone meanwhile

    def _done(self, work: Work) -> tuple[object, str, str]:
        try:
            return work(self.progressed.emit), "", ""
        except (StickFailed, BringFailed, StoreError) as error:
            return None, error.title, error.advice
        except Refusal as refusal:
            return None, refusal.reason, refusal.advice

    def _tell(self, done: object, title: str, advice: str) -> None:
        if done is None:
            self.failed.emit(title, advice)
        else:
            self.succeeded.emit(done)
