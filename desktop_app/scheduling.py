"""The heartbeat of a seat: a few interval jobs that only say "look again", and a watchdog beside them.

Nothing is remembered here. What is due is computed from the store and the clock at every beat, so a
beat that is late, doubled or lost costs a delay and never an alert. APScheduler reckons by the wall
clock: set back by three hours it stands still for three hours. The watchdog reckons by the monotonic
clock, notices both that and a sleep, and beats by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from desktop_app.domain.clock import Clock, SystemClock

ALERTS_SECONDS = 5
UPKEEP_SECONDS = 60
WATCH_MS = 1000
GAP_SECONDS = 10.0
"""A beat that comes this much later than asked for means the machine slept or hung."""


class Heartbeat(QObject):
    """Made and started in the GUI thread by ``app.py``, stopped by it. Signals arrive in that thread."""

    alerts_due = Signal()
    """Compute again what is due."""
    upkeep_due = Signal()
    """Once a minute: things that are not urgent."""
    woke = Signal(float)
    """The machine slept, hung, or its clock was moved: seconds of the gap (negative: set back)."""

    _job_ran = Signal(str)

    def __init__(self, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self._scheduler: Any = None
        self._last: dict[str, float] = {}
        self._seen = (self._clock.now(), self._clock.monotonic())
        self._job_ran.connect(self._on_job_ran, Qt.ConnectionType.QueuedConnection)
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(self.look)

    @property
    def running(self) -> bool:
        return self._scheduler is not None

    def start(self) -> None:
        """Start the scheduler's thread and the watchdog."""
        if self.running:
            return
        # Imported late: reading the time zone data and the plug-in tables is not needed to paint.
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for name, seconds in _JOBS.items():
            scheduler.add_job(self._job(name), "interval", seconds=seconds, id=name)
            self._last[name] = self._clock.monotonic()
        scheduler.start()
        self._scheduler = scheduler
        self._seen = (self._clock.now(), self._clock.monotonic())
        self._watch.start()

    def stop(self) -> None:
        """Stop both and wait for the scheduler's thread."""
        self._watch.stop()
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=True)

    def _job(self, name: str) -> Callable[[], None]:
        def say() -> None:
            self._job_ran.emit(name)

        return say

    @Slot(str)
    def _on_job_ran(self, name: str) -> None:
        if self.running:
            self._beat(name)

    def _beat(self, name: str) -> None:
        self._last[name] = self._clock.monotonic()
        (self.alerts_due if name == "alerts" else self.upkeep_due).emit()

    @Slot()
    def look(self) -> None:
        """The watchdog's look, once a second."""
        now, mono = self._clock.now(), self._clock.monotonic()
        then, before = self._seen
        self._seen = (now, mono)
        by_wall, by_mono = (now - then).total_seconds(), mono - before
        gap = by_wall if abs(by_wall) > GAP_SECONDS else by_mono
        if abs(gap) > GAP_SECONDS:
            self._resume()
            self.woke.emit(gap)
            self._beat("alerts")
        for name, seconds in _JOBS.items():
            if mono - self._last.get(name, mono) > 2 * seconds:
                self._beat(name)

    def _resume(self) -> None:
        """Give the jobs a next time by the clock as it stands now."""
        if self._scheduler is not None:
            for name in _JOBS:
                self._scheduler.modify_job(name, next_run_time=SystemClock().now())


_JOBS = {"alerts": ALERTS_SECONDS, "upkeep": UPKEEP_SECONDS}
