"""What the open window costs while nobody touches it: processor time and memory."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import profiles
from tests.benchmarks.harness import Group, Measured, Options, Results, Row
from tests.benchmarks.program import running
from tests.benchmarks.serving import served

ROWS = (
    Row("idle", "idle CPU with the window open", 1.0, "% of a core"),
    Row("memory", "memory, window open", 250, "MB"),
)


def run(options: Options) -> Results:
    seconds = 10 if options.quick else 30
    with (
        TemporaryDirectory(prefix="jiban-bench-") as folder,
        served(Path(folder), as_bench=True) as platform,
        profiles.signed_in(options.orders, platform.url) as profile,
        running(profile) as program,
    ):
        program.when("usable")
        time.sleep(8)
        idle, memory = Measured(), Measured()
        for _ in range(3):
            before, begun = program.cpu(), time.monotonic()
            time.sleep(seconds / 3)
            used = (program.cpu() - before) / (time.monotonic() - begun)
            idle.samples.append(used * 100)
            memory.samples.append(program.memory())
        peak = program.memory("VmHWM")
    idle.note = f"{seconds} s, signed in, long poll open"
    memory.note = f"RSS over {options.orders:,} orders; peak {peak:.0f} MB"
    yield "idle", idle
    yield "memory", memory


GROUP = Group("idle", ROWS, run)
