"""Files of other seats: what is missing, what is taken, and what makes way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order
from desktop_app.services import notes
from local_store.rows import StoredFile
from local_store.store import Store
from tests.support.desk import Desk

ROOM = 1000


def named(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "seat", count=30)
    yield made
    made.close()


def with_files(order: Order, *files: str) -> Order:
    """The platform's next state of the order, the last record naming these files."""
    last = replace(order.history[-1], files=files)
    return replace(order, history=(*order.history[:-1], last), rev=order.rev + 1)


def sizes(store: Store, *files: str) -> list[int]:
    return [f.size if (f := store.file_status(sha)) else 0 for sha in files]


def test_missing_is_what_orders_name_and_the_store_does_not_hold(desk: Desk) -> None:
    store = desk.store
    opened = next(o for o in desk.orders if o.id in store.open_orders())
    closed = next(o for o in desk.orders if o.id not in store.open_orders())
    own = store.add_file(b"own", "own.jpg").sha256
    one, two = named(b"one"), named(b"two")
    desk.receive(with_files(opened, own, one), with_files(closed, one, two))
    both = [opened.id, closed.id]
    assert store.missing_files(both) == {one: frozenset(both), two: frozenset({closed.id})}
    assert store.missing_files(both, open_only=True) == {one: frozenset({opened.id})}
    assert store.missing_files([OrderId("unknown")]) == {}
    store.take_file(b"one", one, ROOM)
    assert store.missing_files(both) == {two: frozenset({closed.id})}
    assert store.file_bytes(one) == b"one"


def test_content_that_does_not_fit_its_name_is_not_taken(desk: Desk) -> None:
    with pytest.raises(ValueError, match="name"):
        desk.store.take_file(b"x", named(b"y"), ROOM)
    assert desk.store.file_status(named(b"y")) is None
    assert desk.store.downloaded_bytes() == 0


def test_the_oldest_make_way_but_never_an_own_file(desk: Desk) -> None:
    store = desk.store
    own = store.add_file(b"o" * 900, "own.jpg").sha256
    first, second, third = (bytes([n]) * 400 for n in (1, 2, 3))
    for data in (first, second):
        store.take_file(data, named(data), ROOM)
    assert store.downloaded_bytes() == 800
    assert store.next_file() is None
    store.take_file(third, named(third), ROOM)
    found = sizes(store, own, named(first), named(second), named(third))
    assert found == [900, 0, 400, 400]
    store.take_file(third, named(third), ROOM)
    assert store.downloaded_bytes() == 800


def test_a_downloaded_file_that_is_recorded_here_becomes_an_own_one(desk: Desk) -> None:
    store, seat = desk.store, desk.seat()
    data = b"d" * 600
    store.take_file(data, named(data), ROOM)
    assert store.add_file(data, "again.jpg") == StoredFile(named(data), 600, "", sent=0)
    assert store.downloaded_bytes() == 0
    store.take_file(b"e" * 600, named(b"e" * 600), ROOM)
    assert sizes(store, named(data)) == [600], "what waits in a draft stays"
    notes.note(seat, desk.orders[0].id, "再记一次", files=(named(data),))
    assert store.next_file() is not None, "the platform is asked whether it has it"
