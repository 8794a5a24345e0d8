"""The real program as a process of its own, on a prepared profile, watched from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.harness import ROOT

PATIENCE = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


def environment() -> dict[str, str]:
    """Return what a seat finds in life: no screen here, but compiled modules that are kept."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"QT_QPA_PLATFORM": "offscreen"}


class Program:
    """One running seat. Times are the machine's monotonic clock, in seconds."""

    def __init__(self, profile: Path, report: Path) -> None:
        report.write_text("")
        self._report = report
        command = [sys.executable, "-m", "tests.benchmarks.launch", str(report)]
        self.begun = time.monotonic()
        self._process = subprocess.Popen(
            [*command, "--profile", str(profile)],
            cwd=ROOT,
            env=environment(),
        )

    def said(self) -> list[tuple[str, float]]:
        """Return everything reported so far: what, when."""
        lines = self._report.read_text().splitlines()
        return [(what, float(when)) for what, _, when in (x.rpartition(" ") for x in lines)]

    def when(self, what: str, after: float = 0.0) -> float:
        """Wait until ``what`` (or its first word) is reported at or after ``after``; return when."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            for words, at in self.said():
                if at >= after and (words == what or words.split()[0] == what):
                    return at
            if self._process.poll() is not None:
                raise RuntimeError(f"the program has ended: {self._process.returncode}")
            time.sleep(0.01)
        raise TimeoutError(f"{what}: {self.said()[-5:]}")

    def cpu(self) -> float:
        """Return the seconds of processor time used so far, all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, key: str = "VmRSS") -> float:
        """Return a figure of /proc/…/status in MB."""
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith(f"{key}:"))
        return int(line.split()[1]) * 1024 / 1e6

    def end(self) -> None:
        """Ask the program to end, then make it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@contextmanager
def running(profile: Path) -> Iterator[Program]:
    """Run a seat on ``profile`` while the block runs."""
    program = Program(profile, profile / "bench-report.txt")
    try:
        yield program
    finally:
        program.end()
