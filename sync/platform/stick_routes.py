"""``POST /v1/outbox-imports``: a dispatcher hands in at the desk what came on a stick."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from desktop_app.domain.roles import Role
from sync.platform.answers import answer
from sync.platform.platform import Caller, Platform
from sync.platform.problems import PlatformProblem
from sync.platform.stick_import import NotTaken, StickImport, put
from sync.platform.uploads import Uploads
from sync.protocol.messages import StickRefusal, StickTaken
from sync.protocol.stick import MEDIA_TYPE, StickError

MAY_TAKE = frozenset({Role.DISPATCHER, Role.ADMIN})
MOST_TOLD = 500
_PIECE = 1024 * 1024


class StickRoutes:
    """The file is sealed for the platform: who hands it in can neither read nor change it."""

    def __init__(
        self,
        platform: Platform,
        uploads: Uploads,
        caller: Callable[[Request], Awaitable[Caller]],
        told: Callable[[str], None],
    ) -> None:
        """``told`` hears which township's feed has moved on."""
        self._platform = platform
        self._intake = StickImport(platform, uploads)
        self._caller = caller
        self._told = told

    async def take(self, request: Request) -> Response:
        caller = await self._caller(request)
        if caller.person.role not in MAY_TAKE:
            raise PlatformProblem(403, "role", "U 盘带来的记录由派单员来收。", "请交给派单员。")
        if request.headers.get("content-type", "") != MEDIA_TYPE:
            raise PlatformProblem(415, "media_type", "文件的格式不对。", f"应为 {MEDIA_TYPE}。")
        with tempfile.TemporaryFile() as copy:
            try:
                await _received(request, copy)
                found = await run_in_threadpool(self._take, caller, copy)
            except StickError as error:
                raise PlatformProblem(422, error.code, error.title, error.advice) from None
        return answer(request, found)

    def _take(self, caller: Caller, copy: BinaryIO) -> StickTaken:
        taken = self._intake.take_own(copy, caller.township)
        self._told(caller.township)
        epoch = self._platform.epoch(caller.township)
        told = taken.not_taken[:MOST_TOLD]
        return StickTaken(
            server_id=self._platform.server_id,
            epoch=epoch,
            person=taken.person,
            made_at=taken.made_at,
            new=taken.new,
            known=taken.known,
            asked=taken.asked,
            held=taken.held,
            not_taken=tuple(self._refusal(each, caller.township) for each in told),
            photos=taken.photos.new,
            known_photos=taken.photos.known,
            spoilt_photos=taken.photos.spoilt,
            reply=taken.reply,
            end=epoch,
        )

    def _refusal(self, each: NotTaken, township: str) -> StickRefusal:
        act = each.act
        order = self._platform.order_by_id(act.subject, township=township) if act else None
        return StickRefusal(
            act_id=each.act_id,
            kind=act.kind.value if act else "",
            number=order.number if order else "",
            occurred_at=act.occurred_at if act else None,
            reason=each.reason,
        )


async def _received(request: Request, copy: BinaryIO) -> None:
    size, waiting = 0, bytearray()
    async for chunk in request.stream():
        size += len(chunk)
        waiting += chunk
        if len(waiting) >= _PIECE:
            await run_in_threadpool(put, copy, bytes(waiting), size)
            waiting.clear()
    put(copy, bytes(waiting), size)
