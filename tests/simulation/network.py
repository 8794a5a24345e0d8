"""The line between a seat and the platform: real requests, real answers, and everything in between."""

from __future__ import annotations

import asyncio
import errno
import http.client
import random
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec
import urllib3.exceptions as u3

from desktop_app.domain.clock import Clock
from sync.client.address import Address
from sync.client.answers import Reply, unpack
from sync.client.failures import Failure, FailureKind, failure
from sync.client.transport import Call, Transport
from sync.client.transport.wire import failure_of
from sync.protocol.codec import content_digest
from sync.protocol.messages import RawSyncAnswer, SyncRequest
from tests.simulation.kernel import VirtualLoop, this_fibre
from tests.simulation.trace import Trace
from tests.simulation.weather import Mishap, Weather

M = Mishap
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What arrives at the platform. ``whole`` False: the sender hung up within the body."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """Header names in lower case; the body as sent, perhaps compressed."""

    status: int
    headers: Headers
    body: bytes


class Server(Protocol):
    """Who is at the other end."""

    async def handle(self, request: Request, gone: asyncio.Event) -> Response:
        """Answer. ``gone`` is set when the other side has hung up. Raises ``OSError``."""
        ...


class Line:
    """Carries the requests of one seat."""

    def __init__(self, loop: VirtualLoop, server: Server, weather: Weather, trace: Trace) -> None:
        self._loop, self._server, self.weather, self._trace = loop, server, weather, trace
        self._strays: set[asyncio.Task[Any]] = set()

    def begin(self, request: Request, who: str) -> asyncio.Task[Response]:
        """Send ``request``; cancelling the task is hanging up."""
        return self._loop.create_task(self._carry(request, self.weather.mishap(), who))

    def _stray(self, work: Coroutine[Any, Any, object]) -> None:
        """Let something happen that nobody waits for."""
        task = self._loop.create_task(work)
        self._strays.add(task)
        task.add_done_callback(self._strays.discard)

    async def _carry(self, request: Request, mishap: Mishap | None, who: str) -> Response:
        if mishap is not None:
            self._trace.note(who, f"{request.method} {request.path}: {mishap}")
            self._trace.count(f"mishap {mishap}")
        await asyncio.sleep(self.weather.delay(len(request.body)))
        await self._before(request, mishap)
        if mishap in _CANNED:
            return _canned(_CANNED[mishap], self.weather.dice)
        if mishap is M.BENT_REQUEST:
            request = replace(request, body=_bent(request.body, self.weather.dice))
        response = await self._ask(request)
        if mishap is M.TWICE:
            self._stray(self._again(request, self.weather.dice.expovariate(1 / 120)))
        await asyncio.sleep(self.weather.delay(len(response.body)))
        return await self._after(response, mishap)

    async def _before(self, request: Request, mishap: Mishap | None) -> None:
        """Raise, or wait for ever, if the request does not arrive (in time)."""
        if mishap is M.REFUSED:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
        if mishap is M.NO_ROUTE:
            raise OSError(errno.ENETUNREACH, "unreachable")
        if mishap is M.RESET:
            raise ConnectionResetError(errno.ECONNRESET, "reset")
        if mishap is M.LATE:
            self._stray(self._again(request, self.weather.dice.uniform(61, 1500)))
        if mishap in (M.SWALLOWED, M.LATE):
            await asyncio.Event().wait()
        if mishap is M.HALF_REQUEST:
            kept = self.weather.dice.randrange(max(1, len(request.body)))
            half = replace(request, body=request.body[:kept], whole=False)
            self._stray(self._again(half, 0.0))
            raise ConnectionResetError(errno.ECONNRESET, "reset")

    async def _ask(self, request: Request) -> Response:
        gone = asyncio.Event()
        try:
            return await self._server.handle(request, gone)
        finally:
            gone.set()

    async def _again(self, request: Request, after: float) -> None:
        """Deliver a request whose answer nobody waits for."""
        await asyncio.sleep(after)
        try:
            await self._server.handle(request, asyncio.Event())
        except OSError:
            return

    async def _after(self, response: Response, mishap: Mishap | None) -> Response:
        dice, body = self.weather.dice, response.body
        if mishap is M.NO_ANSWER:
            if dice.random() < 0.5:
                await asyncio.Event().wait()
            raise ConnectionResetError(errno.ECONNRESET, "reset")
        if mishap is M.HALF_ANSWER:
            short = http.client.IncompleteRead(b"")
            raise u3.ProtocolError("cut", short)
        if mishap is M.SHORT_ANSWER and body:
            return replace(response, body=body[: dice.randrange(len(body))])
        if mishap is M.BENT_ANSWER:
            return replace(response, body=_bent(body, dice))
        return _of_stranger(response) if mishap is M.STRANGER else response

    def close(self) -> None:
        for task in list(self._strays):
            task.cancel()


_CANNED: dict[Mishap | None, str] = {
    M.PORTAL: "portal", M.FOREIGN: "foreign", M.EMPTY: "empty", M.SERVER_ERROR: "error",
    M.TOO_MANY: "busy",
}  # fmt: skip


def _canned(kind: str, dice: random.Random) -> Response:
    html, json = {"content-type": "text/html"}, {"content-type": "application/json"}
    match kind:
        case "portal":
            status = dice.choice((200, 200, 302, 401, 403, 511))
            return Response(status, html, b"<html>please sign in</html>")
        case "foreign":
            return Response(200, json, b'{"status":"ok","items":[1,2,3]}')
        case "empty":
            return Response(200, json, b"{}")
        case "busy":
            waits = dice.choice(("3", "30", "Fri, 20 Nov 2026 00:20:00 GMT", "soon", "99999999"))
            return Response(429, {**html, "retry-after": waits}, b"busy")
        case _:
            return Response(dice.choice((500, 502, 503, 504)), html, b"oops")


def _bent(body: bytes, dice: random.Random) -> bytes:
    if not body:
        return body
    at = dice.randrange(len(body))
    return body[:at] + bytes([body[at] ^ (1 << dice.randrange(8))]) + body[at + 1 :]


def _of_stranger(response: Response) -> Response:
    """Return what another platform would say: well formed, digest and all, under its own name."""
    try:
        said = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return response
    if not isinstance(said, dict) or "server_id" not in said:
        return response
    body = msgspec.json.encode({**said, "server_id": "jiban-somebody-else"})
    return replace(
        response, body=body, headers={**response.headers, "content-digest": content_digest(body)}
    )


class LineTransport(Transport):
    """The seat's transport over a ``Line``: the same requests, the same checks of the answers."""

    def __init__(
        self, address: Address, clock: Clock, machine: Wire, *, rogue: bool = False
    ) -> None:
        self.address = address
        self._clock = clock
        self._machine, self._rogue = machine, rogue
        self._broken = False
        self._under_way: asyncio.Future[Response | None] | None = None

    def close(self) -> None: ...

    def interrupt(self) -> None:
        self._broken = True
        if self._under_way is not None and not self._under_way.done():
            self._under_way.set_result(None)

    def resume(self) -> None:
        self._broken = False

    def exchange(self, request: SyncRequest, token: str) -> RawSyncAnswer | Failure:
        if not self._rogue:
            self._machine.about_to_send(request)
        answer = super().exchange(request, token)
        if isinstance(answer, RawSyncAnswer) and not self._rogue:
            self._machine.answered(request)
        return answer

    def send(self, call: Call) -> Reply | Failure:
        if self._broken:
            return failure(FailureKind.INTERRUPTED)
        body, headers = self._packed(call)
        query = "&".join(f"{name}={value}" for name, value in call.params.items())
        lower = {name.lower(): value for name, value in headers.items()}
        whole = body if isinstance(body, bytes) else body.read()
        request = Request(call.method, call.path, query, lower, whole)
        outcome = self._exchange(request, call.seconds)
        if isinstance(outcome, Failure):
            self._machine.failed(call, outcome)
            return outcome
        unpacked = unpack(outcome.body, outcome.headers.get("content-encoding", ""))
        if isinstance(unpacked, Failure):
            return unpacked
        return Reply(outcome.status, outcome.headers, unpacked, call.refresh)

    def _exchange(self, request: Request, seconds: float) -> Response | Failure:
        loop = self._machine.loop
        waited: asyncio.Future[Response | None] = loop.create_future()
        task = self._machine.line.begin(request, self._machine.name)

        def ended(done: asyncio.Task[Response]) -> None:
            if waited.done() or done.cancelled():
                return
            error = done.exception()
            if error is None:
                waited.set_result(done.result())
            else:
                waited.set_exception(error)

        task.add_done_callback(ended)
        timer = loop.call_later(seconds, _time_out, waited)
        self._under_way = waited
        try:
            response = this_fibre().wait(waited)
        except (OSError, u3.HTTPError) as error:
            return failure_of(error)
        finally:
            self._under_way = None
            timer.cancel()
            task.cancel()
            if not waited.cancel() and not waited.cancelled():
                waited.exception()
        return failure(FailureKind.INTERRUPTED) if response is None else response


def _time_out(waited: asyncio.Future[Response | None]) -> None:
    if not waited.done():
        waited.set_exception(TimeoutError("the exchange took too long"))


class Wire(Protocol):
    """What a transport needs of its machine."""

    name: str
    loop: VirtualLoop
    line: Line

    def about_to_send(self, request: SyncRequest) -> None: ...

    def answered(self, request: SyncRequest) -> None: ...

    def failed(self, call: Call, why: Failure) -> None: ...
