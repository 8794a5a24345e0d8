"""Concurrent writers, long transactions, readers in between: nothing is missed.

The full size, a million changes by six processes, is ``make feed``.
"""

from __future__ import annotations

import pytest

from tests.sync.platform.feed_load import Load, run, run_naively

LOAD = Load(changes=20_000, writers=6, per_commit=50)


@pytest.mark.slow
@pytest.mark.postgres
def test_twenty_thousand_changes_by_six_writers_and_none_is_missed(postgres_url: str) -> None:
    found = run(postgres_url, LOAD)
    assert (found.missed(LOAD), found.repeated) == (0, 0)


def test_on_sqlite_too(sqlite_url: str) -> None:
    load = Load(changes=2_000, writers=4, per_commit=50)
    found = run(sqlite_url, load)
    assert (found.missed(load), found.repeated) == (0, 0)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.control("auto_increment_cursor")
def test_the_textbook_cursor_misses_some(postgres_url: str) -> None:
    found = run_naively(postgres_url, LOAD)
    assert found.missed(LOAD) > 0
