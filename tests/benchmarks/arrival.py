"""From the platform's dispatch to the dispatcher's screen: three real processes on one machine, and a
line between them that takes its time.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import profiles
from tests.benchmarks.harness import Group, Measured, Options, Results, Row
from tests.benchmarks.line import VILLAGE_RTT, village_line
from tests.benchmarks.program import Program, running
from tests.benchmarks.serving import LOUD, Serving, served

WITHIN = 0.15
"""Seconds beyond a round trip."""
ROWS = (
    Row("arrival-row", "dispatched on the platform: row on the screen", WITHIN, "s", judged="p95"),
    Row("arrival-alarm", "dispatched on the platform: alarm on the screen", 0.3, "s", judged="p95"),
    Row("arrival-far", f"the same row over a line of {VILLAGE_RTT * 1000:.0f} ms",
        WITHIN + VILLAGE_RTT, "s", judged="p95"),
)  # fmt: skip
FAR = 5_000
"""Orders in the store of the far seat: it fetches none of them over its line."""


def run(options: Options) -> Results:
    if options.wanted("arrival-row") or options.wanted("arrival-alarm"):
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
    if options.wanted("arrival-far"):
        yield "arrival-far", _far(options)


def _far(options: Options) -> Measured:
    with (
        TemporaryDirectory(prefix="jiban-bench-") as folder,
        served(Path(folder), as_bench=True) as platform,
        village_line(platform.url) as line,
        profiles.signed_in(FAR, line.url) as profile,
        running(profile) as program,
    ):
        program.when("usable")
        time.sleep(10.0)
        row = _rows(options.times(40), platform, program, 2.0)
    row.note = (
        "the moment it shows less the moment of dispatch; the answer travels half a round trip"
    )
    return row


def _arrivals(options: Options, platform: Serving, program: Program) -> tuple[Measured, Measured]:
    program.when("usable")
    time.sleep(6.0)  # signed in, first sync over, the list at rest
    row, alarm = _rows(options.times(40), platform, program, 0.1), Measured()
    for n in range(LOUD, LOUD + options.times(15)):
        began = platform.dispatch(n)
        alarm.samples.append(program.when("alarm", began) - began)
        program.when("silence", platform.accept(n))  # some seconds after it said who took it
    return row, alarm


def _rows(times: int, platform: Serving, program: Program, rest: float) -> Measured:
    """Dispatch so often and note when the row was on the screen; ``rest`` seconds in between, in
    which the seat waits for news again.
    """
    row = Measured()
    for n in range(times):
        began = platform.dispatch(n)
        row.samples.append(program.when("row", began) - began)
        time.sleep(rest)
    return row


GROUP = Group("arrival", ROWS, run)
