"""What surrounds every route: failures become problem documents, and each answer is counted."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sync.platform import problems
from sync.platform.answers import problem
from sync.platform.database import StorageFailed
from sync.platform.logs import ACCESS
from sync.platform.metrics import Metrics
from sync.platform.problems import PlatformProblem
from sync.platform.rates import Rates

log = logging.getLogger("jiban.platform")
access = logging.getLogger(ACCESS)

Handler = Callable[[Request], Awaitable[Response]]


def token_of(request: Request) -> str:
    """Return what the request shows as its access token, "" for nothing of that kind."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(token) <= 200 else ""


class Guard:
    """One per process. ``draining``: connections are closed after their answer."""

    def __init__(self, epoch: Callable[[], str], metrics: Metrics, rates: Rates) -> None:
        self._epoch, self._rates = epoch, rates
        self._metrics = metrics
        self.draining = False

    def around(self, path: str, handler: Handler) -> Handler:
        """Return the handler of the route ``path`` (as in the table), guarded."""

        async def guarded(request: Request) -> Response:
            started = time.perf_counter()
            response = await self._answered(request, path, handler)
            if self.draining:
                response.headers["Connection"] = "close"
            self._note(request, path, response.status_code, time.perf_counter() - started)
            return response

        return guarded

    async def _answered(self, request: Request, path: str, handler: Handler) -> Response:
        address = request.client.host if request.client else ""
        try:
            short = self._rates.admit(address, token_of(request))
            if short is not None:
                await run_in_threadpool(self._rates.draw, short)
            response = await handler(request)
        except PlatformProblem as error:
            failure = error
        except ClientDisconnect:
            return Response(status_code=499)
        except (StorageFailed, OSError) as error:
            log.exception("%s %s: the store failed", request.method, path)
            failure = problems.storage_failed(error)
        except Exception:
            log.exception("%s %s failed", request.method, path)
            failure = PlatformProblem(500, "error", "平台出错了。", "稍后会自动重试，记录不会丢。")
        else:
            return response
        return await self.problem(request, failure)

    def _note(self, request: Request, path: str, status: int, seconds: float) -> None:
        self._metrics.answered(path, request.method, status, seconds)
        access.info(
            "answered",
            extra={
                "route": path,
                "method": request.method,
                "status": status,
                "ms": round(seconds * 1000, 1),
            },
        )

    async def problem(self, request: Request, failure: PlatformProblem) -> Response:
        """Return the problem document of ``failure``, whether or not the store answers."""
        try:
            epoch = await run_in_threadpool(self._epoch)
        except StorageFailed:
            epoch = ""
        return problem(request, failure, epoch)
