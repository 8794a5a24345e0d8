"""Uploads as tus 1.0 speaks them (core, creation, checksum), and reading a file back."""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from sync.platform import problems
from sync.platform.platform import LIMITS, Caller
from sync.platform.problems import PlatformProblem
from sync.platform.tus import (
    CHECKSUMS,
    VERSION,
    PieceChecksum,
    check_version,
    metadata,
    number,
)
from sync.platform.uploads import Upload, Uploads
from sync.protocol.codec import content_digest

FLUSH = 1024 * 1024
PART = 1024 * 1024
"""Bytes of one answer to a Range request at most; who asks for more gets the beginning of it."""
_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?", re.ASCII)
OFFSET_TYPE = "application/offset+octet-stream"


class FileRoutes:
    """The routes below ``/v1/files``. An upload lives at ``/v1/files/{sha256}``."""

    def __init__(
        self,
        uploads: Uploads,
        caller: Callable[[Request], Awaitable[Caller]],
        epoch: Callable[[], str],
    ) -> None:
        self._uploads = uploads
        self._caller = caller
        self._epoch = epoch

    async def options(self, request: Request) -> Response:
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,checksum",
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
            "Tus-Max-Size": str(LIMITS.max_file),
        }
        return Response(status_code=204, headers=headers)

    async def create(self, request: Request) -> Response:
        """Begin an upload, or find the one that was begun: the Location is the same."""
        caller = await self._caller(request)
        check_version(request)
        size = number(request, "upload-length")
        sha256 = metadata(request.headers.get("upload-metadata", "")).get("sha256", "")
        upload = await run_in_threadpool(self._uploads.create, caller, sha256, size)
        location = f"/v1/files/{upload.sha256}"
        return Response(
            status_code=201, headers={"Location": location, "Upload-Offset": str(upload.offset)}
        )

    async def head(self, request: Request) -> Response:
        caller = await self._caller(request)
        check_version(request)
        upload = await self._find(request, caller)
        headers = {
            "Upload-Offset": str(upload.offset),
            "Upload-Length": str(upload.size),
            "Cache-Control": "no-store",
        }
        return Response(status_code=200, headers=headers)

    async def _find(self, request: Request, caller: Caller) -> Upload:
        upload = await run_in_threadpool(
            self._uploads.resumed, caller, request.path_params["sha256"]
        )
        if upload is None:
            raise PlatformProblem(404, "no_upload", "没有这次上传。", "会重新开始上传。")
        return upload

    async def patch(self, request: Request) -> Response:
        """Append. What arrived before a cut stays: the next HEAD says how far it came."""
        caller = await self._caller(request)
        check_version(request)
        if request.headers.get("content-type", "") != OFFSET_TYPE:
            raise PlatformProblem(415, "media_type", "上传的格式不对。", f"应为 {OFFSET_TYPE}。")
        upload = await self._find(request, caller)
        if upload.complete or number(request, "upload-offset") != upload.offset:
            raise PlatformProblem(
                409,
                "offset",
                "续传的位置不对。",
                "会先核对位置再传。",
                {"Upload-Offset": str(upload.offset)},
            )
        after = await self._append(request, caller, upload)
        return Response(status_code=204, headers={"Upload-Offset": str(after.offset)})

    async def _append(self, request: Request, caller: Caller, upload: Upload) -> Upload:
        left, cut = upload.size - upload.offset, False
        checksum = PieceChecksum(request.headers.get("upload-checksum", ""))
        with self._uploads.appending(caller, upload) as part:
            buffered = bytearray()
            try:
                async for chunk in request.stream():
                    left -= len(chunk)
                    if left < 0:
                        raise problems.too_large(upload.size)
                    buffered += chunk
                    checksum.add(chunk)
                    if len(buffered) >= FLUSH:
                        await run_in_threadpool(part.write, bytes(buffered))
                        buffered.clear()
            except ClientDisconnect:
                cut = True
            checksum.verify()  # of a piece that was cut nothing is kept then
            part.write(buffered)
            after = await run_in_threadpool(self._uploads.received, caller, upload, part)
        if cut:
            raise ClientDisconnect
        return after

    async def get(self, request: Request) -> Response:
        """Give a file or, asked with ``Range``, a part of it. The digest is that of what is sent."""
        caller = await self._caller(request)
        sha256 = request.path_params["sha256"]
        path = await run_in_threadpool(self._uploads.readable, caller, sha256)
        size = path.stat().st_size
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()
        headers = {
            "Repr-Digest": f"sha-256=:{digest}:",
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "attachment",
        }
        wanted = _RANGE.fullmatch(request.headers.get("range", "").strip())
        if wanted is None:
            headers |= {"Content-Digest": headers["Repr-Digest"], "Content-Length": str(size)}
            return StreamingResponse(_chunks(path), 200, headers, OCTETS)
        start, end = part_of(wanted.group(1), wanted.group(2), size)
        body = await run_in_threadpool(_read, path, start, end)
        headers["Content-Digest"] = content_digest(body)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return Response(body, 206, headers, OCTETS)


OCTETS = "application/octet-stream"


def part_of(first: str, last: str | None, size: int) -> tuple[int, int]:
    """Return [start, end) of a part of a file of ``size`` bytes. Raises ``PlatformProblem`` 416."""
    start = int(first)
    end = min(size, start + PART, int(last) + 1 if last else size)
    if start >= end:
        raise PlatformProblem(
            416, "range", "附件没有这一段。", "会从头再取。", {"Content-Range": f"bytes */{size}"}
        )
    return start, end


def _read(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
