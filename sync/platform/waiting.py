"""Long polls: a change wakes the seats it concerns, at once here, within 50 ms from other processes.

The seats of the center hear of every order, a handler's seat of his own: with hundreds waiting, a
new order wakes the few at the center and leaves the villages alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger("jiban.platform")

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class News:
    """What a township's feed has had since a position. ``persons`` None concerns everybody."""

    position: int
    persons: frozenset[str] | None = frozenset()


Interest = tuple[str, str | None]
"""A township, and whose orders there; None is interested in all of the township's."""


class Waiters:
    """Belongs to one event loop; ``notify`` may be called from any thread."""

    def __init__(
        self, news: Callable[[str, int], News], positions: Callable[[], dict[str, int]]
    ) -> None:
        self._news = news
        self._positions = positions
        self._seen: dict[str, int] = {}
        self._waiting: dict[asyncio.Future[None], Interest] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self.closing = False

    @property
    def count(self) -> int:
        """How many requests wait now."""
        return len(self._waiting)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._watcher = self._loop.create_task(self._watch())

    async def stop(self) -> None:
        self.close()
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher

    def close(self) -> None:
        """Let every waiting request answer now: the server is stopping."""
        self.closing = True
        for township in {township for township, _ in self._waiting.values()}:
            self._wake(township, None)

    def notify(self, township: str) -> None:
        """Say from any thread that something was written here."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)

    def listen(self, interest: Interest) -> asyncio.Future[None]:
        """Return a future that the next change of interest resolves.

        Take it before reading, then wait: nothing falls between the two.
        """
        future = asyncio.get_running_loop().create_future()
        if self.closing:
            future.set_result(None)
        else:
            self._waiting[future] = interest
        return future

    async def wait(self, futures: set[asyncio.Future[None]], seconds: float) -> bool:
        """Wait for one of them; False when the time ran out or the server is stopping."""
        done, _ = await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done) and not self.closing

    def forget(self, future: asyncio.Future[None]) -> None:
        self._waiting.pop(future, None)
        future.cancel()

    def _wake(self, township: str, persons: frozenset[str] | None) -> None:
        for future, (where, person_id) in list(self._waiting.items()):
            if where != township:
                continue
            if persons is None or person_id is None or person_id in persons:
                del self._waiting[future]
                if not future.done():
                    future.set_result(None)

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), POLL_SECONDS)
            self._changed.clear()
            if not self._waiting:
                continue
            try:
                await self._look()
            except Exception:
                log.exception("the feed could not be looked at")
                await asyncio.sleep(1)

    async def _look(self) -> None:
        positions = await asyncio.to_thread(self._positions)
        for township in {township for township, _ in self._waiting.values()}:
            seen, position = self._seen.get(township), positions.get(township, 0)
            if seen is None:
                self._seen[township] = position
                self._wake(township, None)
            elif seen != position:
                news = await asyncio.to_thread(self._news, township, seen)
                self._seen[township] = news.position
                self._wake(township, news.persons)
