"""Platform time on a machine whose own clock is moved, sleeps, or was never told."""

from __future__ import annotations

from datetime import timedelta

from desktop_app.domain.clock import Anchor, ClockQuality, PlatformTime
from tests.support.clock import START, ManualClock

HOUR = timedelta(hours=1)


def test_setting_the_clock_back_does_not_hold_time_up() -> None:
    clock = ManualClock()
    time = PlatformTime(clock)
    time.hear(START + HOUR)
    clock.jump(-3 * HOUR)
    clock.advance(HOUR)
    assert time.now() == START + 2 * HOUR
    assert time.quality() is ClockQuality.SUSPECT


def test_nor_before_the_platform_was_heard_in_this_run() -> None:
    clock = ManualClock()
    anchor = Anchor(START, START - HOUR, 0.0)
    time = PlatformTime(clock, anchor)
    assert time.now() == START + HOUR
    clock.jump(-3 * HOUR)
    clock.advance(HOUR)
    assert time.now() == START + 2 * HOUR


def test_nor_when_it_was_never_heard() -> None:
    clock = ManualClock()
    time = PlatformTime(clock)
    clock.advance(HOUR)
    clock.jump(-3 * HOUR)
    assert time.now() == START + HOUR
    assert time.quality() is ClockQuality.SUSPECT


def test_sleep_with_a_standing_monotonic_clock_counts_by_the_wall() -> None:
    clock = ManualClock()
    time = PlatformTime(clock)
    time.hear(START)
    clock.jump(8 * HOUR)
    assert time.now() == START + 8 * HOUR


def test_a_wall_clock_a_year_ahead_is_not_believed() -> None:
    clock = ManualClock()
    time = PlatformTime(clock)
    time.hear(START)
    clock.jump(timedelta(days=400))
    assert time.now() == START


def test_a_jump_before_the_platform_was_heard_in_this_run_is_seen_too() -> None:
    for jump in (-HOUR, HOUR):
        clock = ManualClock()
        time = PlatformTime(clock, Anchor(START - 5 * HOUR, START - 5 * HOUR, 0.0))
        clock.advance(2 * HOUR)
        assert time.quality() is ClockQuality.ESTIMATED
        clock.jump(jump)
        assert time.quality() is ClockQuality.SUSPECT
        time.hear(START)
        assert time.quality() is ClockQuality.GOOD
