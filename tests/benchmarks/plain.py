"""Floors: the bare work below ours. The same rows unencrypted, one fsync, bytes over loopback."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from local_store.store import Store


def plain_copy(store: Store, path: Path) -> sqlite3.Connection:
    """Copy what lists are made of into an unencrypted file; return a connection to it."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -49152")
    with store._db.read() as tx:
        for name in ("orders", "states"):
            schema = tx.one("SELECT sql FROM sqlite_master WHERE name = ?", (name,))[0]
            connection.execute(schema)
            cursor = tx.execute(f"SELECT * FROM {name}")
            marks = ", ".join("?" * len(cursor.description))
            connection.execute("BEGIN")
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", cursor)
            connection.execute("COMMIT")
        indices = tx.column(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'orders'"
            " AND sql IS NOT NULL"
        )
    for sql in indices:
        connection.execute(sql)
    connection.execute("ANALYZE")
    return connection


def fsyncs(folder: Path, times: int) -> list[float]:
    """Return how long writing and syncing 4 kB took each time, in milliseconds."""
    path = folder / "fsync-probe"
    samples = []
    with path.open("wb") as file:
        for _ in range(times):
            begun = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            samples.append((time.perf_counter() - begun) * 1000)
    path.unlink()
    return samples


def loopback(bodies: Iterable[bytes], take: Callable[[bytes], Any]) -> float:
    """Send ``bodies`` over a loopback socket to ``take``; return the seconds it took."""
    blocks = list(bodies)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = threading.Thread(target=_send, args=(listener, blocks))
        sender.start()
        begun = time.perf_counter()
        with socket.create_connection(listener.getsockname()) as line, line.makefile("rb") as file:
            for block in blocks:
                take(file.read(len(block)))
        taken = time.perf_counter() - begun
        sender.join()
    return taken


def _send(listener: socket.socket, blocks: list[bytes]) -> None:
    connection, _ = listener.accept()
    with connection:
        for block in blocks:
            connection.sendall(block)
