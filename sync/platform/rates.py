"""How often somebody may ask: a bucket per session, and one per address for whoever has none.

Counted in memory, per process: behind a balancer the limits are those of one process times their
number. They are far above what seats need (a poll, an act, the pieces of a photo) and stop what
runs wild or floods. What they say is 429 with ``Retry-After``, which every seat keeps to.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sync.platform import problems


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` requests at once, then ``per_second``."""

    burst: float
    per_second: float


SESSION = Rate(2000, 100)
ADDRESS = Rate(3000, 100)  # signing in, renewing, hello: a county may sit behind one address
REMEMBERED = 20_000


class Buckets:
    """Token buckets by key. Safe to share between threads; bounded."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one; return 0.0, or the seconds until there is one. ``now`` is monotonic."""
        rate = self._rate
        with self._lock:
            left, at = self._left.pop(key, (rate.burst, now))
            left = min(rate.burst, left + max(0.0, now - at) * rate.per_second)
            enough = left >= 1
            self._left[key] = (left - 1 if enough else left, now)
            if len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
        return 0.0 if enough else (1 - left) / rate.per_second


class Rates:
    """The limits of one process. ``now`` returns real, monotonic seconds."""

    def __init__(
        self, now: Callable[[], float], session: Rate = SESSION, address: Rate = ADDRESS
    ) -> None:
        self._now = now
        self._sessions, self._addresses = Buckets(session), Buckets(address)
        self._proved: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, address: str, token: str) -> None:
        """Let a request in. A token that has not proved good yet does not count as a session.

        Raises ``PlatformProblem`` 429.
        """
        known = bool(token) and token in self._proved
        buckets, key = (self._sessions, token) if known else (self._addresses, address)
        wait = buckets.take(key, self._now())
        if wait:
            raise problems.too_many_requests(max(1, int(wait + 0.999)))

    def proved(self, token: str) -> None:
        """Note that a request with this token was answered."""
        with self._lock:
            self._proved[token] = None
            self._proved.move_to_end(token)
            if len(self._proved) > REMEMBERED:
                self._proved.popitem(last=False)
