"""From starting the process to a painted window and to a usable list; warm, on a large store."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks import profiles
from tests.benchmarks.harness import Group, Measured, Options, Results, Row
from tests.benchmarks.program import environment, running

WIDGET = "a bare QApplication that paints one QWidget"
ROWS = (
    Row("start-painted", "process start to painted shell, warm", 0.40, "s", floor=WIDGET),
    Row("start-usable", "process start to a usable list", 1.0, "s", floor="python -c pass"),
)
_BARE = """
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.resize(1440, 900)
window.show()
window.repaint()
import os
os._exit(0)
"""


def run(options: Options) -> Results:
    painted, usable = Measured(), Measured()
    with profiles.signed_out(options.orders) as profile:
        _start(profile)
        for _ in range(options.times(15)):
            first, ready = _start(profile)
            painted.samples.append(first)
            usable.samples.append(ready)
            painted.floor.append(_process(_BARE))
            usable.floor.append(_process("pass"))
    usable.note = f"over {options.orders:,} orders"
    yield "start-painted", painted
    yield "start-usable", usable


def _start(profile: Path) -> tuple[float, float]:
    with running(profile) as program:
        painted = program.when("painted") - program.begun
        return painted, program.when("usable") - program.begun


def _process(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())
    return time.perf_counter() - begun


GROUP = Group("start", ROWS, run)
