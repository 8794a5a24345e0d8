"""A backup a day, made while everybody works, encrypted, whole, bounded, and good to go back to."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from local_store import backups, recovery
from local_store.backups import Backup
from local_store.database import Stopped
from local_store.errors import StoreError, StoreProblem
from local_store.store import FILE_NAME, Store
from tests.support.answering import KEY, record
from tests.support.clock import START

LATER = START + timedelta(minutes=5)
DAY = timedelta(days=1)


def names(store: Store) -> list[str]:
    return sorted(p.name for p in (store.profile / backups.FOLDER).iterdir())


def test_it_is_a_whole_store_of_its_moment(store: Store, tmp_path: Path) -> None:
    act = record(store, "dispatcher", "order-1", ActKind.ACCEPT, LATER).act
    made = store.back_up(START)
    record(store, "dispatcher", "order-2", ActKind.ACCEPT, LATER)
    target = tmp_path / "elsewhere"
    target.mkdir()
    made.path.rename(target / FILE_NAME)
    copy = Store.reading(target, KEY)
    assert [item.act.id for item in copy.outbox()] == [act.id]
    assert [f for f in copy.doctor() if not f.ok] == []
    copy.close()


def test_closing_ends_a_backup_that_is_under_way(store: Store) -> None:
    """Where files in use cannot be moved, going back to a backup would otherwise fail."""
    ended: list[str] = []

    def close() -> None:
        store.close()
        ended.append("store")

    closing = threading.Thread(target=close)

    def meanwhile() -> bool:
        if not closing.ident:
            closing.start()
        store._closing.wait(20)
        return False

    def back_up() -> None:
        try:
            store.back_up(START, meanwhile)
        finally:
            ended.append("backup")

    with pytest.raises(Stopped):
        back_up()
    closing.join(20)
    assert ended == ["backup", "store"]
    assert names(store) == []


@pytest.mark.parametrize("back", [3, 17])
def test_of_a_damaged_file_no_backup_is_made(store: Store, back: int) -> None:
    """An older one that is whole is worth more."""
    store.add_file(os.urandom(200_000), "photo")
    profile = store.profile
    store.close()
    with (profile / FILE_NAME).open("r+b") as file:
        file.seek(-4096 * back, os.SEEK_END)
        file.write(bytes(4096))
    store = Store.open(profile, KEY)
    with pytest.raises(StoreError) as refused:
        store.back_up(START)
    assert refused.value.code is StoreProblem.DAMAGED
    assert names(store) == []
    store.close()


def test_nobody_waits_while_it_is_made(store: Store) -> None:
    """Acts are recorded between its steps; the backup shows the moment it began."""
    store.add_file(os.urandom(9 << 20), "video")
    done: list[str] = []

    def look() -> bool:
        done.append(
            record(store, "dispatcher", f"order-{len(done) + 1}", ActKind.ACCEPT, LATER).act.id
        )
        return False

    def once() -> bool:
        return len(done) < 3 and look()

    store.back_up(START, once)
    assert len(done) >= 2
    assert {i.act.id for i in store.outbox()} == set(done)


def test_one_a_day_and_seven_of_them(store: Store) -> None:
    def due(at: int) -> bool:
        return store.back_up_if_due(START + at * DAY, lambda: False) is not None

    assert due(0)
    assert store.back_up_if_due(START + timedelta(hours=23), lambda: False) is None
    assert all(due(n) for n in range(1, 10))
    kept = backups.backups(store.profile)
    assert len(kept) == len(names(store)) == backups.KEPT
    assert kept[0].made_at == START + 9 * DAY
    assert kept[-1].made_at == START + 3 * DAY


def test_a_clock_that_jumps_makes_neither_a_gap_nor_a_flood(store: Store) -> None:
    for n in range(backups.KEPT):
        store.back_up(START + (400 + n) * DAY)
    for n in range(3):
        assert backups.due(store.profile, START + n * DAY)
        store.back_up(START + n * DAY)
        assert not backups.due(store.profile, START + n * DAY)
    years = [backup.made_at.year for backup in backups.backups(store.profile)]
    assert (len(years), years.count(2026)) == (backups.KEPT, 3)


def test_they_do_not_fill_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.back_up(START)
    monkeypatch.setattr(backups, "KEPT_BYTES", first.size * 2)
    for n in range(1, 5):
        store.back_up(START + n * DAY)
    assert len(names(store)) == 2
    monkeypatch.setattr(backups, "SPARE_BYTES", 1 << 60)
    with pytest.raises(StoreError) as refused:
        store.back_up(START + 9 * DAY)
    assert refused.value.code is StoreProblem.FULL
    assert len(names(store)) == 2


def test_one_that_is_stopped_leaves_nothing(store: Store) -> None:
    store.add_file(os.urandom(9 << 20), "video")
    with pytest.raises(Stopped):
        store.back_up(START, lambda: True)
    assert names(store) == []


def test_looking_through_the_file_ends_with_the_program(store: Store) -> None:
    store.add_file(os.urandom(9 << 20), "video")
    with pytest.raises(Stopped):
        store.examine(lambda: True)
    assert store.examine()


def test_what_a_killed_program_left_is_swept_away(store: Store) -> None:
    store.back_up(START)
    (store.profile / backups.FOLDER / "making.db").write_bytes(b"half")
    (store.profile / backups.FOLDER / "making.db-journal").write_bytes(b"half")
    store.back_up(START + DAY)
    assert all(name.startswith("store-") for name in names(store))
    assert len(names(store)) == 2


def test_a_spoilt_backup_is_not_gone_back_to(store: Store) -> None:
    record(store, "dispatcher", "order-1", ActKind.ACCEPT, LATER)
    made = store.back_up(START)
    store.close()
    content = bytearray(made.path.read_bytes())
    content[len(content) // 2] ^= 1
    made.path.write_bytes(content)
    before = (store.profile / FILE_NAME).read_bytes()
    with pytest.raises(StoreError, match="备份有损坏"):
        recovery.restore(store.profile, KEY, backups.backups(store.profile)[0])
    assert (store.profile / FILE_NAME).read_bytes() == before


def test_a_rebuild_passes_over_a_spoilt_backup(store: Store) -> None:
    older = store.back_up(START)
    newer = store.back_up(START + DAY)
    store.close()
    newer.path.write_bytes(newer.path.read_bytes()[:20_000])
    (store.profile / FILE_NAME).write_bytes(b"spoilt" * 3000)
    assert recovery.rebuild(store.profile, KEY).backup_at == older.made_at


def test_going_back_is_refused_while_the_store_is_open(store: Store) -> None:
    made = store.back_up(START)
    with pytest.raises(StoreError) as refused:
        recovery.restore(store.profile, KEY, made)
    assert refused.value.code is StoreProblem.LOCKED


def test_what_is_in_a_backup_is_told_without_changing_it(store: Store) -> None:
    record(store, "dispatcher", "order-1", ActKind.ACCEPT, LATER)
    store.save_draft(OrderId("order-2"), "note", {"text": "说到一半"}, START)
    made = store.back_up(START)
    before = {p: p.read_bytes() for p in made.path.parent.iterdir()}
    assert backups.look_into(made, KEY) == backups.Content(orders=3, waiting=1, drafts=1)
    assert {p: p.read_bytes() for p in made.path.parent.iterdir()} == before


@pytest.mark.parametrize("harm", [b"", b"no backup" * 2000])
def test_a_backup_that_cannot_be_read_is_told_apart(store: Store, harm: bytes) -> None:
    made = store.back_up(START)
    assert backups.look_into(made, bytes(32)) is None
    made.path.write_bytes(harm)
    assert backups.look_into(made, KEY) is None
    made.path.unlink()
    assert backups.look_into(made, KEY) is None


def test_two_that_want_a_backup_at_once_take_turns(store: Store) -> None:
    """The daily one and one that somebody asked for are made in two threads under one name."""
    barrier = threading.Barrier(2)

    def make(at: datetime) -> Backup:
        barrier.wait(20)
        return store.back_up(at)

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(make, (START, START + DAY)))
    assert [backups.look_into(each, KEY) is not None for each in made] == [True, True]
