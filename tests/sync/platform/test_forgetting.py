"""What a process read before its memory was cleared (a standby took over) is not remembered afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from sync.platform.centers import Centers
from sync.platform.platform import Platform
from sync.platform.shelf import Shelf, key_of


@pytest.fixture
def database(sqlite_url: str) -> str:
    return sqlite_url


def test_a_page_that_was_read_before_is_not_put_on_the_shelf() -> None:
    shelf, key = Shelf(), key_of("t", "e", [1, 2])
    age = shelf.age
    shelf.clear()
    shelf.put(key, [b"of the lost one"], age)
    assert shelf.get(key) is None
    shelf.put(key, [b"of this one"], shelf.age)
    assert shelf.get(key) == [b"of this one"]


def test_a_center_that_was_read_before_is_read_again(platform: Platform) -> None:
    centers, here = Centers(), platform.township()

    def lost(*_: object) -> None:
        centers.clear()

    with platform.database.read() as db:
        event.listen(db, "after_cursor_execute", lost)
        before = centers.of(db, here)
        event.remove(db, "after_cursor_execute", lost)
        after = centers.of(db, here)
        assert after is not before
        assert centers.of(db, here) is after, "else this test proves nothing"
