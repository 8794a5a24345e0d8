"""The log tells what happened and not about whom."""

import logging
from pathlib import Path

import pytest

from desktop_app.logs import close_log, open_log, scrub


def test_names_texts_and_numbers_are_taken_out() -> None:
    said = scrub("order 20261120-0009 张女士 13812345678 门前道路塌陷 rev 3")
    assert "张女士" not in said
    assert "13812345678" not in said
    assert "rev 3" in said


@pytest.mark.parametrize(
    "number", ["138 1234 5678", "１３８１２３４５６７８", "010-6123 4567", "110226-19800101-1234"]
)
def test_no_spelling_of_a_number_gets_through(number: str) -> None:
    said = scrub(f"failed: {number}")
    assert not [part for part in ("1234", "5678", "4567", "１２３４", "1980") if part in said]


def test_the_file_lies_in_the_profile_and_is_scrubbed(tmp_path: Path) -> None:
    handler = open_log(tmp_path)
    logging.getLogger("jiban.test").warning("刘先生 13912345678")
    close_log(handler)
    text = (tmp_path / "log" / "jiban.log").read_text(encoding="utf-8")
    assert "WARNING" in text
    assert "刘先生" not in text
    assert "13912345678" not in text
