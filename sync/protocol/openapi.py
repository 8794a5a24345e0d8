"""The contract as an OpenAPI 3.1 document, made from the message types.

``python -m sync.protocol.openapi`` writes ``docs/openapi.json``; a test holds the file to this code
and real answers of every endpoint to the file. Working with a cursor, what the outcomes mean and
how to recover are told in ``docs/sync.md``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from sync.protocol.messages import (
    PROTOCOL,
    Done,
    Hello,
    Login,
    Problem,
    Refresh,
    Session,
    StickTaken,
    SyncAnswer,
    SyncRequest,
)
from sync.protocol.stick import MEDIA_TYPE
from sync.protocol.witness import Witnessed

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
_TYPES = (
    Done, Hello, Login, Problem, Refresh, Session, StickTaken, SyncAnswer, SyncRequest, Witnessed,
)  # fmt: skip
_SHA = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_INTRODUCTION = """\
Every JSON answer ends in `end`, which equals the platform's `epoch`, and carries a `Content-Digest`
header (RFC 9530, sha-256). The digest is that of the content before compression (the identity
representation); gzip is used only when asked for and only above 1 kB. A request may carry the same
header, and is then refused when it does not hold. An answer counts only if status, media type,
server id, epoch, digest, schema and end mark all hold.

Errors are RFC 9457 problem documents in Chinese with a stable `code`.

A cursor is opaque. An unknown one, one of another epoch or of another role begins from the start.
When a cursor proves that the platform has lost history (a restored backup), the epoch changes."""


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    _, components = msgspec.json.schema_components(
        _TYPES, ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jiban Desk platform",
            "version": str(PROTOCOL),
            "description": _INTRODUCTION,
        },
        "paths": _paths(),
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def text() -> str:
    """Return the document as it lies in ``docs/openapi.json``."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _ref(kind: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _json(kind: type[Any], media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": _ref(kind)}}


def _operation(
    summary: str,
    answer: type[Any] | None = None,
    *,
    body: type[Any] | None = None,
    status: int = 200,
    open_: bool = False,
    parameters: tuple[dict[str, Any], ...] = (),
    headers: tuple[str, ...] = (),
) -> dict[str, Any]:
    good: dict[str, Any] = {"description": summary}
    names = (*headers, "Content-Digest") if answer else headers
    if names:
        good["headers"] = {name: {"schema": {"type": "string"}} for name in names}
    if answer is not None:
        good["content"] = _json(answer)
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            str(status): good,
            "default": {
                "description": "Problem",
                "content": _json(Problem, "application/problem+json"),
            },
        },
    }
    if not open_:
        operation["security"] = [{"bearer": []}]
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    if parameters:
        operation["parameters"] = list(parameters)
    return operation


def _parameter(name: str, place: str, schema: dict[str, Any], *, need: bool = False) -> Any:
    return {"name": name, "in": place, "required": need, "schema": schema}


_CURSOR = _parameter("cursor", "query", {"type": "string"})
_LIMIT = _parameter("limit", "query", {"type": "integer", "minimum": 1})
_PACKS = _parameter("packs", "query", {"type": "integer", "enum": [0, 1]})
_WAIT = _parameter("wait", "query", {"type": "number", "minimum": 0, "maximum": 60})
_AT = _parameter("at", "query", {"type": "string", "pattern": "^[0-9]+(,[0-9]+)*$"})
_FILE_NAME = _parameter("sha256", "path", _SHA, need=True)
_VERSION = _parameter("Tus-Resumable", "header", {"const": "1.0.0"}, need=True)
_LENGTH = _parameter("Upload-Length", "header", {"type": "integer"}, need=True)
_METADATA = _parameter("Upload-Metadata", "header", {"type": "string"}, need=True)
_RANGE = _parameter("Range", "header", {"type": "string", "pattern": "^bytes=[0-9]+-[0-9]*$"})
_OFFSET = _parameter("Upload-Offset", "header", {"type": "integer"}, need=True)
_CHECKSUM = _parameter("Upload-Checksum", "header", {"type": "string"})


def _paths() -> dict[str, Any]:
    return {
        "/health": {"get": _operation("This process runs", Done, open_=True)},
        "/ready": {
            "get": _operation("This process takes requests: its store answers", Done, open_=True)
        },
        "/v1/hello": {"get": _operation("Who this is, its time and limits", Hello, open_=True)},
        "/v1/openapi.json": {"get": _operation("This document", open_=True)},
        "/v1/sessions": {
            "post": _operation("Sign in", Session, body=Login, status=201, open_=True),
            "delete": _operation("Sign out", Done),
        },
        "/v1/sessions/refresh": {
            "post": _operation(
                "Spend a refresh token for the next pair; again if the answer was lost",
                Session,
                body=Refresh,
                open_=True,
            )
        },
        "/v1/sync": {
            "post": _operation("Push acts and pull what changed", SyncAnswer, body=SyncRequest)
        },
        "/v1/changes": {
            "get": _operation(
                "Wait until something changed after the cursor",
                SyncAnswer,
                parameters=(_CURSOR, _WAIT, _LIMIT),
            )
        },
        "/v1/snapshot": {
            "get": _operation(
                "Pull in large pages; with packs=1 many orders come packed",
                SyncAnswer,
                parameters=(_CURSOR, _LIMIT, _PACKS),
            )
        },
        "/v1/chain": {
            "get": _operation(
                "Entries of the chain: the newest, and those of the asked numbers as they stand",
                Witnessed,
                parameters=(_CURSOR, _AT),
            )
        },
        "/v1/outbox-imports": {"post": _stick()},
        "/v1/files": _create_paths(),
        "/v1/files/{sha256}": _file_paths(),
    }


def _stick() -> dict[str, Any]:
    operation = _operation(
        "Take in what a seat without a line put on a USB stick (dispatchers, administrators)",
        StickTaken,
    )
    content = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}
    operation["requestBody"] = {"required": True, "content": content}
    return operation


def _create_paths() -> dict[str, Any]:
    return {
        "options": _operation(
            "What uploads can do", status=204, open_=True, headers=("Tus-Version", "Tus-Max-Size")
        ),
        "post": _operation(
            "Begin an upload or find the one begun; Upload-Metadata names sha256 in base64",
            status=201,
            parameters=(_VERSION, _LENGTH, _METADATA),
            headers=("Location", "Upload-Offset"),
        ),
    }


def _file_paths() -> dict[str, Any]:
    return {
        "head": _operation(
            "How far the caller's upload has come",
            parameters=(_FILE_NAME, _VERSION),
            headers=("Upload-Offset", "Upload-Length"),
        ),
        "patch": _operation(
            "Append; checked against Upload-Checksum, and when whole against the name (460)",
            status=204,
            parameters=(_FILE_NAME, _VERSION, _OFFSET, _CHECKSUM),
            headers=("Upload-Offset",),
        ),
        "get": _reading(),
    }


def _reading() -> dict[str, Any]:
    """Reading has two good answers: all of it, or a part."""
    operation = _operation(
        "Read a file that the history of an order the caller may see names",
        parameters=(_FILE_NAME, _RANGE),
        headers=("Content-Digest", "Repr-Digest"),
    )
    part = {
        "description": "The part asked for, of 1 MiB at most; Content-Digest is that of the part",
        "headers": {
            name: {"schema": {"type": "string"}}
            for name in ("Content-Digest", "Repr-Digest", "Content-Range")
        },
    }
    operation["responses"]["206"] = part
    return operation


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
