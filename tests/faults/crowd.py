"""Hundreds of clients at once, each with an act of its own and a connection of its own."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import HistoryEntry, Order
from desktop_app.domain.payloads import Text
from sync.platform.entrance import Entrance
from sync.protocol.codec import decode, digest_holds, encode
from sync.protocol.messages import Login, SyncAnswer, SyncRequest
from tests.support.acts import make_act
from tests.support.exchange import whole
from tests.support.platform import PASSWORD, RunningPlatform

PAGE = 5


class Crowd:
    """``count`` devices of one person; every ``rush`` sends all their requests together."""

    def __init__(self, running: RunningPlatform, orders: list[OrderId], count: int) -> None:
        self._running = running
        entrance = Entrance(running.platform)
        found = [running.platform.order_by_id(order_id) for order_id in orders]
        self.texts = [f"第 {n} 台" for n in range(count)]
        self._requests: list[tuple[str, bytes]] = []
        for n, text in enumerate(self.texts):
            device = f"device-{n:04d}"
            login = Login(account="dispatcher", password=PASSWORD, device_id=device)
            token = entrance.sign_in(login, "127.0.0.1").access_token
            order = found[n % len(found)]
            assert order is not None
            act = self._act(order, text, device)
            body = encode(SyncRequest(device_id=device, limit=PAGE, acts=(act,)))
            self._requests.append((token, body))

    def _act(self, order: Order, text: str, device: str) -> Act:
        platform = self._running.platform
        return make_act(
            order, platform.center(), "dispatcher", ActKind.NOTE, platform.now(), Text(text),
            seat=device,
        )  # fmt: skip

    def history(self, order_id: OrderId) -> tuple[HistoryEntry, ...]:
        order = self._running.platform.order_by_id(order_id)
        assert order is not None
        assert [entry.rev for entry in order.history] == list(range(1, order.rev + 1))
        return order.history

    def rush(self, within: float, most: int = 10_000) -> list[SyncAnswer]:
        """Send everything (of the first ``most``) at once; return the answers, all whole, ``within``
        seconds.
        """

        async def all_of_them() -> list[SyncAnswer]:
            async with asyncio.timeout(within):
                return await asyncio.gather(*(self._one(*r) for r in self._requests[:most]))

        return asyncio.run(all_of_them())

    async def _one(self, token: str, body: bytes) -> SyncAnswer:
        parts = urlsplit(self._running.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = (
            f"POST /v1/sync HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        received = bytearray()
        while not whole(received):
            piece = await reader.read(65536)
            assert piece, "cut off"
            received += piece
        writer.close()
        first, _, content = bytes(received).partition(b"\r\n\r\n")
        assert first.startswith(b"HTTP/1.1 200"), bytes(received)
        digest = first[first.lower().index(b"content-digest: ") + 16 :].split(b"\r\n")[0]
        assert digest_holds(digest.decode(), content)
        return decode(content, SyncAnswer)
