"""A proxy between a seat and its platform that does what bad lines do. asyncio, real sockets.

``with fault_proxy(url) as line:`` then ``line.url`` instead of the platform's. ``line.arm(Fault(...))``
spoils the next exchanges whose request begins with ``match``; ``line.down()`` / ``line.up()`` take
the whole line away: connections are reset and new ones refused. ``line.shape(Link(...))`` makes the
line as bad as lines are. With ``tls`` the line is encrypted up to here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.support.exchange import Exchange, Fault, Peer
from tests.support.link import FAIR, Lane, Link, Weather

__all__ = ["PORTAL", "Fault", "FaultProxy", "Link", "fault_proxy"]

PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Length: 37\r\n\r\n<html><h1>Please sign in</h1></html>\r\n"
)
T = TypeVar("T")


@dataclass
class _Armed:
    fault: Fault
    left: int | None


class FaultProxy:
    """One listening socket; an event loop in a thread of its own. Methods may be called from any."""

    def __init__(self, target: str, tls: ssl.SSLContext | None = None) -> None:
        self._target = _address(target)
        self._tls = tls
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._peers: set[Peer] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._port = 0
        self._server: asyncio.Server | None = None
        self._flapping: asyncio.Task[None] | None = None
        self.link = FAIR
        self.weather: Weather | None = None
        self.lanes = (Lane(FAIR, 1), Lane(FAIR, 2))
        self.exchanges: list[bytes] = []
        self.replayed: list[bytes] = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self.up()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    def retarget(self, target: str) -> None:
        """Lead to another platform from the next connection on; present ones are reset."""
        self._target = _address(target)
        self._call(self._reset())

    def certify(self, tls: ssl.SSLContext) -> None:
        """Show another certificate from the next connection on; present ones are reset."""
        self.down()
        self._tls = tls
        self.up()

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault, fault.times))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def armed(self) -> bool:
        """Whether a fault still waits for its exchange."""
        with self._lock:
            return any(a.left != 0 for a in self._armed)

    def up(self) -> None:
        self._call(self._open())

    def down(self) -> None:
        """Refuse new connections and reset the present ones."""
        self._call(self._shut())

    def drop(self) -> None:
        """Reset the present connections: the next exchange goes over a new one."""
        self._call(self._reset())

    def shape(self, link: Link, seed: int = 1) -> None:
        """Be such a line from now on; ``FAIR`` ends it."""
        self._call(self._shape(link, seed))

    def skip(self, seconds: float) -> None:
        """Let so much time pass at once for a line that comes and goes; nothing is under way."""
        self._call(self._skip(seconds))

    def close(self) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def take(self, head: bytes) -> Fault | None:
        """Return the fault for an exchange that begins with ``head``, and count it."""
        with self._lock:
            self.exchanges.append(head.partition(b"\r\n")[0])
            for armed in self._armed:
                if armed.left == 0 or not head.startswith(armed.fault.match):
                    continue
                if armed.left is not None:
                    armed.left -= 1
                return armed.fault
        return None

    # --- in the loop ---

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", self._port, backlog=1024, ssl=self._tls
            )
            self._port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        await self._reset()

    async def _reset(self) -> None:
        for peer in tuple(self._peers):
            peer.abort()

    async def _shape(self, link: Link, seed: int) -> None:
        if self._flapping is not None:
            self._flapping.cancel()
            self._flapping = None
            await self._open()
        self.link, self.weather = link, Weather(link)
        self.lanes = (Lane(link, seed), Lane(link, seed + 1))
        await self._reset()
        if link.cutting and link.down:
            self._flapping = asyncio.create_task(self._flap())

    async def _flap(self) -> None:
        assert self.weather is not None
        while True:
            await (self._shut() if self.weather.gone() else self._open())
            await asyncio.sleep(self.weather.turns_in() + 0.001)

    async def _skip(self, seconds: float) -> None:
        if self.weather is None:
            return
        self.weather.skip(seconds)
        if self._flapping is not None:
            await self._reset()
            self._flapping.cancel()
            await (self._shut() if self.weather.gone() else self._open())
            self._flapping = asyncio.create_task(self._flap())

    async def _end(self) -> None:
        if self._flapping is not None:
            self._flapping.cancel()
        await self._shut()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self.connections += 1
        client = Peer(reader, writer)
        with self._present(client), contextlib.suppress(OSError):
            server = await self.dial()
            with self._present(server):
                await Exchange(self, client, server).run()

    async def dial(self) -> Peer:
        """Return a new connection to the platform. Raises ``OSError``."""
        return Peer(*await asyncio.open_connection(*self._target))

    @contextmanager
    def _present(self, peer: Peer) -> Iterator[None]:
        self._peers.add(peer)
        try:
            yield
        finally:
            self._peers.discard(peer)
            peer.close()


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return parts.hostname, parts.port or 80


@contextmanager
def fault_proxy(target: str, tls: ssl.SSLContext | None = None) -> Iterator[FaultProxy]:
    """Run a proxy to ``target`` (a URL) while the block runs."""
    proxy = FaultProxy(target, tls)
    try:
        yield proxy
    finally:
        proxy.close()
