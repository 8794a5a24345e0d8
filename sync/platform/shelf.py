"""Pages packed before. Seats that begin from the start all ask for the same ones: a new seat, and every
seat at once when the platform was restored. An order's state at a feed position never changes, so the
positions of a page say all about its content.
"""

from __future__ import annotations

import hashlib
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence

ENTRIES = 64
"""Pages, of some 400 kB each."""

Key = tuple[str, str, bytes]


def key_of(township: str, epoch: str, positions: Sequence[int]) -> Key:
    """Return under which a page of the orders at these positions lies."""
    return township, epoch, hashlib.blake2b(array("q", positions).tobytes()).digest()


class Shelf:
    """Bounded, least recently used goes first; safe to share between threads."""

    def __init__(self, entries: int = ENTRIES) -> None:
        self._entries = entries
        self._lock = threading.Lock()
        self._pages: OrderedDict[Key, list[bytes]] = OrderedDict()
        self.age = 0

    def clear(self) -> None:
        """Forget all: the positions may be given out a second time."""
        with self._lock:
            self._pages.clear()
            self.age += 1

    def get(self, key: Key) -> list[bytes] | None:
        """Return the packs of a page, if it is here."""
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
            return found

    def put(self, key: Key, packs: list[bytes], age: int) -> None:
        """Keep a page. ``age``: of the shelf before its orders were read; none from before a clearing."""
        with self._lock:
            if age != self.age:
                return
            self._pages[key] = packs
            while len(self._pages) > self._entries:
                self._pages.popitem(last=False)
