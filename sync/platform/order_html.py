"""Tables in web pages: what many systems export under the name of .xls.

The standard parser takes a time that grows with the square of a tag without an end; files come from
outside, so what is needed of the language is read here, in one pass with a bound on every tag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

MAX_SPAN = 50

Row = tuple[int, tuple[str, ...]]
"""The line in the file and the cells; no cells for a row in which the file breaks off."""

_TAG = re.compile(r"<([/!?]?)([a-zA-Z]{0,10})([^<>]{0,2000})>")
_SPAN = re.compile(r"colspan\s*=\s*[\"']?(\d{1,4})", re.IGNORECASE)
_PAGE_BEGINS = ("<html", "<!doctype html", "<table", "<meta", "<head", "<style", "<div")


def is_page(text: str) -> bool:
    """Whether a text file is a web page with a table."""
    head = text[:4096].lstrip("\ufeff \r\n\t").lower()
    return head.startswith(_PAGE_BEGINS) and "<table" in text.lower()


def table_rows(text: str) -> Iterator[Row]:
    """Yield the rows of all tables; rows of a table in a table are rows of their own."""
    row = _Row(1)
    at, line = 0, 1
    for tag in _TAG.finditer(text):
        row.say(text[at : tag.start()])
        line += text.count("\n", at, tag.start())
        at = tag.start()
        name = (tag[2] or "").lower()
        if name in ("tr", "table"):
            if row.cells or row.inside:
                yield row.line, row.ended()
            row = _Row(line, open_=not tag[1] and name == "tr")
        elif name in ("td", "th"):
            row.end_cell()
            if not tag[1]:
                row.begin_cell(tag[3])
        elif name in ("br", "p", "div"):
            row.say("\n")
        line += text.count("\n", at, tag.end())
        at = tag.end()
    if row.open:
        yield row.line, ()


class _Row:
    """A row while its cells come in."""

    def __init__(self, line: int, *, open_: bool = False) -> None:
        self.line = line
        self.open = open_
        self.cells: list[str] = []
        self.inside = False
        self._said: list[str] = []
        self._span = 1

    def begin_cell(self, attributes: str) -> None:
        said = _SPAN.search(attributes)
        self._span = min(max(int(said[1]), 1), MAX_SPAN) if said else 1
        self.inside, self._said = True, []

    def say(self, text: str) -> None:
        if self.inside:
            self._said.append(text)

    def end_cell(self) -> None:
        if self.inside:
            text = html.unescape("".join(self._said)).strip()
            self.cells += [text] + [""] * (self._span - 1)
        self.inside = False

    def ended(self) -> tuple[str, ...]:
        self.end_cell()
        return tuple(self.cells)
