"""Clocks: how they are counted, banded, stopped and resumed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.calendars import add_working_days, is_working_day
from desktop_app.domain.clock import Anchor, ClockQuality, PlatformTime, ScaledClock
from desktop_app.domain.deadlines import (
    Band,
    band_of,
    current_clock,
    due_time,
    open_clocks,
    share_left,
    start_clocks,
)
from desktop_app.domain.policy import (
    ROLE_LETTERS,
    AlertMoment,
    Bands,
    Counting,
    Policy,
    alert_moments,
    frozen_moments,
)
from desktop_app.domain.policy_file import PolicyError, load_policy
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from resources import read_text
from tests.support.acts import step, walk
from tests.support.center import sample_center, sample_order
from tests.support.clock import START, ManualClock

K = ActKind
PINGGU, XINING = sample_center().policy, sample_center("xining").policy


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("tier", "due"),
    [
        ("emergency", [0.25, 2]),
        ("livelihood", [0.25, 24]),
        ("general", [2, 24, 72, 120, 168]),
        ("complex", [2, 24, 72, 168, 312, 360]),
    ],
)
def test_pinggu_limits_in_hours(tier: str, due: list[float]) -> None:
    clocks = start_clocks(PINGGU, PINGGU.tier(tier), START)
    assert [(c.due_at - START).total_seconds() / 3600 for c in clocks] == due


def test_xining_counts_working_days_with_holidays_and_makeup_days() -> None:
    before_national_day = local("2026-09-30T10:00")
    assert add_working_days(XINING, before_national_day, 1) == local("2026-10-08T10:00")
    assert is_working_day(XINING, local("2026-10-10T10:00").date())  # a Saturday, made up
    assert not is_working_day(XINING, local("2026-10-11T10:00").date())
    assert add_working_days(XINING, local("2026-11-20T16:00"), 3) == local("2026-11-25T16:00")


def test_a_start_outside_working_days_counts_from_the_next_one() -> None:
    saturday = local("2026-11-21T15:00")
    assert add_working_days(XINING, saturday, 1) == local("2026-11-24T00:00")


def test_an_unknown_year_is_said_and_not_guessed() -> None:
    with pytest.raises(Refusal, match="2031 年"):
        add_working_days(XINING, local("2031-03-03T10:00"), 1)


def test_calendar_days_end_at_midnight_local_time() -> None:
    due = due_time(PINGGU, Counting.CALENDAR_DAYS, 3, local("2026-11-20T22:30"))
    assert due == local("2026-11-23T23:59:59")


def test_bands_follow_the_share_of_time_left() -> None:
    clock = start_clocks(PINGGU, PINGGU.tier("general"), START)[1]
    bands = Bands()
    for hours, band in ((0, Band.OK), (11.9, Band.OK), (12, Band.HALF), (19.2, Band.NEAR),
                        (24, Band.NEAR), (24.1, Band.OVER)):  # fmt: skip
        assert band_of(clock, START + timedelta(hours=hours), bands) is band
    assert band_of(clock, START, bands, paused=True) is Band.HOLD


def test_the_safety_margin_makes_the_center_hurry_but_not_late() -> None:
    policy = replace(PINGGU, safety_margin=3600)
    clock = start_clocks(policy, policy.tier("general"), START)[1]
    assert clock.due_at - clock.safe_due_at == timedelta(hours=1)
    assert share_left(clock, START + timedelta(hours=23, minutes=1)) < 0
    order = walk(
        sample_order(START, center=replace(sample_center(), policy=policy)),
        sample_center(),
        K.HANDLER_ACCEPT,
    )
    met = step(
        order, sample_center(), "village", K.MEET, after=timedelta(hours=23, minutes=20)
    ).order
    assert not next(c for c in met.clocks if c.id == "day1").late


def test_limits_are_frozen_onto_the_order_at_receipt() -> None:
    order = sample_order(START)
    slower = replace(PINGGU, tiers=tuple(replace(t, clocks=()) for t in PINGGU.tiers))
    center = replace(sample_center(), policy=slower)
    assert step(order, center, "dispatcher", K.ACCEPT).order.clocks == order.clocks


@pytest.mark.parametrize("policy", [PINGGU, XINING], ids=["pinggu", "xining"])
def test_alert_moments_are_frozen_whole(policy: Policy) -> None:
    for tier in policy.tiers:
        for run, rule in zip(start_clocks(policy, tier, START), tier.clocks, strict=True):
            assert run.moments == rule.alerts
            assert len(run.alerts) <= 60


def test_frozen_moments_are_read_as_they_were_written() -> None:
    assert set(ROLE_LETTERS.values()) == set(Role)
    everybody = AlertMoment(-86400 * 30, tuple(Role))
    nobody = AlertMoment(0, ())
    assert alert_moments(frozen_moments((everybody, nobody))) == (everybody, nobody)
    assert alert_moments("") == ()


def test_what_a_newer_platform_froze_does_not_hide_the_rest() -> None:
    known = (AlertMoment(-1800, (Role.DISPATCHER,)), AlertMoment(0, (Role.SECRETARY,)))
    assert alert_moments("-1800dz soon! 0s") == known


def test_a_stopped_clock_gets_its_time_back_when_it_goes_on() -> None:
    center = sample_center()
    order = walk(sample_order(START, center=center), center, K.MEET)
    before = {c.id: c.due_at for c in order.clocks}
    order = step(order, center, "platform", K.STOP_CLOCK).order
    assert order.paused is not None
    assert order.paused.reason == "挂账"
    order = step(order, center, "platform", K.RESUME_CLOCK, after=timedelta(days=2)).order
    assert order.paused is None
    for clock in order.clocks:
        gained = timedelta(0) if clock.met_at else timedelta(days=2)
        assert clock.due_at - before[clock.id] == gained


def test_an_overdue_clock_is_not_rescued_by_stopping_it() -> None:
    center = sample_center()
    order = sample_order(START, center=center)
    order = step(order, center, "platform", K.STOP_CLOCK, after=timedelta(hours=3)).order
    order = step(order, center, "platform", K.RESUME_CLOCK, after=timedelta(days=5)).order
    settle = next(c for c in order.clocks if c.id == "settle")
    assert settle.due_at == START + timedelta(hours=2)


def test_the_clock_due_next_is_the_current_one() -> None:
    order = sample_order(START)
    clock = current_clock(order)
    assert clock is not None
    assert clock.id == "settle"
    assert [c.id for c in open_clocks(order)] == ["settle", "day1", "day3", "day5", "day7"]


@pytest.mark.parametrize("text", ["", "id = 3", "not toml [", 'id="x"\ntitle="x"\nversion="1"'])
def test_a_broken_policy_file_is_named(text: str) -> None:
    with pytest.raises(PolicyError):
        load_policy(text)


def test_platform_time_is_carried_on_by_the_monotonic_clock() -> None:
    clock = ManualClock()
    time = PlatformTime(clock)
    assert time.quality() is ClockQuality.SUSPECT
    time.hear(START + timedelta(hours=3))
    clock.advance(timedelta(minutes=10))
    assert time.now() == START + timedelta(hours=3, minutes=10)
    assert time.quality() is ClockQuality.GOOD


def test_a_wall_clock_set_back_neither_loses_time_nor_goes_unseen() -> None:
    clock = ManualClock()
    time = PlatformTime(clock)
    time.hear(START)
    clock.advance(timedelta(minutes=10))
    clock.jump(timedelta(hours=-3))
    assert time.now() == START + timedelta(minutes=10)
    assert time.quality() is ClockQuality.SUSPECT


def test_sleep_that_only_the_wall_clock_saw_makes_alarms_early_not_late() -> None:
    clock = ManualClock()
    time = PlatformTime(clock)
    time.hear(START)
    clock.jump(timedelta(hours=8))
    assert time.now() == START + timedelta(hours=8)


def test_a_restarted_seat_goes_on_from_the_stored_anchor() -> None:
    clock = ManualClock()
    stored = Anchor(START + timedelta(hours=3), clock.now(), 5.0, pace=2.0)
    clock.advance(timedelta(minutes=30))
    time = PlatformTime(clock, stored)
    assert time.now() == START + timedelta(hours=4)
    assert time.quality() is ClockQuality.ESTIMATED


def test_a_scaled_clock_runs_faster_from_its_start() -> None:
    base = ManualClock()
    clock = ScaledClock(base, 600, START + timedelta(days=1))
    base.advance(timedelta(seconds=6))
    assert clock.now() == START + timedelta(days=1, hours=1)


GOOD_POLICY = read_text("policies/xining.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('limit = "15m"', 'limit = "0"'),
        ("limit = 1\n", "limit = -1\n"),
        ("limit = 1\n", "limit = 0\n"),
        ('quiet = ["22:00", "06:30"]', 'quiet = ["22:00"]'),
        ('quiet = ["22:00", "06:30"]', 'quiet = ["25:00", "06:30"]'),
        ('repeat = "20s"', 'repeat = ""'),
        ("half = 0.5", "half = 0.1"),
        ("half = 0.5", "half = nan"),
        ('safety_margin = "0"', 'safety_margin = "-30m"'),
        ('"2025-01-01"', '"2025-1-1"'),
        ("[bands] ", "[[bands]] "),
        ('id = "meet"', 'id = "settle"'),
        ('id = "difficult"', 'id = "general"'),
        ("years = [2025, 2026]", "years = []"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused_when_it_is_read(old: str, new: str) -> None:
    assert old in GOOD_POLICY
    with pytest.raises(PolicyError):
        load_policy(GOOD_POLICY.replace(old, new))


def test_a_margin_longer_than_the_limit_leaves_half_of_it() -> None:
    policy = replace(PINGGU, safety_margin=1800)
    settle, resolve = start_clocks(policy, policy.tier("emergency"), START)
    assert settle.safe_due_at - START == timedelta(minutes=7, seconds=30)
    assert resolve.due_at - resolve.safe_due_at == timedelta(minutes=30)
    assert band_of(settle, START, Bands()) is Band.OK
