"""Orders already decoded: the acts of a day fall on few orders, and decoding is half the work.

An entry counts only for the feed position it was committed at, so another process's change is seen.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from desktop_app.domain.orders import Order

ENTRIES = 3000


class OrderCache:
    """Bounded, least recently used goes first; safe to share between threads."""

    def __init__(self, entries: int = ENTRIES) -> None:
        self._entries = entries
        self._lock = threading.Lock()
        self._orders: OrderedDict[tuple[str, str], tuple[int, Order]] = OrderedDict()
        self.age = 0

    def clear(self) -> None:
        """Forget everything: the positions may be given out a second time."""
        with self._lock:
            self._orders.clear()
            self.age += 1

    def get(self, township: str, order_id: str, position: int) -> Order | None:
        """Return the order as committed at ``position``, if it is here."""
        with self._lock:
            found = self._orders.get((township, order_id))
            if found is None or found[0] != position:
                return None
            self._orders.move_to_end((township, order_id))
            return found[1]

    def put(self, township: str, committed: Iterable[tuple[Order, int]], age: int) -> None:
        """Remember orders. Only after their transaction has been committed. ``age``: of the cache when
        that began; what was cleared meanwhile takes nothing from before.
        """
        with self._lock:
            if age != self.age:
                return
            for order, position in committed:
                self._orders[township, order.id] = (position, order)
                self._orders.move_to_end((township, order.id))
            while len(self._orders) > self._entries:
                self._orders.popitem(last=False)
