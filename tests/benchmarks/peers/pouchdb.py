"""PouchDB (leveldb) against express-pouchdb (in memory)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.peers.process import PEERS, Process, Work, running

SCRIPT = Path(__file__).with_name("pouch.js")
NODE = PEERS / "node"


class PouchSession:
    def __init__(self, seat: Process, url: str) -> None:
        self.url = url
        self._seat = seat
        self._done = 0

    def first(self) -> float:
        return float(self._seat.ask("first", url=f"{self.url}/orders")["ms"])

    def push(self, count: int) -> float:
        self._edit(count)
        return float(self._seat.ask("push", url=f"{self.url}/orders")["ms"])

    def nothing(self) -> float:
        return float(self._seat.ask("pull", url=f"{self.url}/orders")["ms"])

    def exchange(self, count: int, url: str) -> float:
        """Push ``count`` edits and pull, over ``url``."""
        self._seat.ask("push", url=f"{url}/orders")
        self._seat.ask("pull", url=f"{url}/orders")  # its checkpoints over this address
        self._edit(count)
        return float(self._seat.ask("both", url=f"{url}/orders")["ms"])

    def _edit(self, count: int) -> None:
        self._done += 1
        self._seat.ask("edit", first=0, count=count, word=f"第 {self._done} 次修改")


class Pouch:
    name = "PouchDB"
    differs = "server in memory, seat on leveldb without encryption, no rules"

    def installed(self) -> bool:
        return shutil.which("node") is not None and (NODE / "node_modules/pouchdb").is_dir()

    @contextmanager
    def session(self, folder: Path, work: Work) -> Iterator[PouchSession]:
        serve = ["node", str(SCRIPT), "serve"]
        with running(serve, NODE) as server:
            port = server.answer()["port"]
            server.ask("fill", file=str(work.documents))
            with running(["node", str(SCRIPT), "seat", str(folder)], NODE) as seat:
                seat.answer()
                yield PouchSession(seat, f"http://127.0.0.1:{port}")
