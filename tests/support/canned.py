"""A tiny HTTP server that answers raw bytes: what a broken, foreign or hostile peer sends."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from sync.protocol.codec import content_digest, encode
from sync.protocol.messages import Hello, SyncAnswer

NOW = datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
Respond = Callable[[bytes, socket.socket], bytes]


class CannedServer:
    """Calls ``respond(request bytes, connection)`` for each request and sends what it returns.

    One answer per connection unless ``keep``.
    """

    def __init__(self, respond: Respond, *, keep: bool = False) -> None:
        self.respond = respond
        self.keep = keep
        self.requests: list[bytes] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            while request := read_request(sock):
                self.requests.append(request)
                sock.sendall(self.respond(request, sock))
                if not self.keep:
                    return


def read_request(sock: socket.socket) -> bytes:
    """Return one whole request, or nothing at the end."""
    data = bytearray()
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return b""
        data += piece
        if data[0] == 0x16:  # a TLS hello: a plain server answers it with an error page
            return bytes(data)
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        piece = sock.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


def response(
    body: bytes,
    status: str = "200 OK",
    media: str = "application/json",
    *,
    digest: bool = True,
    length: bool = True,
    zipped: bool = False,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return a raw response as the platform would frame it, or without one of its parts."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}"]
    if digest:
        lines.append(f"Content-Digest: {content_digest(body)}")
    if zipped:
        body = gzip.compress(body)
        lines.append("Content-Encoding: gzip")
    lines.append(f"Content-Length: {len(body)}" if length else "Connection: close")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def hello_bytes(**changes: object) -> bytes:
    """Return the body of a hello, with ``changes``."""
    values: dict[str, object] = {
        "product": "jiban-platform", "server_id": "s", "epoch": "e", "protocol_min": 1,
        "protocol_max": 1, "now": NOW, "end": "e",
    }  # fmt: skip
    return encode(Hello(**{**values, **changes}))  # type: ignore[arg-type]


def answer_bytes(**changes: object) -> bytes:
    """Return the body of a sync answer, with ``changes``."""
    values: dict[str, object] = {
        "server_id": "s", "epoch": "e", "now": NOW, "cursor": "c1", "end": "e",
    }  # fmt: skip
    return encode(SyncAnswer(**{**values, **changes}))  # type: ignore[arg-type]


@contextmanager
def canned(answer: bytes | Respond, *, keep: bool = False) -> Iterator[CannedServer]:
    """Serve one raw answer, or whatever ``answer(request, connection)`` returns."""
    respond = answer if callable(answer) else lambda _request, _sock: answer
    server = CannedServer(respond, keep=keep)
    try:
        yield server
    finally:
        server.close()
