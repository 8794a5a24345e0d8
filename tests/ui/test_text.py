"""Wording of clocks."""

import pytest

from ui.widgets.kinds import TierKind
from ui.widgets.text import countdown_text

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
