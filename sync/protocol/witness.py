"""What a seat asks of the township's chain, so that the platform cannot forget what it once showed."""

from __future__ import annotations

from sync.protocol.messages import Message

MOST = 64
"""Entries one request may ask for."""


class Witnessed(Message, frozen=True, kw_only=True):
    """Answer to ``GET /v1/chain``: entries as ``number:hash`` (hex).

    ``head``: the newest that goes with the feed's newest position, "" when the cursor does not stand
    there: a seat may expect of a platform that knows its cursor only what came before it. ``entries``:
    those of the asked numbers that there are. ``known``: whether the platform made the cursor; one that
    was restored from a backup has not made the newest ones.
    """

    server_id: str
    epoch: str
    known: bool
    head: str = ""
    entries: tuple[str, ...] = ()
    end: str


def mark(number: int, digest: bytes) -> str:
    """Return an entry as text."""
    return f"{number}:{digest.hex()}"


def parse_mark(text: str) -> tuple[int, bytes]:
    """Return number and hash of an entry. Raises ``ValueError``."""
    number, _, digest = text.strip().partition(":")
    found = int(number), bytes.fromhex(digest)
    if found[0] < 1 or len(found[1]) != 32:
        raise ValueError(text)
    return found
