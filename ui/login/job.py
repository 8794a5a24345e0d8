"""Asking the platform to sign somebody in, without holding the window up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from desktop_app.faults import words_of
from sync.client.failures import Failure, FailureKind, Problem
from sync.client.login import LoginError
from ui.job import Job


class SignInJob(QObject):
    """``succeeded(object)`` with what was answered, or ``failed(object)`` with a ``LoginError``.

    An attempt that is no longer wanted is not waited for: it holds nothing but a socket with its own
    deadline.
    """

    succeeded = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job = Job(self)
        self._job.succeeded.connect(self.succeeded)
        self._job.failed.connect(self._on_failed)

    def start(self, ask: Callable[[], object]) -> None:
        """Ask; an earlier attempt that is still under way no longer counts."""
        self._job.start(lambda _told: ask())

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.failed.emit(error if isinstance(error, LoginError) else _here(error))


def _here(error: Exception) -> LoginError:
    """What went wrong on this machine, before or after the platform was asked."""
    title, advice = words_of(error)
    return LoginError(Failure(FailureKind.LOCAL, Problem(FailureKind.LOCAL, title, advice)))
