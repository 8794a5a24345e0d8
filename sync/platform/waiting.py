"""Long polls: a change wakes the seats it concerns, whichever process wrote it.

The seats of a center hear of every order, a handler's seat of his own: with hundreds waiting, a
new order wakes the few at its center and leaves the villages alone. Writes of this process are
known at once. Those of others are heard over ``listening`` on PostgreSQL, within a millisecond or
two; on SQLite the feed is looked at every 50 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sync.platform.listening import Listener

log = logging.getLogger("jiban.platform")

POLL_SECONDS = 0.05
DEAF_SECONDS = 0.5
"""How often to look on PostgreSQL while the connection that listens is away."""

SELDOM_SECONDS = 5.0
"""How often to look although notices come: one may have been lost with the process that owed it."""

REST_SECONDS = 1.0
"""Before the feed is looked at again after the store failed."""


@dataclass(frozen=True, slots=True)
class News:
    """What a township's feed has had since a position. ``persons`` None concerns everybody."""

    position: int
    epoch: str
    persons: frozenset[str] | None = frozenset()


Interest = tuple[str, str | None]
"""A township, and whose orders there; None is interested in all of the township's."""

Future = asyncio.Future[None]


class Feeds(Protocol):
    """Where the news is read."""

    def positions(self) -> dict[str, int]: ...

    def news(self, township: str, after: int) -> News: ...


class Waiters:
    """Belongs to one event loop; ``notify`` may be called from any thread."""

    def __init__(
        self,
        feeds: Feeds,
        listener: Callable[[Callable[[str | None], None]], Listener] | None = None,
    ) -> None:
        self._feeds = feeds
        self._listener = listener(self._hear) if listener else None
        self._seen: dict[str, News] = {}
        self._waiting: dict[str, dict[Future, str | None]] = {}
        self._hinted: set[str] = set()
        self._everywhere = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.closing = False

    @property
    def count(self) -> int:
        """How many requests wait now."""
        return sum(map(len, list(self._waiting.values())))

    @property
    def listening(self) -> bool:
        """Whether notices of other processes come now."""
        return self._listener is not None and self._listener.connected

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks = [self._loop.create_task(self._watch())]
        if self._listener is not None:
            self._tasks.append(self._loop.create_task(self._listener.run()))

    async def stop(self) -> None:
        self.close()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def close(self) -> None:
        """Let every waiting request answer now: the server is stopping."""
        self.closing = True
        for township in list(self._waiting):
            self._wake(township, None)

    def seen(self, township: str) -> News | None:
        """Return the newest news of a township that everybody who waits has been woken for."""
        return self._seen.get(township)

    def notify(self, township: str) -> None:
        """Say from any thread that a township's feed has moved on."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # closed meanwhile: nobody waits any more
                self._loop.call_soon_threadsafe(self._hear, township)

    def _hear(self, township: str | None) -> None:
        if township is None:
            self._everywhere = True
        else:
            self._hinted.add(township)
        self._changed.set()

    def listen(self, interest: Interest) -> Future:
        """Return a future that the next change of interest resolves.

        Take it before reading, then wait: nothing falls between the two.
        """
        township, person_id = interest
        future = asyncio.get_running_loop().create_future()
        if self.closing:
            future.set_result(None)
        else:
            self._waiting.setdefault(township, {})[future] = person_id
        return future

    async def wait(self, futures: set[Future], seconds: float) -> bool:
        """Wait for one of them; False when the time ran out or the server is stopping."""
        done, _ = await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done) and not self.closing

    def forget(self, interest: Interest, future: Future) -> None:
        waiting = self._waiting.get(interest[0])
        if waiting is not None:
            waiting.pop(future, None)
            if not waiting:
                del self._waiting[interest[0]]
        future.cancel()

    def _wake(self, township: str, persons: frozenset[str] | None) -> None:
        waiting = self._waiting.get(township, {})
        for future, person_id in list(waiting.items()):
            if persons is None or person_id is None or person_id in persons:
                del waiting[future]
                if not future.done():
                    future.set_result(None)
        if not waiting:
            self._waiting.pop(township, None)

    def _pause(self) -> float:
        if self._listener is None:
            return POLL_SECONDS
        return SELDOM_SECONDS if self._listener.connected else DEAF_SECONDS

    async def _watch(self) -> None:
        while True:
            everywhere = False
            try:
                await asyncio.wait_for(self._changed.wait(), self._pause())
            except TimeoutError:
                everywhere = True
            everywhere, self._everywhere = everywhere or self._everywhere, False
            hinted, self._hinted = self._hinted, set()
            self._changed.clear()
            try:
                await self._look(hinted, everywhere=everywhere)
            except Exception:
                log.exception("the feed could not be looked at")
                await asyncio.sleep(REST_SECONDS)
                self._hear(None)

    async def _look(self, hinted: set[str], *, everywhere: bool) -> None:
        """Tell whoever waits. Where nobody does, forget what was seen: it is older than the feed now,
        and whoever comes with a cursor there must not take it for the end.
        """
        if everywhere and self._waiting:
            hinted = hinted | await self._moved()
        for township in list(self._seen) if everywhere else hinted:
            if township not in self._waiting:
                self._seen.pop(township, None)
        for township in hinted & self._waiting.keys():
            await self._tell(township)

    async def _moved(self) -> set[str]:
        positions = await asyncio.to_thread(self._feeds.positions)
        return {
            township
            for township, position in positions.items()
            if township not in self._seen or self._seen[township].position != position
        }

    async def _tell(self, township: str) -> None:
        """Wake whom the news of a township concerns; all of it when it is the first look."""
        before = self._seen.get(township)
        after = before.position if before else 0
        news = await asyncio.to_thread(self._feeds.news, township, after)
        if before is None or (news.position, news.epoch) != (before.position, before.epoch):
            self._seen[township] = news
            self._wake(township, news.persons if before else None)
