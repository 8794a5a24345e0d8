"""Floors of syncing: the raw bytes over a loopback HTTP connection and one bare insert each."""

from __future__ import annotations

import http.client
import secrets
import sqlite3
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as encrypted

BARE = "the bytes over loopback HTTP and one bare insert each, in one durable transaction"


def bare(path: Path, bodies: Sequence[bytes], *, cipher: bool, send: bool = False) -> float:
    """Return the seconds for fetching (or, with ``send``, sending) and inserting ``bodies``."""
    content = b"".join(bodies)
    database = _opened(path, cipher=cipher)
    with _Server(content) as port:
        line = http.client.HTTPConnection("127.0.0.1", port)
        line.connect()
        begun = time.perf_counter()
        line.request("POST" if send else "GET", "/", content if send else None)
        line.getresponse().read()
        database.execute("BEGIN")
        database.executemany("INSERT INTO bodies (body) VALUES (?)", ((body,) for body in bodies))
        database.execute("COMMIT")
        taken = time.perf_counter() - begun
        line.close()
    database.close()
    for tail in ("", "-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
    return taken


def _opened(path: Path, *, cipher: bool) -> Any:
    database: Any = (encrypted if cipher else sqlite3).connect(str(path), isolation_level=None)
    if cipher:
        database.execute(f"PRAGMA key = \"x'{secrets.token_hex(32)}'\"")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 0"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB)")
    return database


class _Server:
    """Answers every request with the same content."""

    def __init__(self, content: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Nothing is logged."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> int:
        self._thread.start()
        return self._server.server_port

    def __exit__(self, *_why: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
