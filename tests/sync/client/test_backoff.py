"""Waiting: spread, bounded, never hot, and as long as the platform asked for."""

from datetime import UTC, datetime

import pytest

from sync.client.backoff import (
    CAP,
    FLOOR,
    PATIENT,
    RETRY_AFTER_CAP,
    delay,
    longest,
    parse_retry_after,
)

NOW = datetime(2026, 11, 20, 0, 15, tzinfo=UTC)


@pytest.mark.parametrize("attempt", [0, 1, 2, 5, 9, 30, 100_000])
@pytest.mark.parametrize("jitter", [0.0, 0.3, 0.999999])
def test_the_wait_is_never_hot_and_never_past_the_cap(attempt: int, jitter: float) -> None:
    assert FLOOR <= delay(attempt, jitter) <= CAP


def test_the_wait_is_spread_over_the_whole_span() -> None:
    assert delay(6, 0.5) == 32.0
    assert delay(6, 0.999) > 63


def test_what_the_platform_asked_for_is_a_floor_with_a_cap() -> None:
    assert delay(1, 0.0, 40.0) == 40.0
    assert delay(1, 0.0, 1e9) == RETRY_AFTER_CAP
    assert delay(20, 0.9, 40.0) == pytest.approx(270.0)


@pytest.mark.parametrize(
    ("failing", "most"), [(0, PATIENT), (32, PATIENT), (80, 20.0), (1200, CAP), (1e9, CAP)]
)
def test_a_line_that_went_away_is_waited_for_a_quarter_of_its_absence(
    failing: float, most: float
) -> None:
    assert longest(failing, gone=True) == most
    assert longest(failing, gone=False) == CAP
    assert delay(20, 0.5, None, most) == most / 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-5", None),
        ("99999999999999999999999", RETRY_AFTER_CAP),
        ("1e3", None),
        ("٣", None),
        ("soon", None),
        ("Fri, 20 Nov 2026 00:16:00 GMT", 60.0),
        ("Fri, 20 Nov 2020 00:16:00 GMT", 0.0),
        ("Fri, 20 Nov 2099 00:16:00 GMT", RETRY_AFTER_CAP),
        ("Fri, 99 Nov 2099 00:16:00 GMT", None),
    ],
)
def test_retry_after_in_every_form(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, None, NOW) == seconds


def test_a_date_is_measured_against_the_platform_s_own_clock() -> None:
    wrong_here = datetime(2031, 1, 1, tzinfo=UTC)
    date = "Fri, 20 Nov 2026 00:15:00 GMT"
    assert parse_retry_after("Fri, 20 Nov 2026 00:15:30 GMT", date, wrong_here) == 30.0
