"""How often somebody may ask: a bucket per session, and one per network for whoever has none.

The limits are far above what seats need (a poll, an act, the pieces of a photo) and stop what runs
wild or floods. What they say is 429 with ``Retry-After``, which every seat keeps to.

They hold for all processes together, and cost nobody who keeps to them a look at the database: each
process lets a part in by itself, and fetches more from the bucket that all share only when that is
used up (``shares``).
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sync.platform import problems


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` requests at once, then ``per_second``: of all processes together."""

    burst: float
    per_second: float


SESSION = Rate(2000, 100)
ADDRESS = Rate(3000, 100)  # signing in, renewing, hello: a county may sit behind one address
REMEMBERED = 20_000
OWN_BURST, OWN_RATE = 0.25, 0.1
"""What part of a rate a process gives out by itself."""
DRY_SECONDS = 1.0  # how long a process does not look again whether there is more
DRAWS = 4  # at a time: a flood of many must not take everybody's threads

Share = Callable[[str, Rate, float], float]
"""Takes up to so many from the bucket that all processes share; returns how many there were."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float
    dry_until: float = float("-inf")


class Buckets:
    """What a process gives out by itself, by key. Safe to share between threads; bounded."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, now: float, more: float = 0.0) -> bool:
        """Take one, after ``more`` were put in; False when there is none. ``now`` is monotonic."""
        burst = self.rate.burst * OWN_BURST
        with self._lock:
            bucket = self._kept.pop(key, None) or _Bucket(burst, now)
            grown = max(0.0, now - bucket.at) * self.rate.per_second * OWN_RATE
            bucket.left, bucket.at = max(bucket.left, min(burst, bucket.left + grown)) + more, now
            self._kept[key] = bucket
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
            if bucket.left < 1:
                return False
            bucket.left -= 1
            return True

    def dry(self, key: str, now: float) -> bool:
        """Whether it was seen a moment ago that there is no more."""
        bucket = self._kept.get(key)
        return bucket is not None and 0 < bucket.dry_until - now <= DRY_SECONDS

    def dried(self, key: str, now: float) -> None:
        """Note that there is no more."""
        with self._lock:
            bucket = self._kept.get(key)
            if bucket is not None:
                bucket.dry_until = now + DRY_SECONDS


@dataclass(frozen=True, slots=True)
class Short:
    """A request that a process cannot let in by itself."""

    buckets: Buckets
    key: str


@dataclass(slots=True)
class Rates:
    """The limits as one process keeps them. ``now`` returns real, monotonic seconds."""

    now: Callable[[], float]
    share: Share
    session: Rate = SESSION
    address: Rate = ADDRESS
    _sessions: Buckets = field(init=False)
    _addresses: Buckets = field(init=False)
    _proved: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _drawing: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._sessions, self._addresses = Buckets(self.session), Buckets(self.address)

    def admit(self, address: str, token: str) -> Short | None:
        """Let a request in, or return what ``draw`` has to find out. Touches no database.

        A token that has not proved good yet does not count as a session. Raises ``PlatformProblem`` 429.
        """
        known = bool(token) and token in self._proved
        buckets = self._sessions if known else self._addresses
        key = _hashed(token) if known else network_of(address)
        now = self.now()
        if buckets.take(key, now):
            return None
        if buckets.dry(key, now):
            raise problems.too_many_requests(1)
        return Short(buckets, key)

    def draw(self, short: Short) -> None:
        """Fetch more from what all processes share, and let the request in. Looks into the database.

        Raises ``PlatformProblem`` 429: there is no more, or somebody is fetching it just now.
        """
        buckets, key = short.buckets, short.key
        with self._alone(key) as alone:
            wanted = buckets.rate.burst * OWN_BURST
            more = self.share(key, buckets.rate, wanted) if alone else 0.0
            if buckets.take(key, self.now(), more):
                return
            if alone:
                buckets.dried(key, self.now())
        raise problems.too_many_requests(max(1, round(1 / buckets.rate.per_second)))

    @contextmanager
    def _alone(self, key: str) -> Iterator[bool]:
        """Whether nobody else draws for ``key``, and not too many for others."""
        with self._lock:
            alone = key not in self._drawing and len(self._drawing) < DRAWS
            if alone:
                self._drawing.add(key)
        try:
            yield alone
        finally:
            if alone:
                with self._lock:
                    self._drawing.discard(key)

    def proved(self, token: str) -> None:
        """Note that a request with this token was answered."""
        with self._lock:
            self._proved[token] = None
            self._proved.move_to_end(token)
            if len(self._proved) > REMEMBERED:
                self._proved.popitem(last=False)


def _hashed(token: str) -> str:
    """A token stands in no table."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


def network_of(address: str) -> str:
    """Return what counts as one place: an IPv4 address, of IPv6 the 64 bits that a line is given.

    Whoever has such a line has 2⁶⁴ addresses. What is no address counts as it is.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
