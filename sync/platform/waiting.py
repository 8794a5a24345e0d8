"""Long polls: seats that wait are woken at once by writes here, within 50 ms by other processes'."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

log = logging.getLogger("jiban.platform")

POLL_SECONDS = 0.05


class Waiters:
    """Belongs to one event loop; ``notify`` may be called from any thread."""

    def __init__(self, position: Callable[[], int]) -> None:
        self._position = position
        self._seen = -1
        self._waiting: set[asyncio.Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._poller: asyncio.Task[None] | None = None
        self.closing = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._poller = self._loop.create_task(self._poll())

    async def stop(self) -> None:
        self.close()
        if self._poller is not None:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller

    def close(self) -> None:
        """Let every waiting request answer now: the server is stopping."""
        self.closing = True
        self._wake()

    def notify(self) -> None:
        """Wake the waiting requests from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def listen(self) -> asyncio.Future[None]:
        """Return a future that the next change resolves. Take it before reading, then wait."""
        future = asyncio.get_running_loop().create_future()
        if self.closing:
            future.set_result(None)
        else:
            self._waiting.add(future)
        return future

    async def wait(self, future: asyncio.Future[None], seconds: float) -> bool:
        """Wait for ``future``; False when the time ran out or the server is stopping."""
        done, _ = await asyncio.wait({future}, timeout=seconds)
        return bool(done) and not self.closing

    def forget(self, future: asyncio.Future[None]) -> None:
        self._waiting.discard(future)
        future.cancel()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self._waiting:
                continue
            try:
                position = await asyncio.to_thread(self._position)
            except Exception:
                log.exception("the feed could not be looked at")
                await asyncio.sleep(1)
                continue
            if position != self._seen:
                self._seen = position
                self._wake()
