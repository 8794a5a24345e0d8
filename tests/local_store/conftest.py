"""A store per test, closed at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_store.store import Store
from tests.support.answering import Answering, synced_store, with_orders


@pytest.fixture
def platform() -> Answering:
    """A platform with three orders."""
    return with_orders(1, 2, 3)


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[Answering], Store]]:
    """Open (again) the store of this test, synced with a platform."""
    opened: list[Store] = []

    def opener(platform: Answering) -> Store:
        store = synced_store(tmp_path / "profile", platform)
        opened.append(store)
        return store

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[Answering], Store], platform: Answering) -> Store:
    return open_store(platform)
