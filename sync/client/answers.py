"""What an answer must have to count. Pure: bytes and headers in, a message or a failure out."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from sync.client.backoff import parse_retry_after
from sync.client.failures import Failure, FailureKind, failure
from sync.protocol.codec import decode, digest_holds
from sync.protocol.messages import (
    OLDEST_PROTOCOL,
    PROTOCOL,
    Hello,
    Message,
    Problem,
    RawSyncAnswer,
    Session,
    StickTaken,
)
from sync.protocol.witness import Witnessed

M = TypeVar("M", Hello, Session, RawSyncAnswer, StickTaken, Witnessed)
K = FailureKind

PRODUCT = "jiban-platform"
MAX_WIRE = 48 * 1024 * 1024
MAX_BODY = 96 * 1024 * 1024
"""Bytes of an answer, as sent and unpacked. The platform's pages stay far below."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as it came: header names in lower case, ``body`` unpacked. ``refresh``: it answers
    the trade of a refresh token.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    refresh: bool = False

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def unpack(wire: bytes, encoding: str) -> bytes | Failure:
    """Return the content behind ``Content-Encoding``; bounded, and whole or nothing."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return wire
    if encoding != "gzip":
        return failure(K.NOT_PLATFORM)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(wire, MAX_BODY)
    except zlib.error:
        return failure(K.CUT_OFF)
    if unpacker.unconsumed_tail:
        return failure(K.TOO_BIG)
    if not unpacker.eof or unpacker.unused_data:
        return failure(K.CUT_OFF)
    return body


def message_of(reply: Reply, kind: type[M], now: datetime) -> M | Failure:
    """Return the message, if everything about the reply holds. ``now`` (aware) is for Retry-After."""
    if reply.status not in (200, 201):
        return refusal_of(reply, now)
    if reply.media_type != "application/json":
        return failure(K.NOT_PLATFORM)
    header = reply.headers.get("content-digest")
    if header is None:
        return failure(K.NOT_PLATFORM)
    if not digest_holds(header, reply.body):
        return failure(K.CUT_OFF)
    message = _decoded(reply.body, kind)
    if isinstance(message, Failure):
        return message
    if not message.server_id or not message.epoch or message.end != message.epoch:
        return failure(K.CUT_OFF)
    return message


def _decoded(body: bytes, kind: type[M]) -> M | Failure:
    try:
        return decode(body, kind)
    except msgspec.ValidationError:
        # The digest held, so the words are as they were written: ours, or another service's?
        return failure(K.NOT_UNDERSTOOD if _is_ours(body) else K.NOT_PLATFORM)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return failure(K.NOT_PLATFORM)


class _Stamp(Message, frozen=True, kw_only=True):
    server_id: str
    epoch: str
    end: str


def _is_ours(body: bytes) -> bool:
    try:
        stamp = decode(body, _Stamp)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False
    return bool(stamp.epoch) and stamp.end == stamp.epoch


def check_hello(hello: Hello) -> Failure | None:
    """Return why this seat cannot talk to who said hello, or None."""
    if hello.product != PRODUCT:
        return failure(K.NOT_PLATFORM)
    if hello.protocol_max < OLDEST_PROTOCOL:
        return failure(K.TOO_OLD)
    if hello.protocol_min > PROTOCOL:
        return failure(K.TOO_NEW)
    return None


def problem_of(reply: Reply) -> Problem | None:
    """Return the platform's problem document; None when it is not one that holds."""
    if reply.media_type != "application/problem+json":
        return None
    if not digest_holds(reply.headers.get("content-digest"), reply.body):
        return None
    try:
        problem = decode(reply.body, Problem)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return problem if problem.status == reply.status and problem.code else None


_BY_CODE = {
    "digest": K.CUT_OFF,
    "disk_full": K.SERVER_FULL,
    "too_large": K.TOO_BIG,
    "too_many_acts": K.TOO_BIG,
    "wrong_password": K.WRONG_PASSWORD,
    "no_upload": K.GONE,
    "no_center": K.SERVER_ERROR,
    "device_revoked": K.SIGN_IN_AGAIN,
    "device_blocked": K.BLOCKED,
    "protocol_too_old": K.TOO_NEW,
    "protocol_too_new": K.TOO_OLD,
}
_TELLS_WHY = frozenset({"device_revoked"})
_OWN_WORDS = frozenset({K.TOO_MANY, K.FORBIDDEN, K.NOT_ACCEPTED, K.WRONG_PASSWORD})


def refusal_of(reply: Reply, now: datetime) -> Failure:
    """Return what a status other than success means.

    A refusal that asks something of us (sign in, leave a record out) counts only as a problem
    document of the platform: a portal's 401 or 403 must not sign anybody out.
    """
    retry_after = parse_retry_after(
        reply.headers.get("retry-after"), reply.headers.get("date"), now
    )
    problem = problem_of(reply)
    kind = _kind_of(reply, problem)
    said = problem is not None and (kind in _OWN_WORDS or problem.code in _TELLS_WHY)
    if problem is None or not said:
        return failure(kind, retry_after=retry_after, code=problem.code if problem else "")
    return failure(
        kind,
        retry_after=retry_after,
        code=problem.code,
        title=problem.title,
        advice=problem.detail,
    )


def _kind_of(reply: Reply, problem: Problem | None) -> FailureKind:
    status = reply.status
    if problem is not None and problem.code in _BY_CODE:
        return _BY_CODE[problem.code]
    if status == 429:
        return K.TOO_MANY
    if status == 507:
        return K.SERVER_FULL
    if status >= 500:
        return K.SERVER_ERROR
    if problem is None or not status >= 400:
        return K.NOT_PLATFORM
    if status == 401:
        return K.SIGN_IN_AGAIN if reply.refresh else K.UNAUTHORISED
    return {403: K.FORBIDDEN, 408: K.TIMEOUT, 413: K.TOO_BIG, 426: K.TOO_NEW}.get(
        status, K.NOT_ACCEPTED
    )
