"""Stores that are not where or what they were: copied to another place, rebuilt, brought back from a backup.

Whatever happened to the file, every act arrives exactly once at a real platform, and nobody takes the
platform for one that was restored.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.services import intake, notes
from local_store import backups, meta, recovery
from local_store.errors import StoreError
from local_store.store import FILE_NAME
from sync.client import stick_keys
from sync.client.identity import CREDENTIALS, load_credentials
from sync.client.stick_keys import device_key
from tests.e2e.conftest import MakeSeat
from tests.support.center import sample_intake
from tests.support.platform import RunningPlatform
from tests.support.synced import KEY, SyncedSeat


@pytest.fixture
def seat(running: RunningPlatform, make_seat: MakeSeat) -> SyncedSeat:
    """A dispatcher's seat with acts that were delivered and acts that were not."""
    running.platform.dispatch([sample_intake(n) for n in (1, 2, 3)])
    made = make_seat()
    made.sync()
    for order_id in made.orders():
        intake.accept(made.seat, order_id)
    made.sync()
    for n in range(3):
        remark(made, f"没传的第 {n} 条")
    return made


@pytest.fixture
def copies(seat: SyncedSeat) -> Iterator[list[SyncedSeat]]:
    made: list[SyncedSeat] = []
    yield made
    for copy in made:
        copy.close()


def remark(seat: SyncedSeat, text: str) -> None:
    seat.clock.advance(timedelta(seconds=20))
    notes.note(seat.seat, seat.orders()[0], text)


def copied(seat: SyncedSeat, copies: list[SyncedSeat], name: str) -> SyncedSeat:
    """A copy of the profile, opened somewhere else; the seat itself goes on."""
    seat.runner.close()
    seat.store.close()
    target = seat.profile.parent / name
    shutil.copytree(seat.profile, target)
    seat.open()
    copy = SyncedSeat(target, seat.clock, seat.person_id, seat.address)
    copies.append(copy)
    return copy


def recorded(seat: SyncedSeat) -> list[str]:
    with seat.store._db.read() as tx:
        return tx.column("SELECT act_id FROM acts")


def every_act_once(running: RunningPlatform, *seats: SyncedSeat) -> None:
    said = Counter[str]()
    for order_id in seats[0].orders():
        order = running.platform.order_by_id(order_id)
        assert order is not None
        said.update(str(entry.act_id) for entry in order.history)
        for seat in seats:
            assert seat.store.view(order_id) == order
    assert {said[act_id] for seat in seats for act_id in recorded(seat)} == {1}
    for seat in seats:
        assert seat.store.outbox() == []
        assert [f for f in seat.store.doctor() if not f.ok] == []
        assert [n for n in seat.notices if "恢复" in n.title] == []


@pytest.mark.fault("storage.copied_store")
@pytest.mark.parametrize("first", ["original", "copy"])
def test_a_copied_store_becomes_a_device_of_its_own_and_every_act_arrives_once(
    running: RunningPlatform, seat: SyncedSeat, copies: list[SyncedSeat], first: str
) -> None:
    copy = copied(seat, copies, "other-place")
    assert copy.store.copied
    assert not seat.store.copied
    assert copy.store.device_id != seat.store.device_id
    assert load_credentials(copy.store) is None
    assert load_credentials(seat.store) is not None
    assert device_key(copy.store) != device_key(seat.store)
    assert [i.act for i in copy.store.outbox()] == [i.act for i in seat.store.outbox()]
    copy.sign_in()
    both = [seat, copy] if first == "original" else [copy, seat]
    for n in range(3):
        for each in both:
            remark(each, f"{each.profile.name} 第 {n} 条")
            each.sync()
    for each in both:
        each.reopen()
        remark(each, f"{each.profile.name} 重开以后")
        each.sync()
    seat.sync()
    copy.sync()
    every_act_once(running, seat, copy)


def test_what_belongs_to_one_device_is_called_as_its_owners_call_it() -> None:
    assert set(meta.OF_ONE_DEVICE) == {CREDENTIALS, stick_keys._PRIVATE, stick_keys._PUBLIC}


def test_a_copy_of_a_copy_and_a_store_moved_back_are_others_again(
    running: RunningPlatform, seat: SyncedSeat, copies: list[SyncedSeat]
) -> None:
    copy = copied(seat, copies, "second")
    third = copied(copy, copies, "third")
    ids = {each.store.device_id for each in (seat, copy, third)}
    assert len(ids) == 3
    for each in (copy, third):
        each.sign_in()
        remark(each, each.profile.name)
    for each in (third, seat, copy, third, seat):
        each.sync()
    every_act_once(running, seat, copy, third)


def test_a_store_that_stays_where_it_is_stays_itself(seat: SyncedSeat) -> None:
    device = seat.store.device_id
    for _ in range(2):
        seat.reopen()
        assert (seat.store.device_id, seat.store.copied) == (device, False)
    assert load_credentials(seat.store) is not None


def lose(seat: SyncedSeat) -> recovery.Report:
    """Spoil the file and have it rebuilt, as the program does."""
    seat.runner.close()
    seat.store.close()
    (seat.profile / FILE_NAME).write_bytes(b"spoilt" * 5000)
    with pytest.raises(StoreError):
        seat.open()
    report = recovery.rebuild(seat.profile, KEY)
    seat.open()
    return report


@pytest.mark.fault("storage.zeroed_page")
@pytest.mark.parametrize("with_backup", [False, True])
def test_a_rebuilt_store_goes_on_as_the_same_device_without_signing_in(
    running: RunningPlatform, seat: SyncedSeat, with_backup: bool
) -> None:
    device = seat.store.device_id
    if with_backup:
        seat.store.back_up(seat.clock.now())
        remark(seat, "备份以后")
        seat.sync()
        remark(seat, "又一条没传的")
    report = lose(seat)
    assert seat.store.device_id == device
    assert report.signed_in
    assert bool(seat.orders()) is with_backup  # with a backup there is work before the first sync
    seat.sync()
    remark(seat, "重建以后")
    seat.sync()
    every_act_once(running, seat)


@pytest.mark.fault("storage.old_backup")
def test_going_back_to_a_backup_keeps_what_was_recorded_since(
    running: RunningPlatform, seat: SyncedSeat
) -> None:
    backup = seat.store.back_up(seat.clock.now())
    seat.sync()
    remark(seat, "备份以后没传的")
    waiting = {item.act.id for item in seat.store.outbox()}
    seat.runner.close()
    seat.store.close()
    (chosen,) = backups.backups(seat.profile)
    assert chosen.made_at == backup.made_at.replace(microsecond=0)
    recovery.restore(seat.profile, KEY, chosen)
    seat.open()
    assert waiting <= {item.act.id for item in seat.store.outbox()}
    seat.sync()
    remark(seat, "退回以后")
    seat.sync()
    every_act_once(running, seat)


def test_a_profile_seen_by_a_name_of_another_form_is_no_copy(
    seat: SyncedSeat, tmp_path: Path
) -> None:
    """A link to the folder is the same folder."""
    seat.runner.close()
    seat.store.close()
    device = seat.store.device_id
    link = tmp_path / "link"
    link.symlink_to(seat.profile, target_is_directory=True)
    seat.profile = link
    seat.open()
    assert (seat.store.device_id, seat.store.copied) == (device, False)
