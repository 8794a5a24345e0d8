"""Bytes on their way out and in: digests, compression, bounds, problem documents."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sync.platform import problems
from sync.platform.problems import PlatformProblem
from sync.protocol.codec import content_digest, decode, digest_holds, encode
from sync.protocol.messages import Problem

T = TypeVar("T")
COMPRESS_FROM = 1024
SMALL_BODY = 64 * 1024


def answer(request: Request, value: object, status: int = 200) -> Response:
    """Return ``value`` as JSON. The digest is that of the content before any compression."""
    body = encode(value)
    headers = {"Content-Digest": content_digest(body), "Cache-Control": "no-store"}
    return finish(request, body, status, "application/json", headers)


def finish(
    request: Request, body: bytes, status: int, media_type: str, headers: dict[str, str]
) -> Response:
    """Return the response, compressed when asked for and worth it."""
    headers["Vary"] = "Accept-Encoding"
    if len(body) > COMPRESS_FROM and _asks_for_gzip(request):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, media_type)


def _asks_for_gzip(request: Request) -> bool:
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = part.strip().partition(";")
        if name.lower() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def problem(request: Request, error: PlatformProblem, epoch: str) -> Response:
    """Return the problem document of ``error``."""
    document = Problem(
        type=f"urn:jiban:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        end=epoch,
    )
    body = encode(document)
    headers: dict[str, str] = {**error.headers, "Content-Digest": content_digest(body)}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return finish(request, body, error.status, "application/problem+json", headers)


async def read_body(request: Request, limit: int = SMALL_BODY) -> bytes:
    """Return the request's content, bounded, unpacked, and checked against its digest if it has one."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and declared.isascii() and int(declared[:15]) > limit:
        raise problems.too_large(limit)
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > limit:
            raise problems.too_large(limit)
    body = _unpacked(bytes(received), request.headers, limit)
    given = request.headers.get("content-digest")
    if given is not None and not digest_holds(given, body):
        raise problems.damaged()
    return body


def _unpacked(body: bytes, headers: Mapping[str, str], limit: int) -> bytes:
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise PlatformProblem(415, "encoding", "不认识这种压缩方式。", "只支持 gzip。")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(body, limit)
    except zlib.error:
        raise problems.damaged() from None
    if unpacker.unconsumed_tail:
        raise problems.too_large(limit)
    if not unpacker.eof or unpacker.unused_data:
        raise problems.damaged()
    return plain


def parse(body: bytes, kind: type[T]) -> T:
    """Return the body as ``kind``. Raises ``PlatformProblem`` 400."""
    try:
        return decode(body, kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise problems.not_readable(f"格式不对：{str(error)[:200]}") from None
