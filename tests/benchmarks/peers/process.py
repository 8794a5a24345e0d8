"""A peer's process: JSON commands in, JSON answers out; and what all peers are asked to do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks.harness import BUILD

PEERS = BUILD / "peers"
HOW = "make bench-peers 安装"


class PeerFailed(RuntimeError):
    """The peer said what went wrong, or went away."""


class Process:
    """One running process. ``ask`` sends a command and waits for its answer."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                found: dict[str, Any] = json.loads(line)
                if "error" in found:
                    raise PeerFailed(found["error"])
                return found
        raise PeerFailed("the process has ended")

    def ask(self, do: str, **more: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Process]:
    process = Process(command, folder, environment)
    try:
        yield process
    finally:
        process.close()


@dataclass(frozen=True, slots=True)
class Work:
    """What a peer is given: a file with one document a line, and how often to repeat what is quick."""

    documents: Path
    times: int


class Session(Protocol):
    """A server that holds the documents and a seat that syncs with it. All times in milliseconds."""

    url: str

    def first(self) -> float: ...
    def push(self, count: int) -> float: ...
    def nothing(self) -> float: ...
    def exchange(self, count: int, url: str) -> float: ...


class Peer(Protocol):
    """``differs``: what has to be known to compare honestly."""

    name: str
    differs: str

    def installed(self) -> bool: ...
    def session(self, folder: Path, work: Work) -> AbstractContextManager[Session]: ...
