"""Work in a thread of its own; what becomes of it is told in the window's thread.

The thread touches no object of the window. It hands what it has to say to one object that lives as long
as the program, and in the window's thread it is then seen whether anybody is still there to hear it: an
object that emits in one thread while another deletes it takes the program along.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

log = logging.getLogger("jiban")
Told = Callable[[object], None]
"""Called by the work, in its thread, with how far it is."""
Work = Callable[[Told], object]


class Post(QObject):
    """Carries calls from any thread into the one it was made in. ``post`` gives the one there is."""

    _brought = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._brought.connect(self._on_brought, Qt.ConnectionType.QueuedConnection)

    def bring(self, call: Callable[[], None]) -> None:
        """Have ``call`` made in the window's thread, soon."""
        self._brought.emit(call)

    def tell(self, owner: weakref.ref[Any], signal: str) -> None:
        """Have ``owner`` emit ``signal`` there, unless it is gone by then."""
        self.bring(partial(_emit, owner, signal))

    @Slot(object)
    def _on_brought(self, call: Callable[[], None]) -> None:
        call()


@cache
def post() -> Post:
    """Return the one of this program; first asked for in the window's thread."""
    return Post()


def _emit(owner: weakref.ref[Any], signal: str) -> None:
    found = owner()
    if found is not None and isValid(found):
        getattr(found, signal).emit()


class Job(QObject):
    """One work at a time. ``succeeded(object)`` with what it returned or ``failed(object)`` with what it
    raised follows, unless it was abandoned; ``progressed(object)`` before that, as often as it says.

    The thread does not keep the program alive.
    """

    succeeded = Signal(object)
    failed = Signal(object)
    progressed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._round = 0
        self._thread: threading.Thread | None = None
        self._post = post()

    @property
    def running(self) -> bool:
        """From the start until the outcome is told."""
        return self._thread is not None

    def start(self, work: Work) -> None:
        """Do ``work``; an earlier one that is still under way no longer counts."""
        self._round += 1
        ending = partial(_hear, weakref.ref(self), self._round)
        self._thread = threading.Thread(
            target=_run, args=(work, self._post, ending), name="job", daemon=True
        )
        self._thread.start()

    def abandon(self) -> None:
        """Forget the work that is under way; nothing is told of it any more."""
        self._round += 1
        self._thread = None

    def wait(self, seconds: float) -> bool:
        """Wait in this thread for the work to end. False when it did not in time."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _heard(self, round_: int, signal: str, value: object) -> None:
        if round_ != self._round:
            return
        if signal != "progressed":
            self._thread = None
        getattr(self, signal).emit(value)


def _hear(job: weakref.ref[Job], round_: int, signal: str, value: object) -> None:
    found = job()
    if found is not None and isValid(found):
        found._heard(round_, signal, value)  # noqa: SLF001 - the job's own other half


def _run(work: Work, post: Post, hear: Callable[[str, object], None]) -> None:
    def told(value: object) -> None:
        post.bring(partial(hear, "progressed", value))

    try:
        result = work(told)
    except Exception as error:  # whoever waits must hear of it, whatever it is
        if not hasattr(error, "advice"):
            log.exception("fault of the program")
        post.bring(partial(hear, "failed", error))
    else:
        post.bring(partial(hear, "succeeded", result))
