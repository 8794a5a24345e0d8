"""What can go wrong with the store, said once: a title and what to do next, in Chinese."""

from __future__ import annotations

from enum import StrEnum


class StoreProblem(StrEnum):
    """Stable codes of ``StoreError``."""

    NEWER = "newer"  # written by a newer program
    DAMAGED = "damaged"  # not readable, or the key does not fit
    LOCKED = "locked"  # another process holds it
    FULL = "full"  # no space left, or not writable
    UNKNOWN = "unknown"


class StoreError(Exception):
    """The local store cannot do it. Nothing was written. ``title`` and ``advice`` are for the screen."""

    def __init__(self, code: StoreProblem, title: str, advice: str, detail: str = "") -> None:
        super().__init__(f"{title}{advice}" + (f" ({detail})" if detail else ""))
        self.code = code
        self.title = title
        self.advice = advice
        self.detail = detail
