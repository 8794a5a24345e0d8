"""The platform's log: one line per event, as text or JSON, without what people said or who they are.

Requests are told by route, status and time. Of an error the log keeps its kind and where it came
from; its message may quote what was sent or stored, and is left out.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

ACCESS = "jiban.access"
_FIELDS = ("route", "method", "status", "ms", "township", "request")


def open_log(stream: TextIO | None = None, *, as_json: bool = False) -> logging.Handler:
    """Send the log of this process to ``stream``, by default standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if as_json else PlainLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    if not as_json:
        logging.getLogger(ACCESS).setLevel(logging.WARNING)
    return handler


def close_log(handler: logging.Handler) -> None:
    """Take the handler off again."""
    logging.getLogger().removeHandler(handler)
    logging.getLogger(ACCESS).setLevel(logging.NOTSET)


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def _kinds(error: BaseException) -> str:
    """Return the kind of an error and of what it came from."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        state = getattr(cause, "sqlstate", None)
        kinds.append(type(cause).__name__ + (f"({state})" if state else ""))
        cause = cause.__cause__ or cause.__context__
    return " < ".join(kinds)


class JsonLines(logging.Formatter):
    """``{"at", "level", "logger", "message", …}``, one object per line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _kinds(record.exc_info[1])
            line["where"] = _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """The same for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Format anew: another handler may have left its own rendering of the error in ``record``."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: object) -> str:  # noqa: N802 - the base class's name
        error = ei[1] if isinstance(ei, tuple) else None
        if error is None:
            return ""
        return f"  {_kinds(error)}\n" + "\n".join(f"    {line}" for line in _where(error))
