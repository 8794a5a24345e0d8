"""Hundreds of seats in a process of their own: ``python -m tests.benchmarks.crowd PLAN``.

Each seat does on raw sockets what a real one does on the wire: it waits in a long poll, and when it
has something to say it breaks the poll off and sends one act on a new connection, then waits again.
Commands come line by line on standard input, answers go out as JSON lines; times are the machine's
monotonic clock, which all processes share.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop_app.domain.acts import Act, ActKind, Actor
from desktop_app.domain.ids import ActId, DeviceId, OrderId, PersonId, uuid7
from desktop_app.domain.roles import Role
from sync.protocol.codec import encode
from tests.benchmarks.district import LOUD, SeatPlan, load_plan

_NUMBER = re.compile(rb'"id":"[0-9a-f-]{36}","number":"(%s\d+)"' % LOUD.encode())  # no links
_CURSOR = re.compile(rb'"cursor":"([^"]*)"')
_OUTCOME = re.compile(rb'"outcome":"([a-z]+)"')
_SECONDS = 25


@dataclass
class Told:
    """What the seats measured, in seconds, since the last report."""

    pushes: list[float] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    woken: list[tuple[str, float]] = field(default_factory=list)
    polls: int = 0
    failures: list[str] = field(default_factory=list)


class Seat:
    """One seat. Its own loopback address makes it a computer of its own to the platform."""

    def __init__(self, plan: SeatPlan, url: str, told: Told) -> None:
        self._plan, self._told = plan, told
        host, _, port = url.removeprefix("http://").rpartition(":")
        self._host, self._port = host, int(port)
        self._cursor = plan.cursor
        self._interrupt = asyncio.Event()
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def live(self) -> None:
        """Poll; push when told to. Never ends by itself."""
        while True:
            if self._interrupt.is_set():
                self._interrupt.clear()
                await self._push()
            await self._poll_until_spoken_to()

    async def _poll_until_spoken_to(self) -> None:
        poll = asyncio.ensure_future(self._poll())
        word = asyncio.ensure_future(self._interrupt.wait())
        try:
            await asyncio.wait({poll, word}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            word.cancel()
            if not poll.done():
                poll.cancel()
                self.hang_up()
        with suppress(asyncio.CancelledError):
            await poll

    def speak(self) -> None:
        """Let the seat record an act now."""
        self._interrupt.set()

    def hang_up(self) -> None:
        if self._line is not None:
            self._line[1].close()
            self._line = None

    async def come_back(self) -> None:
        """Connect and pull, as after a line that was gone."""
        started = time.monotonic()
        self.hang_up()
        await self._exchange("POST", "/v1/sync", self._request([]))
        self._told.returns.append(time.monotonic() - started)

    async def _poll(self) -> None:
        path = f"/v1/changes?cursor={self._cursor}&wait={_SECONDS}&limit=500"
        body = await self._exchange("GET", path)
        self._told.polls += 1
        at = time.monotonic()
        if self._plan.sees_all:
            self._told.woken += [(m.decode(), at) for m in _NUMBER.findall(body)]

    async def _push(self) -> None:
        started = time.monotonic()
        body = await self._exchange("POST", "/v1/sync", self._request([self._note()]))
        self._told.pushes.append(time.monotonic() - started)
        outcome = _OUTCOME.search(body)  # the results come before the orders
        if outcome is None or outcome[1] not in (b"applied", b"merged"):
            self._told.failures.append(f"{self._plan.role}: {_result(body)}")

    def _note(self) -> Act:
        plan, now = self._plan, time.time()
        actor = Actor(
            PersonId(plan.person), Role(plan.role), plan.person, plan.person, DeviceId(plan.device)
        )
        return Act(
            ActId(uuid7(int(now * 1000))), OrderId(random.choice(plan.orders)), ActKind.NOTE, actor,
            plan.moment(now), base_rev=1, payload={"text": "电话联系过，约好上门时间。"},
        )  # fmt: skip

    def _request(self, acts: list[Act]) -> bytes:
        plan = {"device_id": self._plan.device, "cursor": self._cursor, "acts": acts}
        return encode({**plan, "limit": 500, "folds": True})

    async def _exchange(self, method: str, path: str, body: bytes = b"") -> bytes:
        try:
            status, answer = await self._ask(method, path, body)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.hang_up()
            self._told.failures.append(type(error).__name__)
            await asyncio.sleep(1)
            return b""
        if status != 200:
            self._told.failures.append(f"{status} {answer[:200].decode(errors='replace')}")
            await asyncio.sleep(1)
            return answer
        found = _CURSOR.search(answer)
        self._cursor = found[1].decode() if found else self._cursor
        return answer

    async def _ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self._line is None:
            self._line = await asyncio.open_connection(
                self._host, self._port, local_addr=(self._plan.address, 0), limit=2**20
            )
        reader, writer = self._line
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._plan.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        told = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(told.split("content-length: ")[1].split("\r\n")[0])
        return int(told.split(" ", 2)[1]), await reader.readexactly(length)


def _result(body: bytes) -> str:
    """Return what the platform said to the act."""
    start = body.find(b'"results"')
    return body[start : start + 300].decode(errors="replace")


class Crowd:
    """All seats, and what can be asked of them."""

    def __init__(self, plans: list[SeatPlan], url: str) -> None:
        self.told = Told()
        self._dice = random.Random(7)
        self._seats = [Seat(plan, url, self.told) for plan in plans]
        self._tasks: list[asyncio.Task[None]] = []

    async def settle(self, seconds: float) -> None:
        """Let everybody wait in a poll, and time go by."""
        if not self._tasks:
            self._tasks = [asyncio.ensure_future(seat.live()) for seat in self._seats]
        await asyncio.sleep(seconds)

    async def busy(self, seconds: float, every: float) -> None:
        """Let each seat record something about every so many seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (now := loop.time()) < end:
            self._dice.choice(self._seats).speak()
            pause = self._dice.expovariate(len(self._seats) / every)
            await asyncio.sleep(max(0.0, now + pause - loop.time()))

    async def back(self) -> None:
        """Cut every line, and let all come back in the same moment."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for seat in self._seats:
            seat.hang_up()
        await asyncio.sleep(1)
        await asyncio.gather(*(seat.come_back() for seat in self._seats))
        await self.settle(0)

    def report(self) -> dict[str, Any]:
        """Return what was measured since the last time."""
        told = self.told
        said = {
            "pushes": told.pushes,
            "returns": told.returns,
            "woken": told.woken,
            "polls": told.polls,
            "failures": told.failures[:5],
            "failed": len(told.failures),
        }
        told.pushes, told.returns, told.woken, told.polls, told.failures = [], [], [], 0, []
        return said


async def main() -> None:
    plan = load_plan(Path(sys.argv[1]))
    crowd = Crowd(plan.seats, plan.url)
    while line := await asyncio.to_thread(sys.stdin.readline):
        name, *numbers = line.split()
        if name == "stop":
            break
        await getattr(crowd, name)(*map(float, numbers))
        print(json.dumps(crowd.report()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
