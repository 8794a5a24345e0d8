"""One finding: how bad, what it is, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """Also the exit status of the worst finding."""

    FINE = 0
    WARN = 1
    BROKEN = 2


MARKS = {Level.FINE: "✓", Level.WARN: "!", Level.BROKEN: "✗"}


@dataclass(frozen=True, slots=True)
class Check:
    """``text`` and ``advice`` are Chinese and name no person, number or account."""

    level: Level
    text: str
    advice: str = ""

    def lines(self) -> list[str]:
        """The finding as it is printed, the advice indented below."""
        return [f"{MARKS[self.level]} {self.text}", *([f"  {self.advice}"] if self.advice else [])]


def fine(text: str, advice: str = "") -> Check:
    return Check(Level.FINE, text, advice)


def warn(text: str, advice: str = "") -> Check:
    return Check(Level.WARN, text, advice)


def broken(text: str, advice: str = "") -> Check:
    return Check(Level.BROKEN, text, advice)
