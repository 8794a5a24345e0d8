"""Wording of clocks."""

import pytest

from ui.widgets.kinds import TierKind
from ui.widgets.text import clock_tick, countdown_text

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (DAY + 4 * HOUR + 59 * MINUTE, "剩 1天4时"),
        (DAY, "剩 1天0时"),
        (DAY - 1, "剩 23时59分"),
        (6 * HOUR + 37 * MINUTE, "剩 6时37分"),
        (HOUR + 5 * MINUTE, "剩 1时05分"),
        (HOUR, "剩 1时00分"),
        (HOUR - 1, "剩 59分59秒"),
        (22 * MINUTE + 44, "剩 22分44秒"),
        (44.9, "剩 0分44秒"),
        (0, "剩 0分00秒"),
        (-1, "超 0分01秒"),
        (-(HOUR + 22 * MINUTE), "超 1时22分"),
        (-(15 * DAY), "超 15天0时"),
    ],
)
def test_two_largest_units(seconds: float, text: str) -> None:
    assert countdown_text(seconds) == text


def test_a_stopped_clock_shows_no_time() -> None:
    assert countdown_text(5000, stopped=True) == "停表"
    assert countdown_text(-5000, stopped=True) == "停表"


def test_an_unknown_tier_is_drawn_as_other() -> None:
    assert TierKind.of("livelihood") is TierKind.LIVELIHOOD
    assert TierKind.of("tier_7d") is TierKind.OTHER


def test_a_countdown_only_changes_with_its_tick() -> None:
    for second in range(-3 * 86_400, 3 * 86_400, 11):
        for more in (0.4, 1.0, 30.0):
            if clock_tick(second) == clock_tick(second + more):
                assert countdown_text(second) == countdown_text(second + more)
    assert clock_tick(0.0) != clock_tick(-0.1)
    assert clock_tick(7200) == clock_tick(7259)
    assert clock_tick(90) != clock_tick(91)
