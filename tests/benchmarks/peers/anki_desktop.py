"""Anki: its collection and its sync server, from its own package."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.peers.process import PEERS, Process, Work, running

SCRIPT = Path(__file__).with_name("anki_seat.py")
PYTHON = PEERS / "anki" / "bin" / "python"
PATIENCE = 20.0


class AnkiSession:
    def __init__(self, seat: Process, url: str) -> None:
        self.url = url
        self._seat = seat
        self._done = 0

    def first(self) -> float:
        return float(self._seat.ask("first", url=self.url)["ms"])

    def push(self, count: int) -> float:
        self._edit(count)
        return float(self._seat.ask("sync", url=self.url)["ms"])

    def nothing(self) -> float:
        return float(self._seat.ask("sync", url=self.url)["ms"])

    def exchange(self, count: int, url: str) -> float:
        """Push ``count`` edits and pull, over ``url``: one sync does both."""
        self._edit(count)
        return float(self._seat.ask("sync", url=f"{url}/")["ms"])

    def _edit(self, count: int) -> None:
        self._done += 1
        self._seat.ask("edit", first=0, count=count, word=f" {self._done}")


class Anki:
    name = "Anki"
    differs = "ships its whole file first, nothing encrypted at rest, no rules, last writer wins"

    def installed(self) -> bool:
        return PYTHON.exists()

    @contextmanager
    def session(self, folder: Path, work: Work) -> Iterator[AnkiSession]:
        port = _free_port()
        environment = {
            **os.environ,
            "SYNC_USER1": "bench:bench",
            "SYNC_BASE": str(folder / "server"),
            "SYNC_HOST": "127.0.0.1",
            "SYNC_PORT": str(port),
            "MAX_SYNC_PAYLOAD_MEGS": "500",
        }
        with running([str(PYTHON), "-m", "anki.syncserver"], folder, environment):
            _wait_for(port)
            with running([str(PYTHON), str(SCRIPT), str(folder)], folder) as seat:
                seat.answer()
                url = f"http://127.0.0.1:{port}/"
                seat.ask("fill", url=url, file=str(work.documents))
                session = AnkiSession(seat, url)
                session.first()
                yield session


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("Anki's sync server does not listen")
