"""One connection through the fault proxy, exchange by exchange, and what can be done to each."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.link import FAIR, PACKET, Lane

if TYPE_CHECKING:
    from tests.support.proxy import FaultProxy

CHUNK = 65536
IN_FLIGHT = 32  # packets


@dataclass(frozen=True)
class Fault:
    """What happens to one exchange. ``match``: how its request begins (empty: any); ``times``: to how
    many exchanges (None: all until ``clear``). Offsets count bytes of the request or the response.
    """

    match: bytes = b""
    times: int | None = 1
    cut_request: int | None = None  # hang up after so many bytes of the request
    cut_response: int | None = None  # hang up after so many bytes of the response
    flip: int | None = None  # turn one bit of this byte of the response
    flip_request: int | None = None  # turn one bit of this byte of the request
    delay: float = 0.0  # seconds before each piece of the response
    drip: float | None = None  # seconds between single bytes of the response
    drip_request: float | None = None  # seconds between single bytes of the request
    stall_request: int | None = None  # after so many bytes of the request nothing goes on
    stall_response: int | None = None  # after so many bytes of the response nothing comes
    answer: bytes | None = None  # answer this instead of asking the platform
    answer_only: bytes = b""  # ... if the request holds this; else it goes on
    swallow: bool = False  # take the request and never answer
    reset: bool = False  # hang up with a reset rather than an orderly end
    replay: int = 1  # the request reaches the platform so many times, at once
    rewrite: Callable[[bytes], bytes] | None = field(default=None, compare=False)
    """Called with the whole response; what it returns is sent instead."""


class Peer:
    """One end of the line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        sock = writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def read(self) -> bytes:
        """Return what has come; nothing at the end, in whichever way it came."""
        try:
            return await self.reader.read(CHUNK)
        except OSError:
            return b""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        self.writer.transport.abort()

    def reset_at_close(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class _Over(Exception):
    """The connection is to end."""


class Exchange:
    """One connection. A piece from the client after the server spoke begins a new exchange."""

    def __init__(self, proxy: FaultProxy, client: Peer, server: Peer) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._fault = Fault()
        self._asked = self._answered = 0
        self._fresh = True
        self._request = bytearray()
        self._response = bytearray()

    async def run(self) -> None:
        """Carry until one side ends it, or a fault does."""
        up, down = self._proxy.lanes
        carriers = [
            asyncio.create_task(self._carry(self._client, self._server, self._ask, up)),
            asyncio.create_task(self._carry(self._server, self._client, self._answer, down)),
        ]
        try:
            await asyncio.wait(carriers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in carriers:
                task.cancel()
            await asyncio.gather(*carriers, return_exceptions=True)

    async def _carry(
        self, source: Peer, sink: Peer, work: Callable[[bytes], object], lane: Lane
    ) -> None:
        with contextlib.suppress(_Over, OSError):
            if self._proxy.link is FAIR:
                while data := await source.read():
                    await work(data)  # type: ignore[misc]
                return
            await self._carry_slowly(source, work, lane)

    async def _carry_slowly(
        self, source: Peer, work: Callable[[bytes], object], lane: Lane
    ) -> None:
        """Carry packet by packet; many are on the way at a time, each arrives when the lane lets it."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(IN_FLIGHT)
        sending = asyncio.create_task(self._depart(source, on_the_way, lane))
        loop = asyncio.get_running_loop()
        try:
            while (packet := await on_the_way.get())[1]:
                await asyncio.sleep(max(0.0, packet[0] - loop.time()))
                await work(packet[1])  # type: ignore[misc]
        finally:
            sending.cancel()

    async def _depart(
        self, source: Peer, on_the_way: asyncio.Queue[tuple[float, bytes]], lane: Lane
    ) -> None:
        loop, weather = asyncio.get_running_loop(), self._proxy.weather
        assert weather is not None
        while data := await source.read():
            for at in range(0, len(data), PACKET):
                packet = data[at : at + PACKET]
                arrival = lane.arrival(len(packet), loop.time(), weather.back())
                await on_the_way.put((arrival, packet))
        await on_the_way.put((0.0, b""))

    # --- the request ---

    async def _ask(self, data: bytes) -> None:
        if self._fresh:
            self._fault = self._proxy.take(data) or Fault()
            self._asked = self._answered = 0
            self._request.clear()
            self._response.clear()
            self._fresh = False
        fault = self._fault
        if fault.answer is not None:
            self._request += data
            if fault.answer_only and not whole(self._request):
                return
            if fault.answer_only in self._request:
                await self._answer_for_it(fault.answer)
            data = bytes(self._request)
        if fault.swallow:
            return
        if fault.replay > 1:
            await self._replay(data, fault.replay)
            return
        if fault.cut_request is not None and self._asked + len(data) >= fault.cut_request:
            await self._server.send(data[: fault.cut_request - self._asked])
            self._hang_up()
        if fault.flip_request is not None:
            data = _flipped(data, fault.flip_request - self._asked)
        if fault.stall_request is not None:
            data = data[: max(0, fault.stall_request - self._asked)]
        self._asked += len(data)
        await _send(self._server, data, fault.drip_request)

    async def _answer_for_it(self, answer: bytes) -> None:
        await self._client.send(answer)
        if self._client.writer.can_write_eof():
            self._client.writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):  # unread bytes would turn the end into a reset
                while await self._client.read():
                    pass
        raise _Over

    async def _replay(self, data: bytes, times: int) -> None:
        self._request += data
        if not whole(self._request):
            return
        copies = [asyncio.create_task(self._copy()) for _ in range(times - 1)]
        await self._server.send(bytes(self._request))
        self._proxy.replayed += await asyncio.gather(*copies)

    async def _copy(self) -> bytes:
        peer = await self._proxy.dial()
        answer = bytearray()
        await peer.send(bytes(self._request))
        while not whole(answer) and (data := await peer.read()):
            answer += data
        peer.close()
        return bytes(answer)

    # --- the response ---

    async def _answer(self, data: bytes) -> None:
        self._fresh = True
        fault = self._fault
        if fault.rewrite is not None:
            self._response += data
            if not whole(self._response):
                return
            data = fault.rewrite(bytes(self._response))
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.flip is not None:
            data = _flipped(data, fault.flip - self._answered)
        if fault.cut_response is not None and self._answered + len(data) >= fault.cut_response:
            await self._client.send(data[: fault.cut_response - self._answered])
            self._hang_up()
        if fault.stall_response is not None:
            data = data[: max(0, fault.stall_response - self._answered)]
        self._answered += len(data)
        await _send(self._client, data, fault.drip)

    def _hang_up(self) -> None:
        if self._fault.reset:
            self._client.reset_at_close()
        raise _Over


async def _send(peer: Peer, data: bytes, pause: float | None) -> None:
    if pause is None:
        await peer.send(data)
        return
    for byte in data:
        await asyncio.sleep(pause)
        await peer.send(bytes([byte]))


def _flipped(data: bytes, at: int) -> bytes:
    if not 0 <= at < len(data):
        return data
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def whole(message: bytes | bytearray) -> bool:
    """Return whether an HTTP message with ``Content-Length`` (none: no body) is complete."""
    head, end, body = bytes(message).partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return len(body) >= int(value)
    return True
