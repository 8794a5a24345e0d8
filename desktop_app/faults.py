"""Where errors end up. Known ones become a notice; a fault of the program is logged and said once."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from desktop_app.domain.refusals import Refusal
from local_store.errors import StoreError

log = logging.getLogger("jiban")
Say = Callable[[str, str], None]
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def words_of(error: BaseException) -> tuple[str, str]:
    """Title and what to do, for the screen. Errors that are foreseen carry both."""
    if isinstance(error, Refusal):
        return error.reason, error.advice
    title, advice = getattr(error, "title", None), getattr(error, "advice", None)
    if isinstance(title, str) and isinstance(advice, str):
        return title, advice
    return "程序出了点问题", "办过的都已存在本机，没有丢。可以接着办；若再出现，请重新打开程序。"


class FaultEdge:
    """Catches what nobody caught, in every thread. ``say`` is called in the GUI thread only."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._before = (sys.excepthook, threading.excepthook)

    def install(self) -> None:
        """Take over the hooks."""
        sys.excepthook = self._on_fault
        threading.excepthook = self._on_thread_fault
        qInstallMessageHandler(_on_qt_message)

    def remove(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)

    def _on_fault(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        if isinstance(error, StoreError | Refusal):
            log.warning("%s", type(error).__name__)
        else:
            log.error("fault of the program", exc_info=(kind, error, trace))
        if threading.current_thread() is threading.main_thread():
            self._say(*words_of(error))

    def _on_thread_fault(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_fault(args.exc_type, args.exc_value, args.exc_traceback)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    logging.getLogger("jiban.qt").log(_LEVELS.get(kind, logging.WARNING), "%s", message)
