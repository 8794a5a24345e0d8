"""A damaged store is rebuilt: every unsent act arrives once, photos and drafts are there, nothing is deleted."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId, PersonId
from local_store import keeps, meta, opening, recovery
from local_store.backups import FOLDER, Backup
from local_store.errors import StoreError, StoreProblem
from local_store.recovery import Report
from local_store.rows import ActDraft
from local_store.store import FILE_NAME, Store
from local_store.successor import set_aside
from sync.client.identity import CREDENTIALS
from sync.client.stick_keys import device_key
from tests.faults.scale import scaled
from tests.support.acts import actor_of
from tests.support.answering import KEY, Answering, pull, record, with_orders
from tests.support.clock import START

ORDERS = tuple(range(1, 30))
PHOTO = bytes(range(256)) * 3000
SESSION = '{"address": "https://example.cn"}'


@dataclass
class Lived:
    """A seat that has worked: some acts delivered, some not, a photo, a draft, somebody signed in."""

    profile: Path
    platform: Answering
    unsent: list[str] = field(default_factory=list)
    device: str = ""

    def open(self) -> Store:
        return Store.open(self.profile, KEY)

    def started(self) -> Store:
        """What the program does at a start."""
        try:
            return self.open()
        except StoreError:
            return self.rebuilt()[1]

    def rebuilt(self) -> tuple[Report, Store]:
        """What the program does: refused as damaged, rebuilt, open."""
        with pytest.raises(StoreError) as refused:
            self.open()
        assert refused.value.code is StoreProblem.DAMAGED
        return recovery.rebuild(self.profile, KEY), self.open()

    def check(self, store: Store) -> None:
        """Everything only this seat had is there, and arrives once."""
        kept = {item.act.id for item in store.outbox()}
        assert set(self.unsent) <= kept
        (draft,) = store.drafts()
        assert draft.values == {"text": "说到一半"}
        assert store.device_id == self.device
        assert store.get_meta(CREDENTIALS) == SESSION
        photo = store.next_file()
        assert photo is not None
        assert store.file_bytes(photo.sha256) == PHOTO
        self.deliver(store)
        assert [f for f in store.doctor() if not f.ok] == []

    def deliver(self, store: Store) -> None:
        at = START + timedelta(hours=2)
        for _ in range(2):
            pull(store, self.platform, at, store.next_batch(500, PersonId("dispatcher")))
        assert store.outbox() == []
        entries = Counter(
            str(entry.act_id) for order in self.platform.orders.values() for entry in order.history
        )
        assert {entries[act_id] for act_id in self.unsent} == {1}
        for order_id, order in self.platform.orders.items():
            assert store.view(order_id) == order


def note(store: Store, order: int, text: str, files: tuple[str, ...] = ()) -> str:
    center = store.center()
    assert center is not None
    actor = actor_of(center, "dispatcher", store.device_id)
    draft = ActDraft(OrderId(f"order-{order}"), ActKind.NOTE, p.Text(text), actor, files=files)
    return store.record(draft, START + timedelta(minutes=30)).act.id


@pytest.fixture
def lived(tmp_path: Path) -> Lived:
    made = Lived(tmp_path / "seat", with_orders(*ORDERS))
    store = made.open()
    made.device = store.device_id
    pull(store, made.platform, START)
    store.set_meta(CREDENTIALS, SESSION)
    for order in ORDERS[:5]:
        record(store, "dispatcher", f"order-{order}", ActKind.ACCEPT, START + timedelta(minutes=5))
    batch = store.next_batch(500, PersonId("dispatcher"))
    pull(store, made.platform, START + timedelta(minutes=6), batch)
    photo = store.add_file(PHOTO, "现场.jpg")
    made.unsent = [note(store, n, f"第 {n} 条没传") for n in (1, 2, 7, 7, 9)]
    made.unsent.append(note(store, 3, "见照片", (photo.sha256,)))
    store.save_draft(OrderId("order-4"), "note", {"text": "说到一半"}, START)
    store.close()
    return made


def zero_pages(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 : 4096 * 30] = bytes(4096 * 29)
    file.write_bytes(content)


def zero_first_page(file: Path) -> None:
    file.write_bytes(bytes(4096) + file.read_bytes()[4096:])


def cut_in_half(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def rubbish(file: Path) -> None:
    file.write_bytes(b"no database" * 3000)


HARMS: dict[str, Callable[[Path], None]] = {
    "zeroed pages": zero_pages,
    "zeroed first page": zero_first_page,
    "cut in half": cut_in_half,
    "rubbish": rubbish,
    "empty": empty,
    "gone": Path.unlink,
}


@pytest.mark.fault("storage.zeroed_page")
@pytest.mark.fault("storage.truncated_file")
@pytest.mark.parametrize("backed_up", [False, True])
@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_store_is_rebuilt_and_loses_nothing(
    lived: Lived, harm: str, backed_up: bool
) -> None:
    backup = None
    if backed_up:
        store = lived.open()
        backup = store.back_up(START + timedelta(hours=1))
        lived.unsent.append(note(store, 8, "备份以后的一条"))
        store.close()
    HARMS[harm](lived.profile / FILE_NAME)
    spoilt = (
        (lived.profile / FILE_NAME).read_bytes() if (lived.profile / FILE_NAME).exists() else None
    )
    report, store = lived.rebuilt()
    assert report.acts == len(lived.unsent)
    assert (report.drafts, report.files, report.signed_in) == (1, 1, True)
    assert report.backup_at == (backup.made_at if backup else None)
    if spoilt is not None:
        assert report.aside is not None
        assert (report.aside / FILE_NAME).read_bytes() == spoilt
    if backed_up:
        assert (
            store.view(OrderId("order-20")) is not None
        )  # the desk has its orders without a network
    lived.check(store)
    store.close()


@pytest.mark.fault("storage.zeroed_page")
def test_whichever_single_page_is_zeroed_it_is_noticed_and_nothing_is_lost(
    lived: Lived, tmp_path: Path
) -> None:
    """A page in the middle of a long value reads as zeros, and the driver says nothing of it."""
    kept = tmp_path / "kept"
    shutil.copytree(lived.profile, kept)
    for page in range(0, (kept / FILE_NAME).stat().st_size // 4096, scaled(1, 4)):
        shutil.rmtree(lived.profile)
        shutil.copytree(kept, lived.profile)
        with (lived.profile / FILE_NAME).open("r+b") as file:
            file.seek(page * 4096)
            file.write(bytes(4096))
        store = lived.started()
        try:
            looked_at(store)
        except StoreError as error:
            if error.code is not StoreProblem.DAMAGED:
                raise
            store.close()
            recovery.rebuild(lived.profile, KEY)
            store = lived.open()
        assert set(lived.unsent) <= {item.act.id for item in store.outbox()}
        store.close()


def looked_at(store: Store) -> None:
    for order in ORDERS:
        store.view(OrderId(f"order-{order}"))
    store.outbox()


@pytest.mark.fault("storage.lost_wal")
def test_a_lost_log_is_made_good_from_the_journal(lived: Lived) -> None:
    """The file is whole, only older than it was: nothing has to be rebuilt, the acts are taken in."""
    before = (lived.profile / FILE_NAME).read_bytes()
    store = lived.open()
    lived.unsent += [note(store, n, "只在日志里") for n in (11, 12)]
    store.save_draft(OrderId("order-4"), "note", {"text": "说到一半"}, START + timedelta(hours=1))
    store.close()
    (lived.profile / FILE_NAME).write_bytes(before)
    store = lived.open()
    assert (store.adopted.acts, store.adopted.drafts) == (2, 1)
    lived.unsent.append(note(store, 13, "接着办"))
    lived.check(store)
    store.close()


@pytest.mark.fault("storage.lost_wal")
@pytest.mark.parametrize("tail", ["-wal", "-shm"])
def test_the_log_of_a_killed_program_may_vanish(lived: Lived, tail: str) -> None:
    store = lived.open()
    lived.unsent.append(note(store, 11, "刚记下"))
    copy = {f: f.read_bytes() for f in lived.profile.glob("store.db*") if f.is_file()}
    store.close()
    for file, content in copy.items():  # as it stood when the program was killed
        file.write_bytes(content)
    (lived.profile / (FILE_NAME + tail)).unlink(missing_ok=True)
    store = lived.open()
    lived.check(store)
    store.close()


@pytest.mark.fault("storage.lost_wal")
def test_a_new_seat_whose_log_vanishes_stays_the_same_computer(tmp_path: Path) -> None:
    store = Store.open(tmp_path, KEY)
    device = store.device_id
    pull(store, with_orders(1), START)
    store.set_meta(CREDENTIALS, SESSION)
    unsent = note(store, 1, "第一天记的")
    file_alone = (tmp_path / FILE_NAME).read_bytes()
    store.close()
    (tmp_path / FILE_NAME).write_bytes(file_alone)
    store = Store.open(tmp_path, KEY)
    assert (store.device_id, store.get_meta(CREDENTIALS)) == (device, SESSION)
    assert [item.act.id for item in store.outbox()] == [unsent]
    assert not store.copied
    store.close()


@pytest.mark.fault("storage.lost_wal")
def test_a_seat_whose_log_vanished_is_the_same_computer_after_damage_too(tmp_path: Path) -> None:
    """Opening gave it a new id for a moment; the journal must not go on saying so."""
    store = Store.open(tmp_path, KEY)
    device = store.device_id
    store.set_meta(CREDENTIALS, SESSION)
    file_alone = (tmp_path / FILE_NAME).read_bytes()
    store.close()
    (tmp_path / FILE_NAME).write_bytes(file_alone)
    Store.open(tmp_path, KEY).close()
    rubbish(tmp_path / FILE_NAME)
    recovery.rebuild(tmp_path, KEY)
    store = Store.open(tmp_path, KEY)
    assert (store.device_id, store.get_meta(CREDENTIALS)) == (device, SESSION)
    store.close()


def test_a_backup_from_before_the_first_sign_in_keeps_the_key_of_this_seat(
    tmp_path: Path,
) -> None:
    """The platform knows a computer by its key: a new key under the old id would be refused."""
    store = Store.open(tmp_path, KEY)
    backup = store.back_up(START).path
    key, device = device_key(store), store.device_id
    store.close()
    (tmp_path / FILE_NAME).write_bytes(backup.read_bytes())  # put back by hand
    store = Store.open(tmp_path, KEY)
    assert (store.device_id, device_key(store)) == (device, key)
    store.close()


def test_the_key_of_another_computer_is_not_taken_over_from_its_backup(lived: Lived) -> None:
    """A profile was copied with its backups; the copy is a device of its own and goes back to one."""
    store = lived.open()
    first = device_key(store)
    backup = store.back_up(START + timedelta(hours=1))
    store.close()
    copy = lived.profile.with_name("copy")
    shutil.copytree(lived.profile, copy)
    store = Store.open(copy, KEY)
    device = store.device_id
    assert device != lived.device
    store.close()
    recovery.restore(
        copy, KEY, Backup(copy / FOLDER / backup.path.name, backup.made_at, backup.size)
    )
    store = Store.open(copy, KEY)
    assert store.device_id == device
    assert device_key(store) != first
    assert store.get_meta(CREDENTIALS) is None
    store.close()


def test_numbers_go_on_behind_all_that_a_backup_holds(lived: Lived) -> None:
    """The journal was written anew before those acts, and they are settled: only the backup has them."""
    store = lived.open()
    lived.deliver(store)
    store.trim_journal()
    for n in (11, 12, 13):
        note(store, n, "以后的")
    lived.deliver(store)
    store.back_up(START + timedelta(hours=1))
    store.close()
    rubbish(lived.profile / FILE_NAME)
    report, store = lived.rebuilt()
    assert report.backup_at is not None
    lived.unsent = [note(store, 14, "重建以后第一条")]
    lived.deliver(store)
    store.close()


def test_power_that_went_within_the_first_answer_keeps_nobody_out_for_ever(tmp_path: Path) -> None:
    """The journal has the platform's name and not yet its epoch when the store is built anew from it."""
    store = Store.open(tmp_path, KEY)
    store._journal.fact(meta.SERVER_ID, "s")
    store.close()
    rubbish(tmp_path / FILE_NAME)
    opening.mark_suspect(tmp_path)
    recovery.rebuild(tmp_path, KEY)
    store = Store.open(tmp_path, KEY)
    pull(store, with_orders(*ORDERS), START)
    assert len(store.open_orders()) == len(ORDERS)
    store.close()


def test_an_older_file_put_back_has_gaps_that_are_nobodys_fault(lived: Lived) -> None:
    """What was recorded and delivered since is not in the file; what was not delivered comes back."""
    before = (lived.profile / FILE_NAME).read_bytes()
    store = lived.open()
    note(store, 11, "以后送到的")
    lived.deliver(store)
    late = note(store, 12, "还没送到")
    store.close()
    (lived.profile / FILE_NAME).write_bytes(before)
    store = lived.open()
    lived.unsent.append(late)
    lived.check(store)
    store.close()


def test_damage_seen_while_open_is_answered_at_the_next_opening(lived: Lived) -> None:
    store = lived.open()
    seen: list[bool] = []
    store.watch_damage(lambda: seen.append(True))
    lived.unsent.append(note(store, 11, "还没坏"))
    store._db.fold_log_away()
    zero_pages(lived.profile / FILE_NAME)
    assert not store.examine()
    assert seen
    opening.mark_suspect(lived.profile)
    store.close()
    _report, store = lived.rebuilt()
    lived.check(store)
    store.close()


def test_what_is_typed_into_a_store_that_has_just_broken_is_kept(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be saved, and that is said; the store built anew has it all the same."""
    store = lived.open()

    def broken(*_: object) -> None:
        raise opening.damaged("test")

    with monkeypatch.context() as patched:
        patched.setattr(keeps, "save_draft", broken)
        with pytest.raises(StoreError):
            store.save_draft(OrderId("order-9"), "note", {"text": "最后一句"}, START)
    opening.mark_suspect(lived.profile)
    store.close()
    _report, store = lived.rebuilt()
    assert {str(d.values["text"]) for d in store.drafts()} == {"说到一半", "最后一句"}
    store.close()


def test_a_rebuild_that_fails_leaves_everything_as_it_was(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    rubbish(lived.profile / FILE_NAME)
    before = {f.name for f in lived.profile.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(recovery, "adopt", full)
        with pytest.raises(StoreError) as refused:
            recovery.rebuild(lived.profile, KEY)
    assert refused.value.code is StoreProblem.FULL
    assert {f.name for f in lived.profile.iterdir()} == before
    lived.check(lived.started())


def test_a_wrong_key_is_never_taken_for_damage(lived: Lived) -> None:
    before = (lived.profile / FILE_NAME).read_bytes()
    with pytest.raises(StoreError) as refused:
        Store.open(lived.profile, bytes(32))
    assert refused.value.code is StoreProblem.KEY
    assert (lived.profile / FILE_NAME).read_bytes() == before
    assert set_aside(lived.profile) == []


@pytest.mark.fault("storage.torn_journal")
def test_a_spoilt_journal_harms_nobody_while_the_store_is_whole(lived: Lived) -> None:
    log = lived.profile / "journal" / "log"
    log.write_bytes(b"rubbish" * 100)
    for file in (lived.profile / "journal" / "files").iterdir():
        file.unlink()
    lived.open().close()
    zero_first_page(lived.profile / FILE_NAME)  # by now it has been written anew
    _report, store = lived.rebuilt()
    lived.check(store)
    store.close()


def test_without_a_journal_the_damaged_file_itself_is_read(lived: Lived) -> None:
    """A store of before there were journals: what its pages still tell is taken."""
    for file in sorted((lived.profile / "journal").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    opening.mark_suspect(lived.profile)
    report, store = lived.rebuilt()
    assert report.acts == len(lived.unsent)
    lived.check(store)
    store.close()


@pytest.mark.control("no_journal")
def test_without_journal_and_with_an_unreadable_file_the_acts_are_gone(lived: Lived) -> None:
    """The tests of damage above see what the journal does: without it they would fail."""
    for file in sorted((lived.profile / "journal").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    rubbish(lived.profile / FILE_NAME)
    opening.mark_suspect(lived.profile)
    report, store = lived.rebuilt()
    assert report.acts == 0
    assert not {item.act.id for item in store.outbox()} & set(lived.unsent)
    store.close()


class Died(BaseException):
    """The program was killed."""


@pytest.mark.fault("storage.kill_each_step")
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_rebuild_killed_at_any_rename_is_ended_by_the_next_start(
    lived: Lived, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rubbish(lived.profile / FILE_NAME)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed_before(step))
        with pytest.raises(Died):
            recovery.rebuild(lived.profile, KEY)
    store = lived.started()
    lived.check(store)
    store.close()
    aside = [f.read_bytes() for d in set_aside(lived.profile) for f in d.glob(FILE_NAME)]
    assert b"no database" * 3000 in aside


def killed_before(step: int) -> Callable[[Path, Path], Path]:
    """Stand in for ``Path.replace``: the program dies before the n-th rename."""
    real, count = Path.replace, iter(range(1, 100))

    def replace(self: Path, target: Path) -> Path:
        if next(count) == step:
            raise Died
        return real(self, target)

    return replace
