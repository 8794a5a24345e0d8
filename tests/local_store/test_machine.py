"""What tells one computer from another, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_store import machine, meta
from local_store.machine import Whereabouts
from local_store.store import Store
from tests.support.answering import KEY

HOME = Whereabouts("machine-1", "/home/zhou/seat", frozenset({"a", "b"}))


@pytest.fixture
def fresh(tmp_path: Path) -> Store:
    """A store that has not noted yet where it is."""
    store = Store.open(tmp_path, KEY)
    with store._db.write() as tx:
        for name in (machine.SALT, machine.HOME, machine.CARDS):
            meta.put(tx, name, None)
        assert not machine.settle(tx, HOME)
    return store


def settled(store: Store, at: Whereabouts) -> bool:
    with store._db.write() as tx:
        return machine.settle(tx, at)


@pytest.mark.parametrize(
    ("at", "copied"),
    [
        (HOME, False),
        (Whereabouts("machine-2", HOME.folder, HOME.cards), True),
        (Whereabouts(HOME.machine, "/home/zhou/seat2", HOME.cards), True),
        # Two computers made from one disk image have one machine id and other cards.
        (Whereabouts(HOME.machine, HOME.folder, frozenset({"c"})), True),
        # A card was taken out, one was plugged in, or none can be seen just now.
        (Whereabouts(HOME.machine, HOME.folder, frozenset({"a"})), False),
        (Whereabouts(HOME.machine, HOME.folder, frozenset({"b", "c"})), False),
        (Whereabouts(HOME.machine, HOME.folder, frozenset()), False),
    ],
)
def test_a_copy_is_known_by_machine_folder_and_cards(
    fresh: Store, at: Whereabouts, copied: bool
) -> None:
    device = fresh.get_meta(meta.DEVICE_ID)
    assert settled(fresh, at) is copied
    assert (fresh.get_meta(meta.DEVICE_ID) != device) is copied
    assert not settled(fresh, at)  # from now on it is at home here
    fresh.close()


def test_cards_changed_one_after_another_make_no_other_computer(fresh: Store) -> None:
    for cards in ({"b", "c"}, {"c", "d"}, {"d"}):
        at = Whereabouts(HOME.machine, HOME.folder, frozenset(cards))
        assert not settled(fresh, at)
    fresh.close()


def test_what_identifies_the_machine_is_not_kept_as_it_is(fresh: Store) -> None:
    kept = [fresh.get_meta(name) or "" for name in (machine.HOME, machine.CARDS)]
    assert all(text not in " ".join(kept) for text in ("machine-1", "zhou"))
    fresh.close()


def test_here_is_told_the_same_twice(tmp_path: Path) -> None:
    assert machine.here(tmp_path) == machine.here(tmp_path)
    assert machine.here(tmp_path).folder == str(tmp_path.resolve())
