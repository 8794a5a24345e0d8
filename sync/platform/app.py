"""The HTTP face of the platform: routes, each a few lines around one method of ``Platform``."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.platform import problems
from sync.platform.answers import answer, finish, parse, read_body
from sync.platform.entrance import Entrance
from sync.platform.file_routes import FileRoutes
from sync.platform.guard import Guard, Handler, token_of
from sync.platform.inbox import RawSyncRequest, open_inbox
from sync.platform.listening import Listener
from sync.platform.metrics import Metrics
from sync.platform.pages import Answer
from sync.platform.platform import LIMITS, Caller, Platform
from sync.platform.problems import PlatformProblem
from sync.platform.rates import Rates
from sync.platform.shares import shared
from sync.platform.stick_routes import StickRoutes
from sync.platform.tus import speaking_tus
from sync.platform.uploads import Uploads
from sync.platform.waiting import Waiters
from sync.platform.witness import numbers_of
from sync.protocol import openapi
from sync.protocol.codec import content_digest
from sync.protocol.folding import brief
from sync.protocol.messages import Done, Login, Refresh

log = logging.getLogger("jiban.platform")
T = TypeVar("T")

LONGEST_WAIT = 60.0
SMALL_PAGE = 500
POLL_THREADS = 4
FEW = 4
SIGN_IN_THREADS = 4
MOST_AT_THE_DOOR = 1000


class Desk:
    """What the routes share."""

    def __init__(self, platform: Platform, files: Path) -> None:
        self.platform = platform
        self.entrance = Entrance(platform)
        url = None if platform.database.is_sqlite else platform.database.url
        self.waiters = Waiters(platform, partial(Listener, url) if url is not None else None)
        # Woken all at once, hundreds of polls must not keep everybody else from a thread.
        self.pollers = ThreadPoolExecutor(POLL_THREADS, "poll")
        # A password costs 200 ms and 16 MB to check: guessing must not take everybody's threads.
        self.doormen = ThreadPoolExecutor(SIGN_IN_THREADS, "sign-in")
        self._at_the_door = 0
        self.uploads = Uploads(platform, files)
        self.files = FileRoutes(self.uploads, self.caller, platform.epoch)
        self.sticks = StickRoutes(platform, self.uploads, self.caller, self.waiters.notify)
        self.metrics = Metrics(openapi.document()["paths"])
        self.rates = Rates(time.monotonic, shared(platform.database, time.time))
        self.guard = Guard(platform.epoch, self.metrics, self.rates)
        platform.database.on_retry = self.metrics.retried
        self._show()

    def _show(self) -> None:
        show, waiters, guard = self.metrics.gauge, self.waiters, self.guard
        show("polls_waiting", "Long polls that wait now", lambda: waiters.count)
        show("listening", "1 while notices of other processes come", lambda: waiters.listening)
        show("draining", "1 while this process is being stopped", lambda: guard.draining)
        show(
            "database_connections",
            "Connections in use now",
            lambda: self.platform.database.connections,
        )

    def drain(self) -> None:
        """Say that this process is not ready, let polls answer, close connections as they answer."""
        self.guard.draining = True
        self.waiters.close()

    async def caller(self, request: Request) -> Caller:
        return await run_in_threadpool(self._known, bearer(request))

    def _known(self, token: str) -> Caller:
        caller = self.entrance.caller(token)
        self.rates.proved(token)
        return caller

    async def hello(self, request: Request) -> Response:
        return answer(request, await run_in_threadpool(self.platform.hello))

    async def health(self, request: Request) -> Response:
        """Say that this process runs; it is restarted for nothing that lies outside it."""
        return answer(request, Done(end=self.platform.server_id))

    async def ready(self, request: Request) -> Response:
        """Say whether to send this process requests. Raises ``PlatformProblem`` 503."""
        if self.guard.draining:
            raise problems.draining()
        await run_in_threadpool(self._check)
        return answer(request, Done(status="ready", end=self.platform.server_id))

    def _check(self) -> None:
        self.platform.database.check()
        self.uploads.check()

    async def openapi(self, request: Request) -> Response:
        body = openapi.text().encode()
        headers = {"Content-Digest": content_digest(body)}
        return finish(request, body, 200, "application/json", headers)

    async def sign_in(self, request: Request) -> Response:
        login = parse(await read_body(request), Login)
        address = request.client.host if request.client else ""
        if self._at_the_door >= MOST_AT_THE_DOOR:
            raise problems.too_many_requests(5)
        self._at_the_door += 1
        try:
            loop = asyncio.get_running_loop()
            enter = self.entrance.sign_in
            session = await loop.run_in_executor(self.doormen, enter, login, address)
        finally:
            self._at_the_door -= 1
        return answer(request, session, 201)

    async def refresh(self, request: Request) -> Response:
        spent = parse(await read_body(request), Refresh)
        return answer(request, await run_in_threadpool(self.entrance.refresh, spent))

    async def sign_out(self, request: Request) -> Response:
        await run_in_threadpool(self.entrance.sign_out, bearer(request))
        return answer(request, Done(end=await run_in_threadpool(self.platform.epoch)))

    async def sync(self, request: Request) -> Response:
        body = await read_body(request, LIMITS.max_body)
        return await run_in_threadpool(self._sync, request, body)

    def _sync(self, request: Request, body: bytes) -> Response:
        caller = self._known(bearer(request))
        wanted = parse(body, RawSyncRequest)
        if wanted.device_id != caller.device_id:
            raise problems.wrong_device()
        if len(wanted.acts) > LIMITS.max_acts:
            raise problems.too_many_acts(LIMITS.max_acts)
        inbox = open_inbox(wanted.acts)
        judged = self.platform.push(caller, inbox.acts, folds=wanted.folds)
        self.metrics.judged((*judged.results, *inbox.unreadable))
        told = brief(inbox.subjects, judged.results) if wanted.brief else judged.results
        results = (*told, *inbox.unreadable)
        found = self.platform.pull(
            caller, wanted.cursor, wanted.limit, results, judged.left_out,
            packs=wanted.packs, held=judged.held,
        )  # fmt: skip
        return answer(request, found)

    async def snapshot(self, request: Request) -> Response:
        caller = await self.caller(request)
        cursor, limit = request.query_params.get("cursor", ""), _limit(request, LIMITS.max_page)
        packs = request.query_params.get("packs") == "1"

        def work() -> Response:
            return answer(request, self.platform.pull(caller, cursor, limit, packs=packs))

        return await run_in_threadpool(work)

    async def chain(self, request: Request) -> Response:
        """Show what seats keep of the chain."""
        caller = await self.caller(request)
        cursor = request.query_params.get("cursor", "")
        numbers = numbers_of(request.query_params.get("at", ""))
        found = await run_in_threadpool(self.platform.witness, caller, cursor, numbers)
        return answer(request, found)

    async def changes(self, request: Request) -> Response:
        """Answer as soon as there is something for this caller, or when ``wait`` seconds are over."""
        caller = await self.caller(request)
        cursor, limit = request.query_params.get("cursor", ""), _limit(request, SMALL_PAGE)
        loop = asyncio.get_running_loop()
        until = loop.time() + _wait(request)
        hears_of = (caller.township, None if caller.sees_all else caller.person.id)
        gone = loop.create_task(_gone(request))
        try:
            await self._sit_at_the_end(caller, cursor, gone, until - loop.time())
            while True:
                change = self.waiters.listen(hears_of)
                try:
                    found = await loop.run_in_executor(
                        self.pollers, self._look, bearer(request), cursor, limit
                    )
                    left = until - loop.time()
                    if _news(found) or left <= 0:
                        break
                    if not await self.waiters.wait({change, gone}, left) or gone.done():
                        break
                finally:
                    self.waiters.forget(hears_of, change)
                cursor = found.cursor
        finally:
            gone.cancel()
        # A seat sets its clock by the answer: the time is that of its sending, not of the last look.
        found = msgspec.structs.replace(found, now=self.platform.now())
        if len(found.orders) <= FEW:
            return answer(request, found)  # quicker than to hand it to a thread
        return await run_in_threadpool(answer, request, found)

    async def _sit_at_the_end(
        self, caller: Caller, cursor: str, gone: asyncio.Task[None], seconds: float
    ) -> None:
        """Wait without a look where the cursor stands at the end of what this process has seen.

        Most polls begin there, right after an answer. What it has not seen yet wakes them too.
        """
        hears_of = (caller.township, None if caller.sees_all else caller.person.id)
        change = self.waiters.listen(hears_of)
        try:
            seen = self.waiters.seen(caller.township)
            if seen is not None and self.platform.stands_at(caller, cursor, seen):
                await self.waiters.wait({change, gone}, max(0.0, seconds))
        finally:
            self.waiters.forget(hears_of, change)

    def _look(self, token: str, cursor: str, limit: int) -> Answer:
        """Read for a caller whose office or session may have ended while he waited."""
        return self.platform.pull(self.entrance.caller(token), cursor, limit)


async def _gone(request: Request) -> None:
    """Return when the other side has hung up."""
    await request.body()
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _news(found: Answer) -> bool:
    return bool(found.orders) or bool(found.packs) or found.center is not None or found.more


def bearer(request: Request) -> str:
    """Return the access token. Raises ``PlatformProblem`` 401."""
    token = token_of(request)
    if not token:
        raise problems.not_signed_in()
    return token


def _limit(request: Request, default: int) -> int:
    text = request.query_params.get("limit", "")
    usable = text.isdecimal() and text.isascii() and len(text) < 10
    return min(max(int(text), 1), LIMITS.max_page) if usable else default


def _wait(request: Request) -> float:
    try:
        seconds = float(request.query_params.get("wait", "0"))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds <= LONGEST_WAIT else (LONGEST_WAIT if seconds > 0 else 0.0)


def create_app(platform: Platform, files: Path) -> Starlette:
    """Return the application. ``files`` is the folder for uploads."""
    desk = Desk(platform, files)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        desk.waiters.start()
        platform.bell.tell(desk.waiters.notify)
        yield
        platform.bell.untell(desk.waiters.notify)
        await desk.waiters.stop()
        desk.pollers.shutdown(wait=True)
        desk.doormen.shutdown(wait=True)

    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        title = {404: "没有这个地址。", 405: "这个地址不支持这样用。"}.get(status, "请求不对。")
        code = {404: "not_found", 405: "method"}.get(status, "http")
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        failure = PlatformProblem(status, code, title, "请核对平台地址和程序版本。", headers)
        return await desk.guard.problem(request, failure)

    def route(path: str, method: str, handler: Handler) -> Route:
        return Route(path, desk.guard.around(path, handler), methods=[method])

    def tus(path: str, method: str, handler: Handler) -> Route:
        return Route(path, speaking_tus(desk.guard.around(path, handler)), methods=[method])

    routes = [
        route("/health", "GET", desk.health),
        route("/ready", "GET", desk.ready),
        route("/v1/hello", "GET", desk.hello),
        route("/v1/openapi.json", "GET", desk.openapi),
        route("/v1/sessions", "POST", desk.sign_in),
        route("/v1/sessions", "DELETE", desk.sign_out),
        route("/v1/sessions/refresh", "POST", desk.refresh),
        route("/v1/sync", "POST", desk.sync),
        route("/v1/changes", "GET", desk.changes),
        route("/v1/snapshot", "GET", desk.snapshot),
        route("/v1/chain", "GET", desk.chain),
        route("/v1/outbox-imports", "POST", desk.sticks.take),
        tus("/v1/files", "OPTIONS", desk.files.options),
        tus("/v1/files", "POST", desk.files.create),
        tus("/v1/files/{sha256}", "HEAD", desk.files.head),
        tus("/v1/files/{sha256}", "PATCH", desk.files.patch),
        route("/v1/files/{sha256}", "GET", desk.files.get),
    ]
    app = Starlette(
        routes=routes, lifespan=lifespan, exception_handlers={HTTPException: http_error}
    )
    app.state.desk = desk
    return app
