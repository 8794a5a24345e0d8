"""Texts made to keep a program busy: whoever writes an order or a note can write 120,000 characters.

Each function that looks at foreign text gets what its patterns like least. What is bounded is the
processor time of this thread; a pattern that tries every part of a text needs ten times as much.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from desktop_app.domain.masking import mask_name, mask_phone, mask_text
from desktop_app.logs import scrub
from local_store import search
from resources.sample import sample_center
from sync.platform import order_values
from tests.support.clock import ManualClock

pytestmark = pytest.mark.fault("security.slow_texts")

LONG = 120_000
"""Characters; an act has 128 kB at most."""
SECONDS = 3.0
UNITS = (
    " ", "1", "-", "1 ", "1-", "电话 2345-6789 ", "2345-6789 ", "13812345678 ", "010-61234567 ",
    "一三八一二三四五六七八 ", "6222 0212 3456 7890 123 ", "11022619800101123X ", "(010)", "+86 ",
    "电 话 ", "护照......", "<a", "中 ", "\n", "0.", "12-a", "（", "a",
)  # fmt: skip


def _find(text: str) -> object:
    return search.condition(text[:1000]), search.phrase(text), list(search.tokens(text))


def _tier(text: str) -> object:
    policy = sample_center("pinggu", ManualClock().now()).policy
    return order_values.tier_of(text, text, text, policy)


LOOKS: dict[str, Callable[[str], object]] = {
    "masked": mask_text,
    "a phone": mask_phone,
    "a name": mask_name,
    "the log": scrub,
    "searched": _find,
    "a cell": order_values.text_of,
    "a moment": order_values.moment_of,
    "a limit": _tier,
    "a category": order_values.category_of,
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("end", ["", "x"])
def test_no_text_keeps_anybody_busy(look: str, unit: str, end: str) -> None:
    text = (unit * LONG)[: LONG - 1] + end
    began = time.thread_time()
    LOOKS[look](text)
    assert time.thread_time() - began < SECONDS


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("东街 12 号", "东街12号"),
        ("ab cd", "ab cd"),
        ("ab  cd", "ab  cd"),
        ("村 ab", "村ab"),
        (" ab ", " ab "),
        ("a 村", "a村"),
        ("", ""),
    ],
)
def test_gaps_beside_chinese_are_closed_and_no_others(typed: str, found: str) -> None:
    assert search._closed_up(typed) == found


def test_every_number_is_hidden_however_many_there_are() -> None:
    text = "找13812345678、010-61234567；" * 4000
    masked = mask_text(text)
    assert masked == mask_text("找13812345678、010-61234567；") * 4000
    assert "12345678" not in masked


def test_numbers_that_two_patterns_want_are_hidden_once() -> None:
    assert mask_text("电话 13812345678 6222021234567890123") == "电话 138****5678 6222****0123"
