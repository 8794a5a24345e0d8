"""Asking the platform without holding the window up: one attempt in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from sync.client.login import LoginError


class SignInJob(QObject):
    """Runs ``ask`` once. ``succeeded(object)`` or ``failed(object)`` (``LoginError``) follows.

    An attempt that is no longer wanted is abandoned, not waited for: it holds nothing but a socket
    with its own deadline, and the thread does not keep the program alive.
    """

    succeeded = Signal(object)
    failed = Signal(object)
    _answered = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._round = 0
        self._answered.connect(self._on_answered)

    def start(self, ask: Callable[[], object]) -> None:
        """Ask; an earlier attempt that is still under way no longer counts."""
        self._round += 1
        round_ = self._round
        thread = threading.Thread(target=self._work, args=(ask, round_), daemon=True)
        thread.start()

    def abandon(self) -> None:
        """Forget the attempt that is under way."""
        self._round += 1

    def _work(self, ask: Callable[[], object], round_: int) -> None:
        try:
            answer = ask()
        except LoginError as error:
            answer = error
        try:
            self._answered.emit(round_, answer)
        except RuntimeError:
            return  # the window has gone meanwhile

    def _on_answered(self, round_: int, answer: object) -> None:
        if round_ != self._round:
            return
        if isinstance(answer, LoginError):
            self.failed.emit(answer)
        else:
            self.succeeded.emit(answer)
