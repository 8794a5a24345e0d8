"""One row of a table of whatever shape, and the bounds on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_BYTES = 256 * 1024 * 1024  # unpacked
MAX_FIELD = 100_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
TOO_MANY = "行数太多，后面的没有读。请分成几份再派。"
TOO_LONG = "有一格太长，读不了。"


class OrderFileError(Exception):
    """Nothing can be read from the file. ``title`` and ``advice`` are Chinese."""

    def __init__(self, title: str, advice: str) -> None:
        super().__init__(f"{title}{advice}")
        self.title = title
        self.advice = advice


class _NotCalculated:
    """What a cell holds whose formula nobody has calculated yet."""

    def __str__(self) -> str:
        return ""


NOT_CALCULATED = _NotCalculated()


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``number`` as an editor or spreadsheet counts it; ``complaint`` if it is unreadable.

    ``cells`` are str, int, float, datetime, None or ``NOT_CALCULATED``; ``names`` are set where the row
    names its own columns (JSON). ``cut``: the row is shorter than a whole one could be, the file ends
    in it. ``note``: no row, but something to tell of the file. ``from_1904``: its days count from there.
    """

    number: int
    cells: tuple[Any, ...] = ()
    names: tuple[str, ...] | None = None
    complaint: str = ""
    cut: bool = False
    sheet: str = ""
    note: str = ""
    from_1904: bool = False
