"""The heartbeat: jobs that only emit, a watchdog that does not trust the wall clock."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from desktop_app import scheduling
from desktop_app.scheduling import Heartbeat
from tests.support.clock import ManualClock

SECOND = timedelta(seconds=1)


class Heard:
    """Counts what the heartbeat said, and in which thread."""

    def __init__(self, heart: Heartbeat) -> None:
        self.alerts = 0
        self.upkeep = 0
        self.gaps: list[float] = []
        self.threads: set[int] = set()
        heart.alerts_due.connect(self._on_alerts)
        heart.upkeep_due.connect(self._on_upkeep)
        heart.woke.connect(self.gaps.append)

    def _on_alerts(self) -> None:
        self.alerts += 1
        self.threads.add(threading.get_ident())

    def _on_upkeep(self) -> None:
        self.upkeep += 1


def test_jobs_arrive_in_the_gui_thread_and_stop_when_told(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scheduling._JOBS, "alerts", 0.02)
    heart = Heartbeat()
    heard = Heard(heart)
    heart.start()
    heart.start()
    with qtbot.waitSignals([heart.alerts_due] * 3, timeout=5000):
        pass
    assert heard.threads == {threading.get_ident()}
    heart.stop()
    heart.stop()
    assert not heart.running
    assert not [t for t in threading.enumerate() if "APScheduler" in t.name]


def test_the_watchdog_beats_when_no_job_runs(qtbot: QtBot) -> None:
    clock = ManualClock()
    heart = Heartbeat(clock)
    heard = Heard(heart)
    heart._last = {"alerts": clock.monotonic(), "upkeep": clock.monotonic()}
    for _ in range(60):
        clock.advance(SECOND)
        heart.look()
    assert heard.alerts == 5  # every 11 s: twice the interval is patience enough
    assert heard.gaps == []
    for _ in range(61):
        clock.advance(SECOND)
        heart.look()
    assert heard.upkeep == 1


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_moved_clock_is_noticed_at_once(qtbot: QtBot, hours: int) -> None:
    clock = ManualClock()
    heart = Heartbeat(clock)
    heard = Heard(heart)
    clock.advance(SECOND)
    heart.look()
    assert heard.alerts == 0
    clock.jump(timedelta(hours=hours))
    clock.advance(SECOND)
    heart.look()
    assert heard.alerts == 1
    assert heard.gaps == [hours * 3600 + 1]
    clock.advance(SECOND)
    heart.look()
    assert heard.alerts == 1


def test_a_sleep_is_noticed_whichever_clock_went_on(qtbot: QtBot) -> None:
    clock = ManualClock()
    heart = Heartbeat(clock)
    heard = Heard(heart)
    clock.advance(timedelta(hours=8))
    heart.look()
    assert heard.gaps == [8 * 3600]
    clock.jump(timedelta(hours=-8))
    clock.advance(timedelta(hours=8))  # slept eight hours, and the wall clock was reset meanwhile
    heart.look()
    assert heard.gaps[-1] == 8 * 3600
    assert heard.alerts == 2


def test_jobs_go_on_after_the_clock_was_moved(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scheduling._JOBS, "upkeep", 3600)
    clock = ManualClock()
    heart = Heartbeat(clock)
    heart.start()
    clock.jump(timedelta(hours=-3))
    with qtbot.waitSignal(heart.upkeep_due, timeout=5000):
        heart.look()
    heart.stop()


def test_the_scheduler_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, desktop_app.scheduling; sys.exit('apscheduler' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
