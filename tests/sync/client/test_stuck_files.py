"""A platform that answers about a file without ever getting any further is not asked hot."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_store.store import Store
from sync.client.address import Address
from sync.client.answers import Reply
from sync.client.downloads import piece_of
from sync.client.failures import Failure, FailureKind
from sync.client.transport import Transport
from sync.client.uploads import Uploader
from sync.protocol.codec import content_digest
from tests.support.answering import synced_store, with_orders
from tests.support.canned import canned
from tests.support.clock import ManualClock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = synced_store(tmp_path / "seat", with_orders(1))
    made.add_file(b"\xff\xd8" * 5000, "现场.jpg")
    with made._db.write() as tx:
        tx.execute("UPDATE files SET wanted = 1")
    yield made
    made.close()


@pytest.mark.parametrize("offset", ["0", "9" * 5000, "-1", "１２"])
def test_a_piece_that_leads_nowhere_is_a_failure(store: Store, offset: str) -> None:
    """A failure backs off; anything else would be followed by the same piece at once."""

    def respond(request: bytes, _sock: socket.socket) -> bytes:
        begins = request.startswith(b"POST")
        status, at = ("201 Created", "0") if begins else ("204 No Content", offset)
        lines = (f"HTTP/1.1 {status}", "Tus-Resumable: 1.0.0", f"Upload-Offset: {at}")
        length = ("Content-Length: 0",) if begins else ()
        return "\r\n".join((*lines, *length)).encode("utf-8") + b"\r\n\r\n"

    with canned(respond, keep=True) as server:
        line = Transport(Address(server.url, True, True), ManualClock())
        uploader = Uploader(store, line, ManualClock())
        assert uploader.send_piece("t") is None
        assert isinstance(uploader.send_piece("t"), Failure)
        line.close()


@pytest.mark.parametrize("claim", ["bytes 5-4/10", "bytes 0--1/10"])
def test_an_empty_piece_is_none(claim: str) -> None:
    headers = {"content-digest": content_digest(b""), "content-range": claim}
    found = piece_of(Reply(206, headers, b""), 5)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.NOT_UNDERSTOOD
