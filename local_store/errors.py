"""What can go wrong with the store, said once: a title and what to do next, in Chinese."""

from __future__ import annotations

from enum import StrEnum


class StoreProblem(StrEnum):
    """Stable codes of ``StoreError``."""

    NEWER = "newer"  # written by a newer program
    DAMAGED = "damaged"  # not readable; ``recovery`` builds it anew
    KEY = "key"  # the key is not there, or is not the one of this store
    PASSPHRASE = "passphrase"  # noqa: S105 - somebody has to type it
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


def closed() -> StoreError:
    """The error of whoever still wants something of a store that was closed."""
    return StoreError(StoreProblem.UNKNOWN, "本机数据已经关上。", "请重新打开即办台。")
