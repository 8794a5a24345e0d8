"""Hundreds of seats whose line comes back in the same moment, each with something to say."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from desktop_app.domain.acts import ActKind as K
from sync.platform import sessions
from sync.platform.platform import Platform
from sync.platform.townships import LOCAL
from sync.protocol.codec import decode, encode
from sync.protocol.messages import SyncAnswer, SyncRequest
from tests.support.acts import make_act
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import make_platform, running_server
from tests.sync.platform.conftest import CENTER, order_of

SEATS, ORDERS = 500, 25
BOUND = 60.0  # seconds; some two when nothing else runs


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.fault("server.reconnect_500")
def test_five_hundred_come_back_at_once_and_every_act_has_one_effect(
    postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    platform = make_platform(postgres_url, clock)
    platform.dispatch([sample_intake(n) for n in range(ORDERS)])
    requests = _requests(platform)
    with running_server(platform, tmp_path / "files") as server:
        started = time.monotonic()
        answers = asyncio.run(_all_at_once(server.url, requests))
        took = time.monotonic() - started
    outcomes = Counter(r.outcome.value for answer in answers for r in answer.results)
    assert outcomes.keys() <= {"applied", "merged"}
    assert outcomes.total() == SEATS
    revs = [order_of(platform, n).rev for n in range(ORDERS)]
    assert sum(revs) == ORDERS + SEATS
    assert took < BOUND
    platform.close()


def _requests(platform: Platform) -> list[tuple[str, bytes]]:
    """Return (token, body) of each seat: one note each, and the orders it has missed."""
    now = platform.now()
    pairs = platform.database.write(
        lambda db: [
            sessions.open_session(
                db, LOCAL, "dispatcher", "dispatcher", (f"seat-{n}", ""), now, 1.0
            )
            for n in range(SEATS)
        ]
    )
    orders = [order_of(platform, n) for n in range(ORDERS)]
    bodies = []
    for n, pair in enumerate(pairs):
        seat = f"seat-{n}"
        act = make_act(orders[n % ORDERS], CENTER, "dispatcher", K.NOTE, now, seat=seat)
        request = SyncRequest(device_id=seat, acts=(act,), limit=5)
        bodies.append((pair.access, encode(request)))
    return bodies


async def _all_at_once(url: str, requests: Sequence[tuple[str, bytes]]) -> list[SyncAnswer]:
    return await asyncio.gather(*(_send(url, token, body) for token, body in requests))


async def _send(url: str, token: str, body: bytes) -> SyncAnswer:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**20)
    writer.write(
        f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )
    head, _, content = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 200"), (head, content[:300])
    return decode(content, SyncAnswer)
