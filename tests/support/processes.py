"""Platform processes as in life: ``jiban platform serve``, several on one database."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ADDRESS = re.compile(r"https?://\S+?:\d+")


class Served:
    """One process. What it logs lies in ``log``."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self.log = log
        self.url = self._announced()

    def _announced(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            found = _ADDRESS.search(line)
            if found:
                return found[0].rstrip("（")
        raise RuntimeError(f"the platform did not start: {self.log.read_text(encoding='utf-8')}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def ended(self, seconds: float = 20) -> int:
        """Wait for its end; return the exit status."""
        return self._process.wait(seconds)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def served_process(database: str, folder: Path, name: str, *options: str) -> Iterator[Served]:
    """Run a platform process while the block runs. All of one ``folder`` share its files."""
    log = folder / f"{name}.log"
    command = [
        sys.executable, "-m", "desktop_app", "platform", "serve", "--database", database,
        "--port", "0", "--files", str(folder / "files"), "--log", "json", *options,
    ]  # fmt: skip
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command,
            text=True,
            stdout=subprocess.PIPE,
            stderr=stream,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    served: Served | None = None
    try:
        served = Served(process, log)
        yield served
    finally:
        if served is not None:
            served.close()
        else:
            process.kill()
            process.communicate()
