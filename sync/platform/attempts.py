"""Login attempts: after a few wrong ones the next has to wait, longer each time."""

from __future__ import annotations

import threading
from collections import OrderedDict

FREE = 4  # wrong passwords before the first wait
LONGEST = 300.0  # seconds
FORGET = 3600.0
REMEMBERED = 10_000


class Attempts:
    """Counts failures per key in memory; bounded, safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> int:
        """Return the seconds that ``key`` still has to wait, 0 for none."""
        with self._lock:
            count, last = self._failures.get(key, (0, now))
            if count < FREE or now - last > FORGET:
                return 0
            left = last + min(LONGEST, 2.0 ** (count - FREE + 1)) - now
            return max(0, int(left) + 1) if left > 0 else 0

    def failed(self, key: str, now: float) -> None:
        with self._lock:
            count, last = self._failures.pop(key, (0, now))
            self._failures[key] = (1 if now - last > FORGET else count + 1, now)
            while len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        with self._lock:
            self._failures.pop(key, None)
