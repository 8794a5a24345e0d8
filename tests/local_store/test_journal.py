"""The journal holds every act before ``record`` returns, and nothing the platform has for long."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.refusals import Refusal
from local_store import frames, journal
from local_store.disk import full_disk_said, sync_file
from local_store.errors import StoreError, StoreProblem
from local_store.journal import Journal
from local_store.store import Store
from tests.support.answering import KEY, Answering, pull, record
from tests.support.clock import START

LATER = START + timedelta(minutes=5)
ORDER = "order-1"


def told(store: Store, tmp_path: Path) -> Journal:
    """The journal as a program finds it that starts after this one was killed now."""
    copy = tmp_path / "killed"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(store.profile / "journal", copy / "journal")
    return Journal(copy, KEY)


def test_an_act_is_in_it_when_record_returns(store: Store, tmp_path: Path) -> None:
    act = record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER).act
    assert set(told(store, tmp_path).leftovers().acts) == {act.id}


def test_it_is_on_the_disk_before_the_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real_sync = sync_file

    def synced(handle: int) -> None:
        order.append(f"synced, {store.pending_count()} in the store")
        real_sync(handle)

    monkeypatch.setattr(frames, "sync_file", synced)
    record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER)
    assert order == ["synced, 0 in the store"]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which file it is")
def test_a_photo_is_on_the_disk_under_its_name_before_it_is_said_to_be_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its content before the name, the name before the call returns."""
    order: list[str] = []
    real_sync = os.fsync
    kept = store.profile / "journal" / "files"

    def synced(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").resolve()
        if kept == path or kept in path.parents:
            order.append("folder" if path == kept else path.suffix)
        real_sync(handle)

    monkeypatch.setattr(os, "fsync", synced)
    store.add_file(b"photo", "现场.jpg")
    assert order == [".new", "folder"]


def test_a_refused_act_is_not_in_it(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        record(store, "dispatcher", ORDER, ActKind.PROPOSE, LATER)
    assert told(store, tmp_path).leftovers().acts == {}


def test_an_act_whose_commit_fails_is_taken_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame is written, then the disk is full for the database: said as not saved, and so it is."""
    real = Journal.act

    def then_full(self: Journal, *args: object) -> None:
        real(self, *args)  # type: ignore[arg-type]
        with full_disk_said():
            raise OSError(28, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "act", then_full)
        with pytest.raises(StoreError) as refused:
            record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER)
    assert refused.value.code is StoreProblem.FULL
    assert store.pending_count() == 0
    assert told(store, tmp_path).leftovers().acts == {}
    act = record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER).act
    assert (act.device_seq, set(told(store, tmp_path).leftovers().acts)) == (1, {act.id})


@pytest.mark.fault("storage.disk_full")
def test_an_act_that_does_not_fit_into_it_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(frames, "sync_file", full)
        with pytest.raises(StoreError) as refused:
            record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER)
        assert (refused.value.code, store.pending_count()) == (StoreProblem.FULL, 0)
    assert record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER).act.device_seq == 1


@pytest.mark.fault("storage.disk_full")
def test_a_full_disk_keeps_nobody_from_opening_and_looking(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = store.profile
    store.close()
    shutil.rmtree(profile / "journal")

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(frames, "sync_file", full)
        again = Store.open(profile, KEY)
        assert again.view(OrderId(ORDER)) is not None
        with pytest.raises(StoreError):
            record(again, "dispatcher", ORDER, ActKind.ACCEPT, LATER)
        assert again.pending_count() == 0
    record(again, "dispatcher", ORDER, ActKind.ACCEPT, LATER)  # there is room again
    again.close()


def test_an_act_nobody_was_told_of_is_taken_in_once(store: Store, tmp_path: Path) -> None:
    """Killed between the frame and the commit: the file knows nothing of it, the journal does."""
    before = shutil.copytree(store.profile, tmp_path / "before")
    act = record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER).act
    profile = store.profile
    store.close()
    shutil.copyfile(profile / "journal" / "log", tmp_path / "log")
    shutil.rmtree(profile)
    shutil.copytree(before, profile)
    shutil.copyfile(tmp_path / "log", profile / "journal" / "log")
    for _ in range(2):
        again = Store.open(profile, KEY)
        assert [item.act.id for item in again.outbox()] == [act.id]
        assert [f for f in again.doctor() if not f.ok] == []
        again.close()


def test_what_the_platform_has_goes_out_of_it(
    store: Store, platform: Answering, tmp_path: Path
) -> None:
    record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER)
    pull(store, platform, LATER, store.next_batch(10, PersonId("dispatcher")))
    act = record(store, "dispatcher", ORDER, ActKind.VERIFY, LATER).act
    assert set(told(store, tmp_path).leftovers().acts) == {act.id}  # it says what is settled
    size = (store.profile / "journal" / "log").stat().st_size
    store.trim_journal()
    assert (store.profile / "journal" / "log").stat().st_size < size
    assert set(told(store, tmp_path).leftovers().acts) == {act.id}


def test_a_photo_stays_until_the_platform_has_all_of_it(store: Store) -> None:
    folder = store.profile / "journal" / "files"
    photo = store.add_file(b"\xff\xd8" * 5000, "现场.jpg")
    assert len(list(folder.iterdir())) == 1
    assert photo.sha256 not in str(list(folder.iterdir()))
    store.file_sent(photo.sha256, 5000)
    store.trim_journal()
    assert len(list(folder.iterdir())) == 1
    store.file_sent(photo.sha256, photo.size)
    assert list(folder.iterdir()) == [], "at once: many photos fill a disk"


def test_what_goes_up_again_after_a_restore_is_in_it_again(
    store: Store, platform: Answering, tmp_path: Path
) -> None:
    photo = store.add_file(b"\xff\xd8" * 5000, "现场.jpg")
    act = record(store, "dispatcher", ORDER, ActKind.ACCEPT, LATER).act
    pull(store, platform, LATER, store.next_batch(10, PersonId("dispatcher")))
    store.trim_journal()
    assert told(store, tmp_path).leftovers().acts == {}
    store.start_replay("s", "e2")
    left = told(store, tmp_path).leftovers()
    assert set(left.acts) == {act.id}
    assert set(left.files) == {photo.sha256}
    assert left.facts["sync.epoch"] == "e2"


def test_drafts_and_facts_are_in_it_as_they_were_last(store: Store, tmp_path: Path) -> None:
    order = OrderId(ORDER)
    store.save_draft(order, "note", {"text": "一"}, START)
    store.save_draft(order, "note", {"text": "二"}, LATER)
    store.save_draft(order, "visit", {"text": "三"}, LATER)
    store.drop_draft(order, "visit")
    store.set_meta("seat.person", "zhou")
    store.set_meta("seat.person", None)
    store.set_meta("seat.page", "orders")
    left = told(store, tmp_path).leftovers()
    draft = left.drafts[ORDER, "note"].body
    assert draft is not None
    assert "二".encode() in draft
    assert left.drafts[ORDER, "visit"].body is None
    assert "seat.person" not in left.facts
    assert left.facts["seat.page"] == "orders"
    assert left.facts["device_id"] == store.device_id


def test_a_fact_is_on_the_disk_when_it_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform knows this computer by its key: the power must not take that from the journal."""
    synced: list[int] = []
    real = sync_file

    def counting(handle: int) -> None:
        synced.append(handle)
        real(handle)

    monkeypatch.setattr(frames, "sync_file", counting)
    store.set_meta("stick.device_key", "00")
    assert synced


def test_a_long_day_does_not_let_it_grow_without_end(store: Store) -> None:
    for n in range(60):
        store.save_draft(OrderId(ORDER), "note", {"text": f"{n}" + "字" * 8000}, LATER)
    grown = (store.profile / "journal" / "log").stat().st_size
    store.trim_journal_if_due()
    assert (store.profile / "journal" / "log").stat().st_size < grown / 20


def test_many_short_days_do_not_let_it_grow_without_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each start goes on where the last one ended: what counts is how much of it is out of date."""
    monkeypatch.setattr(journal, "GROWTH", 20_000)
    profile = store.profile
    store.close()
    for day in range(12):
        again = Store.open(profile, KEY)
        for n in range(4):
            text = f"{day}-{n}" + "字" * 1000
            again.save_draft(OrderId(ORDER), "note", {"text": text}, LATER)
        again.close()
    assert (profile / "journal" / "log").stat().st_size < 40_000
    assert Journal(profile, KEY).leftovers().drafts


def test_a_closed_store_takes_nothing_more(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError):
        store.set_meta("seat.page", "orders")
