"""500 seats on one platform process over 50,000 orders, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sync.platform.platform import Platform
from tests.benchmarks import district
from tests.benchmarks.district import LOUD, Size
from tests.benchmarks.harness import ROOT, Group, Measured, Options, Results, Row
from tests.support import postgres
from tests.support.processes import Served, served_process

KINDS = ("sqlite", "postgres")
CENTER_SEATS = 6  # of each township hear of every order
EVERY = 30.0
"""Seconds between two acts of a seat: a day's hundred calls within an hour."""

ROWS = tuple(
    Row(f"{name}-{kind}", f"500 seats on one process, {kind}: {work}", target, judged="p95")
    for kind in KINDS
    for name, work, target in (
        ("seats-push", "an act sent, judged and answered (new connection)", 500),
        ("seats-woken", "dispatched by another process: on the center's seats", 500),
        ("seats-burst", "the same, 500 orders in ten townships at once", 2000),
        ("seats-back", "all 500 come back in the same moment", 5000),
    )
)


def run(options: Options) -> Results:
    size = Size(orders=5_000) if options.quick else Size()
    for kind in KINDS:
        if any(options.wanted(row.name) and row.name.endswith(kind) for row in ROWS):
            with TemporaryDirectory(prefix="jiban-seats-") as folder:
                yield from _run(kind, Path(folder), size, 10 if options.quick else 40)


def _run(kind: str, folder: Path, size: Size, seconds: float) -> Results:
    with ExitStack() as stack:
        url, store_cpu = stack.enter_context(_database(kind, folder))
        platform = district.opened(url)
        stack.callback(platform.close)
        district.fill(platform, size)
        server = stack.enter_context(served_process(url, folder, "server", "--log", "text"))
        path = folder / "plan.json"
        district.save(district.plan(platform, size, server.url), path)
        crowd = stack.enter_context(_crowd(path))
        scene = Scene(platform, crowd, Meter(server, store_cpu), size)
        yield from ((f"{name}-{kind}", found) for name, found in scene.play(seconds))


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Yield a new database, and how much processor time its own processes have used."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'platform.db'}", lambda: 0.0
        return
    with postgres.cluster(durable=True) as cluster:
        yield cluster.fresh(), lambda: cpu_of_family(cluster.pid)


class Meter:
    """Processor seconds of the platform and of the database."""

    def __init__(self, server: Served, store: Callable[[], float]) -> None:
        self._server, self._store = server, store

    def read(self) -> tuple[float, float]:
        return cpu_of(self._server.pid), self._store()


def cpu_of(pid: int) -> float:
    """Return the processor seconds of a process and its ended children."""
    return sum(map(int, _stat(pid)[11:15])) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_of_family(pid: int) -> float:
    """Return the same with the children that run now."""
    total = cpu_of(pid)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = _stat(int(entry.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(stat[1]) == pid:
            total += sum(map(int, stat[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


class Asking:
    """The parent's end of the crowd."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, command: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the crowd has ended")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def _crowd(plan: Path) -> Iterator[Asking]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.crowd", str(plan)],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Asking(process)
    finally:
        process.communicate("stop\n", timeout=30)


@dataclass
class Scene:
    """One run: everybody there, everybody quiet, everybody busy, everybody back."""

    platform: Platform
    crowd: Asking
    meter: Meter
    size: Size

    def play(self, seconds: float) -> Iterator[tuple[str, Measured]]:
        self.crowd.ask("settle 5")
        quiet = self._phase(f"settle {seconds}")
        began: dict[str, float] = {}
        stop = threading.Event()
        arriving = threading.Thread(target=self._arrive, args=(began, stop))
        arriving.start()
        busy = self._phase(f"busy {seconds} {EVERY}")
        stop.set()
        arriving.join()
        self.crowd.ask("settle 2")
        yield "seats-push", _measured(busy.told["pushes"], _cost(quiet, busy))
        yield "seats-woken", _measured(_waits(busy.told["woken"], began), _cost(quiet, busy))
        yield "seats-burst", self._burst()
        back = self._phase("back")
        yield "seats-back", _measured(back.told["returns"], f"{back.failed} failed")

    def _phase(self, command: str) -> Phase:
        before, started = self.meter.read(), time.monotonic()
        told = self.crowd.ask(command)
        after = self.meter.read()
        return Phase(told, time.monotonic() - started, after[0] - before[0], after[1] - before[1])

    def _arrive(self, began: dict[str, float], stop: threading.Event) -> None:
        n = 0
        ids = district.township_ids(self.size)
        while not stop.wait(0.5):
            intake = district.arrival(n, LOUD)
            began[intake.number] = time.monotonic()
            self.platform.dispatch([intake], township=ids[n % len(ids)])
            n += 1

    def _burst(self) -> Measured:
        began: dict[str, float] = {}

        def work() -> None:
            for t, township in enumerate(district.township_ids(self.size)):
                batch = [district.arrival(900_000 + t * 50 + n, LOUD) for n in range(50)]
                now = time.monotonic()
                began.update((intake.number, now) for intake in batch)
                self.platform.dispatch(batch, township=township)

        thread = threading.Thread(target=work)
        thread.start()
        woken = []
        while thread.is_alive():
            woken += self.crowd.ask("settle 1")["woken"]
        woken += self.crowd.ask("settle 5")["woken"]
        expected = len(began) * CENTER_SEATS
        return _measured(_waits(woken, began), f"{len(woken)} deliveries of {expected}")


@dataclass(frozen=True, slots=True)
class Phase:
    """What came of a phase. ``platform`` and ``store`` are processor seconds."""

    told: dict[str, Any]
    seconds: float
    platform: float
    store: float

    @property
    def failed(self) -> int:
        return int(self.told["failed"])


def _cost(quiet: Phase, busy: Phase) -> str:
    """Say what a waiting seat and an act cost in processor time, platform and database."""
    seats, pushes = 500, max(1, len(busy.told["pushes"]))
    rest = quiet.platform / quiet.seconds, quiet.store / quiet.seconds
    act = [
        max(0.0, used - base * busy.seconds) / pushes * 1000
        for used, base in zip((busy.platform, busy.store), rest, strict=True)
    ]
    return (
        f"idle {rest[0] / seats * 1e6:.0f}+{rest[1] / seats * 1e6:.0f} us/s per seat, "
        f"act {act[0]:.1f}+{act[1]:.1f} ms with its {busy.told['polls'] / pushes:.1f} wakes, "
        f"{busy.platform / busy.seconds:.0%} of a core, {busy.failed + quiet.failed} failed"
        + (f" {busy.told['failures']}" if busy.failed else "")
    )


def _waits(woken: Sequence[tuple[str, float]], began: dict[str, float]) -> list[float]:
    return [at - began[number] for number, at in woken if number in began]


def _measured(seconds: Sequence[float], note: str) -> Measured:
    samples = sorted(s * 1000 for s in seconds)
    p99 = samples[max(0, math.ceil(len(samples) * 0.99) - 1)] if samples else math.nan
    return Measured(samples, note=f"p99 {p99:.0f} ms of {len(samples)}; {note}")


GROUP = Group("workstations", ROWS, run)
