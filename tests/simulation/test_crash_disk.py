"""Every point at which the power can go while acts are recorded: what was said to be saved is there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import ActId, OrderId, PersonId
from desktop_app.services import intake, notes
from desktop_app.services.seat import Seat
from local_store.database import Database
from local_store.engine import settle
from local_store.store import Store
from tests.support.center import HANDLERS, ROAD, sample_center, sample_order
from tests.support.clock import START, ManualClock
from tests.support.desk import answer
from tests.support.disk import Disk, MachineStopped
from tests.support.disk_driver import Settle, store_opener

PROFILE = Path("/seat")
ORDERS = [OrderId(f"order-{n}") for n in (1, 2)]


def open_store(disk: Disk, settle: Settle) -> Store:
    return Store(PROFILE, Database(PROFILE / "store.db", b"", store_opener(disk, settle)))


@pytest.fixture(scope="module")
def image() -> Iterator[dict[str, bytes]]:
    """The file of a seat that has synced two orders."""
    disk = Disk(random.Random(0))
    store = open_store(disk, settle)
    orders = [sample_order(START, n) for n in (1, 2)]
    store.apply_answer(answer(orders, START, sample_center()))
    store.close()
    yield dict(disk.image())
    disk.close()


@dataclass
class Day:
    """What one seat does; ``told`` are the acts and drafts it was told are saved."""

    store: Store
    told: list[str] = field(default_factory=list)
    draft: dict[str, object] | None = None

    def work(self) -> None:
        """Record over two orders, with a photo, a draft and a fold of the log between. May stop."""
        clock = ManualClock()
        time = PlatformTime(clock)
        time.hear(clock.now())
        seat = Seat(self.store, time, PersonId("dispatcher"))
        first, second = ORDERS
        verbs: tuple[Callable[[], object], ...] = (
            lambda: intake.accept(seat, first),
            lambda: intake.verify(seat, first, "matches", "电话核实"),
            lambda: notes.note(seat, second, "第一条"),
            lambda: intake.classify(seat, first, ROAD),
            lambda: intake.propose(seat, first, HANDLERS, "请先看现场"),
        )
        for verb in verbs:
            verb()
            self._note()
        self.store.save_draft(second, "note", {"text": "写到一半"}, clock.now())
        self.draft = {"text": "写到一半"}
        self.store.tidy(clock.now())
        stored = self.store.add_file(b"photo" * 3000, "现场.jpg")
        notes.note(seat, second, "附照片", files=(stored.sha256,))
        self._note()
        intake.accept(seat, second)
        self._note()

    def _note(self) -> None:
        self.told.append(self.store.outbox()[-1].act.id)


def crash(image: dict[str, bytes], at: int, settle: Settle) -> tuple[bool, int]:
    """Let the power go at the ``at``-th write or sync of the day.

    Return whether it came that far, and how many acts that were told are gone.
    """
    disk = Disk(random.Random(at), image)
    try:
        day = Day(open_store(disk, settle))
        disk.stop_in(at)
        with suppress(MachineStopped):
            day.work()
        reached = disk.stopped
        disk.stop()
        day.store.close()
        disk.restart(power_cut=True)
        return reached, lost_after(disk, settle, day)
    finally:
        disk.close()


def lost_after(disk: Disk, settle: Settle, day: Day) -> int:
    """Open what is left; it must be whole, whatever is in it."""
    store = open_store(disk, settle)
    try:
        kept = [item.act.id for item in store.outbox()]
        assert all(finding.ok for finding in store.doctor()), store.doctor()
        assert len(kept) <= len(day.told) + 1, "at most the one that was being told"
        lost = [act_id for act_id in day.told if act_id not in kept]
        draft = store.load_draft(ORDERS[1], "note")
        gone = day.draft is not None and (draft is None or draft.values != day.draft)
        return len(lost) + gone
    finally:
        store.close()


def every_point(image: dict[str, bytes], settle: Settle) -> list[int]:
    """Return the losses at each point of the day."""
    losses: list[int] = []
    while True:
        reached, lost = crash(image, len(losses) + 1, settle)
        if not reached:
            return losses
        losses.append(lost)


@pytest.mark.slow
@pytest.mark.fault("storage.lost_writes")
def test_nothing_that_was_told_is_lost_wherever_the_power_goes(image: dict[str, bytes]) -> None:
    losses = every_point(image, settle)
    assert len(losses) > 183
    assert sum(losses) == 0


@pytest.mark.slow
@pytest.mark.fault("storage.lost_writes")
def test_what_was_seen_after_a_kill_is_still_there_when_the_power_goes(
    image: dict[str, bytes],
) -> None:
    """A kill between the write and the sync of a commit leaves an act that the next start shows."""
    at, untold = 0, 0
    while True:
        at += 1
        disk = Disk(random.Random(at), image)
        try:
            day = Day(open_store(disk, settle))
            disk.stop_in(at)
            with suppress(MachineStopped):
                day.work()
            if not disk.stopped:
                stop(disk, day.store, power_cut=False)
                break
            shown = shown_after(disk, day.store, power_cut=False)
            assert shown_after(disk, open_store(disk, settle), power_cut=True) == shown, at
            untold += len(shown) > len(day.told)
        finally:
            disk.close()
    assert untold, "blind: a kill never left an act that nobody had been told of"


def shown_after(disk: Disk, store: Store, *, power_cut: bool) -> list[ActId]:
    """Stop the machine with ``store`` open; return the acts that the next start shows."""
    stop(disk, store, power_cut=power_cut)
    store = open_store(disk, settle)
    shown = [item.act.id for item in store.outbox()]
    stop(disk, store, power_cut=False)
    return shown


def stop(disk: Disk, store: Store, *, power_cut: bool) -> None:
    disk.stop()
    store.close()
    disk.restart(power_cut=power_cut)


@pytest.mark.slow
@pytest.mark.control("normal_sync")
def test_without_a_sync_per_act_some_are_lost(image: dict[str, bytes]) -> None:
    def normal(connection: Any, cache_kib: int) -> None:
        settle(connection, cache_kib)
        connection.execute("PRAGMA synchronous = NORMAL")

    assert sum(every_point(image, normal)) > 0


def test_a_photo_is_whole_or_not_there_wherever_the_power_goes(image: dict[str, bytes]) -> None:
    """In a sample of points: its bytes are what its name says."""
    photo = b"photo" * 40_000
    for at in range(1, 200, 9):
        disk = Disk(random.Random(at), image)
        store = open_store(disk, settle)
        disk.stop_in(at)
        with suppress(MachineStopped):
            store.add_file(photo, "现场.jpg")
        disk.stop()
        store.close()
        disk.restart(power_cut=True)
        store = open_store(disk, settle)
        with store._db.read() as tx:
            names = tx.column("SELECT sha256 FROM files")
        assert [store.file_bytes(name) for name in names] in ([], [photo])
        store.close()
        disk.close()
