"""A village's line: so many bits a second and so long a way, for every connection together.

An asyncio relay in a thread of its own. Each segment of at most 1,460 bytes leaves when the line is
free, takes 40 bytes of header along, and arrives half a round trip later; a new connection costs a
round trip before its first byte, as TCP's does. Nothing is lost and nothing is reordered.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

SEGMENT, HEADER = 1460, 40
VILLAGE_KBIT, VILLAGE_RTT = 256, 0.3


class Direction:
    """One way of the line. ``carried``: bytes of content that have arrived; ``first``: when the first of
    them did since ``begin``; ``handed``: when something was last handed over to be carried.
    """

    def __init__(self, bits_per_second: float, latency: float) -> None:
        self._rate, self._latency = bits_per_second / 8, latency
        self._free_at = 0.0
        self.begin()

    def begin(self) -> None:
        """Count from here."""
        self.carried = 0
        self.first = self.handed = math.inf

    def arrived(self, now: float, size: int) -> None:
        self.first = min(self.first, now)
        self.carried += size

    def arrival(self, now: float, size: int) -> float:
        """Return when ``size`` bytes handed over ``now`` arrive."""
        self.handed = now
        taken = (size + HEADER) / self._rate if self._rate else 0.0
        self._free_at = max(now, self._free_at) + taken
        return self._free_at + self._latency


class Line:
    """Relays to ``target`` (a URL). ``kbit`` 0: as fast as the machine; ``rtt`` in seconds."""

    def __init__(self, target: str, kbit: float, rtt: float) -> None:
        parts = urlsplit(target)
        assert parts.hostname is not None
        self._target = (parts.hostname, parts.port or 80)
        self._rtt = rtt
        self.kbit = kbit
        self.up = Direction(kbit * 1000, rtt / 2)
        self.down = Direction(kbit * 1000, rtt / 2)
        self.connections = 0
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="line")
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        relays: set[asyncio.Task[None]] = set()

        def accept(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            relays.add(self._loop.create_task(self._relay(near, back)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=SEGMENT)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stop.wait()
        server.close()
        for relay in relays:
            relay.cancel()
        await asyncio.gather(*relays, return_exceptions=True)

    async def _relay(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.connections += 1
        open_at = self._loop.time() + self._rtt
        far, there = await asyncio.open_connection(*self._target, limit=SEGMENT)
        try:
            await asyncio.gather(
                self._carry(near, there, self.up, open_at), self._carry(far, back, self.down)
            )
        finally:
            for writer in (there, back):
                writer.close()

    async def _carry(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        way: Direction,
        open_at: float = 0.0,
    ) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = self._loop.create_task(self._deliver(under_way, sink, way))
        try:
            while data := await source.read(SEGMENT):
                at = way.arrival(max(self._loop.time(), open_at), len(data))
                under_way.put_nowait((at, data))
        except ConnectionError:
            pass
        except asyncio.CancelledError:
            delivering.cancel()
            raise
        under_way.put_nowait((self._loop.time() + self._rtt / 2, b""))
        await delivering

    async def _deliver(
        self,
        under_way: asyncio.Queue[tuple[float, bytes]],
        sink: asyncio.StreamWriter,
        way: Direction,
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                at, data = await under_way.get()
                if (left := at - self._loop.time()) > 0:
                    await asyncio.sleep(left)
                if not data:
                    sink.write_eof()
                    return
                way.arrived(self._loop.time(), len(data))
                sink.write(data)


@contextmanager
def village_line(
    target: str, kbit: float = VILLAGE_KBIT, rtt: float = VILLAGE_RTT
) -> Iterator[Line]:
    """Relay to ``target`` over such a line while the block runs."""
    line = Line(target, kbit, rtt)
    try:
        yield line
    finally:
        line.close()
