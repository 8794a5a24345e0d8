"""A migration works on a copy that follows whole, or the store is as it was; whatever moment it dies at."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from local_store import opening
from local_store.errors import StoreError, StoreProblem
from local_store.migrations import MODULES
from local_store.store import FILE_NAME, Store
from local_store.successor import set_aside
from tests.local_store.migrator import TRIAL
from tests.support.answering import KEY, record, synced_store, with_orders
from tests.support.clock import START

TEXT = {"text": "说到一半"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A store of this version with an unsent act and a draft, closed."""
    made = tmp_path / "seat"
    store = synced_store(made, with_orders(1, 2))
    record(store, "dispatcher", "order-1", ActKind.ACCEPT, START + timedelta(minutes=5))
    store.save_draft(OrderId("order-2"), "note", TEXT, START)
    store.close()
    return made


def check(store: Store) -> None:
    assert len(store.outbox()) == 1
    assert [d.values for d in store.drafts()] == [TEXT]
    assert [f for f in store.doctor() if not f.ok] == []


def version_of(store: Store) -> int:
    with store._db.read() as tx:
        return int(tx.one("PRAGMA user_version")[0])


def trial_ran(store: Store) -> bool:
    with store._db.read() as tx:
        letters = tx.column("SELECT letters FROM drafts")
        return bool(tx.column("SELECT value FROM trial") == ["yes"] and letters and letters[0] > 0)


def test_the_copy_follows_and_the_old_store_is_kept_whole(profile: Path) -> None:
    before = (profile / FILE_NAME).read_bytes()
    store = Store.open(profile, KEY, TRIAL)
    check(store)
    assert version_of(store) == len(MODULES) + 1
    assert trial_ran(store)
    store.close()
    (aside,) = set_aside(profile)
    assert aside.name.endswith("-migrated")
    assert (aside / FILE_NAME).read_bytes() == before


def test_an_older_program_refuses_the_migrated_store(profile: Path) -> None:
    Store.open(profile, KEY, TRIAL).close()
    before = (profile / FILE_NAME).read_bytes()
    with pytest.raises(StoreError) as refused:
        Store.open(profile, KEY, MODULES)
    assert refused.value.code is StoreProblem.NEWER
    assert (profile / FILE_NAME).read_bytes() == before


def test_a_migration_that_loses_something_does_not_follow(profile: Path) -> None:
    before = (profile / FILE_NAME).read_bytes()
    with pytest.raises(StoreError, match="旧数据没有动过"):
        Store.open(profile, KEY, (*MODULES, "tests.local_store.broken_migration"))
    assert (profile / FILE_NAME).read_bytes() == before
    store = Store.open(profile, KEY, MODULES)
    check(store)
    store.close()


def test_looking_into_an_older_store_never_migrates_it(tmp_path: Path) -> None:
    Store.open(tmp_path, KEY, MODULES[:1]).close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StoreError, match="旧版的格式"):
        Store.reading(tmp_path, KEY)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_store_of_the_first_version_is_brought_here(tmp_path: Path) -> None:
    Store.open(tmp_path, KEY, MODULES[:1]).close()
    store = Store.open(tmp_path, KEY)
    assert version_of(store) == len(MODULES)
    store.close()


@pytest.mark.fault("storage.killed_migration")
def test_killed_at_any_step_one_whole_store_stands(profile: Path, tmp_path: Path) -> None:
    """Steps: each connection that is opened, each rename, the copy. All of them, one after another."""
    trials = tmp_path / "trials"
    trials.mkdir()
    command = [sys.executable, "-m", "tests.local_store.migrator", str(profile), str(trials)]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, check=True)
    *killed, last = done.stdout.split()
    assert (set(killed), last) == ({"-9"}, "0")
    assert len(killed) > 8
    for trial in trials.iterdir():
        store = Store.open(trial, KEY, TRIAL)
        check(store)
        assert trial_ran(store)
        store.close()


@pytest.mark.fault("storage.disk_full")
def test_without_room_for_the_copy_the_store_is_as_it_was(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (profile / FILE_NAME).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(opening, "copy_file", full)
        with pytest.raises(StoreError) as refused:
            Store.open(profile, KEY, TRIAL)
    assert refused.value.code is StoreProblem.FULL
    assert (profile / FILE_NAME).read_bytes() == before
    store = Store.open(profile, KEY, MODULES)
    check(store)
    store.close()
