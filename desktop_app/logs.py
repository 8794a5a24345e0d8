"""The seat's log: inside the profile, bounded, and without what people said or who they are."""

from __future__ import annotations

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

from desktop_app.domain.masking import mask_text

_FILES = 3
_BYTES = 512 * 1024
_CJK = re.compile(r"[\u3400-\u9fff]{2,}")
_DIGITS = re.compile(r"\d{7,}")


def scrub(text: str) -> str:
    """Take out what could name somebody: Chinese words and long numbers (order texts, names, phones)."""
    return _DIGITS.sub("#", _CJK.sub("〔文〕", mask_text(text, "#")))


class _Scrubbed(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def open_log(profile: Path) -> logging.Handler:
    """Send the program's log to ``<profile>/log/jiban.log``: at most 1.5 MB. Raises ``OSError``."""
    folder = profile / "log"
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / "jiban.log", maxBytes=_BYTES, backupCount=_FILES - 1, encoding="utf-8", delay=True
    )
    # A full disk is said in the window; a traceback per line would be said to nobody.
    logging.raiseExceptions = False
    handler.setFormatter(_Scrubbed("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # A line per heartbeat would push everything of interest out of the file.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    return handler


def close_log(handler: logging.Handler) -> None:
    """Take the handler off again."""
    logging.getLogger().removeHandler(handler)
    handler.close()
