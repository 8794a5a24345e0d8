"""Platform time: one for all processes, never back in a demonstration."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sync.platform.platform import Platform
from sync.platform.timekeeping import ClockNote, continued, note_of, pace_of
from tests.support.center import sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import sample_logins


def test_ordinary_time_is_the_machines(clock: ManualClock) -> None:
    assert continued(None, clock, None) is clock
    note = note_of(clock, clock, running=True)
    assert continued(note, clock, None) is clock
    assert pace_of(clock) == 1.0


def test_a_demonstration_goes_on_where_it_stopped(tmp_path: Path, clock: ManualClock) -> None:
    url = str(tmp_path / "demo.db")
    first = Platform(url, clock, wall=clock, speed=600)
    first.note_clock(running=True)
    clock.advance(timedelta(minutes=6))  # 60 hours of center time
    stopped = first.now()
    first.note_clock(running=False)
    first.close()
    assert stopped - clock.now() > timedelta(days=2)
    clock.advance(timedelta(hours=5))  # nobody serves: it stands still
    second = Platform(url, clock, wall=clock, speed=None)
    assert second.pace == 600
    assert second.now() == stopped
    clock.advance(timedelta(seconds=1))
    assert second.now() == stopped + timedelta(minutes=10)
    second.close()
    slower = Platform(url, clock, wall=clock, speed=1)
    assert slower.now() >= stopped
    slower.close()


def test_the_command_line_agrees_with_the_serving_process(
    tmp_path: Path, clock: ManualClock
) -> None:
    url = str(tmp_path / "demo.db")
    serving = Platform(url, clock, wall=clock, speed=60)
    serving.setup_center(sample_center(), sample_logins(sample_center())[:1])
    clock.advance(timedelta(hours=1))
    serving.note_clock(running=True)
    clock.advance(timedelta(seconds=3))
    other = Platform(url, clock, wall=clock)
    assert other.now() == serving.now()
    other.dispatch([sample_intake(1)])
    order = serving.order(sample_intake(1).number)
    assert order is not None
    assert order.dispatched_at == serving.now()
    other.close()
    serving.close()


def test_a_crash_does_not_send_time_back(tmp_path: Path, clock: ManualClock) -> None:
    url = str(tmp_path / "demo.db")
    first = Platform(url, clock, wall=clock, speed=60)
    clock.advance(timedelta(hours=1))
    first.note_clock(running=True)
    noted = first.now()
    first.close()  # no last word
    clock.jump(-timedelta(days=400))
    second = Platform(url, clock, wall=clock)
    assert second.now() >= noted
    second.close()


def test_a_note_that_cannot_be_read_is_none() -> None:
    for text in ("", "{", "[]", "7", '{"platform":"x","wall":"y","pace":1,"running":true}'):
        assert ClockNote.from_text(text) is None
