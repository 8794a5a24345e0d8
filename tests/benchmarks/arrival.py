"""From the platform's dispatch to the dispatcher's screen: three real processes on one machine."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import profiles
from tests.benchmarks.harness import Group, Measured, Options, Results, Row
from tests.benchmarks.program import Program, running
from tests.benchmarks.serving import LOUD, Serving, served

ROWS = (
    Row("arrival-row", "dispatched on the platform: row on the screen", 0.3, "s", judged="p95"),
    Row("arrival-alarm", "dispatched on the platform: alarm on the screen", 0.3, "s", judged="p95"),
)


def run(options: Options) -> Results:
    with (
        TemporaryDirectory(prefix="jiban-bench-") as folder,
        served(Path(folder), as_bench=True) as platform,
        profiles.signed_in(options.orders, platform.url) as profile,
        running(profile) as program,
    ):
        row, alarm = _arrivals(options, platform, program)
    row.note = f"with {options.orders:,} orders in the store"
    yield "arrival-row", row
    yield "arrival-alarm", alarm


def _arrivals(options: Options, platform: Serving, program: Program) -> tuple[Measured, Measured]:
    row, alarm = Measured(), Measured()
    program.when("usable")
    time.sleep(6.0)  # signed in, first sync over, the list at rest
    for n in range(options.times(40)):
        began = platform.dispatch(n)
        row.samples.append(program.when("row", began) - began)
        time.sleep(0.1)
    for n in range(LOUD, LOUD + options.times(15)):
        began = platform.dispatch(n)
        alarm.samples.append(program.when("alarm", began) - began)
        program.when("silence", platform.accept(n))  # some seconds after it said who took it
    return row, alarm


GROUP = Group("arrival", ROWS, run)
