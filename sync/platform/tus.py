"""The words of tus 1.0: version, numbers, metadata and checksums in headers."""

from __future__ import annotations

import base64
import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from sync.platform import problems
from sync.platform.guard import Handler
from sync.platform.problems import PlatformProblem

VERSION = "1.0.0"
CHECKSUMS = ("sha1", "sha256")  # tus: sha1 must be among them


class PieceChecksum:
    """What a tus ``Upload-Checksum`` header says of the piece that comes with it, "" says nothing.

    Raises ``PlatformProblem`` 400 for a header that cannot be read.
    """

    def __init__(self, header: str) -> None:
        name, _, encoded = header.strip().partition(" ")
        self.given = bool(header)
        self._so_far = hashlib.sha1(usedforsecurity=False)
        if not self.given:
            return
        try:
            self._expected = base64.b64decode(encoded, validate=True)
        except ValueError:
            name = ""
        if name not in CHECKSUMS:
            raise problems.not_readable("不认识这种 Upload-Checksum。")
        self._so_far = hashlib.new(name, usedforsecurity=False)

    def add(self, chunk: bytes) -> None:
        if self.given:
            self._so_far.update(chunk)

    def verify(self) -> None:
        """Raise ``PlatformProblem`` 460 when what was added is not what the header says."""
        if self.given and not hmac.compare_digest(self._so_far.digest(), self._expected):
            raise PlatformProblem(460, "piece_checksum", "这一段附件传坏了。", "会把这一段重传。")


def speaking_tus(handler: Handler) -> Handler:
    """Return ``handler`` with the version in every answer, refusals included."""

    async def spoken(request: Request) -> Response:
        response = await handler(request)
        response.headers["Tus-Resumable"] = VERSION
        return response

    return spoken


def check_version(request: Request) -> None:
    """Raise ``PlatformProblem`` 412 for who speaks another tus, or none."""
    if request.headers.get("tus-resumable") != VERSION:
        raise PlatformProblem(
            412, "tus", "上传方式的版本不对。", "请升级程序。", {"Tus-Version": VERSION}
        )


def number(request: Request, header: str) -> int:
    """Return the number that ``header`` says. Raises ``PlatformProblem`` 400."""
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise problems.not_readable(f"缺少或写错了 {header}。")
    return int(text)


def metadata(header: str) -> dict[str, str]:
    """Return the pairs of a tus ``Upload-Metadata`` header; values are base64 of UTF-8."""
    pairs = {}
    for part in header.split(","):
        name, _, value = part.strip().partition(" ")
        try:
            pairs[name] = base64.b64decode(value, validate=True).decode()
        except ValueError:  # no base64, no UTF-8, or not even ASCII
            raise problems.not_readable("附件说明读不懂。") from None
    return pairs
