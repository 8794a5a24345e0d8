"""Work on a whole store tells how far it is, and can be broken off at every step but the last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from local_store import backups, opening, recovery
from local_store.database import Behind, Stopped
from local_store.errors import StoreError, StoreProblem
from local_store.migrations import MODULES
from local_store.progress import Progress, Step, Watch
from local_store.store import FILE_NAME, Store
from local_store.successor import MAKING, set_aside
from tests.local_store.migrator import TRIAL
from tests.support.answering import KEY, record, synced_store, with_orders
from tests.support.clock import START

STEPS = [Step.READ, Step.COPY, Step.CHECK, Step.FILL, Step.PLACE]
MIGRATION = [Step.COPY, Step.FILL, Step.CHECK, Step.PLACE]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A closed store with a backup and an act that was recorded after it."""
    store = synced_store(tmp_path / "seat", with_orders(1, 2, 3))
    store.back_up(START)
    record(store, "dispatcher", "order-1", ActKind.ACCEPT, START + timedelta(minutes=5))
    store.close()
    return tmp_path / "seat"


def damaged(profile: Path) -> None:
    (profile / FILE_NAME).write_bytes(b"no database" * 3000)


def restoring(profile: Path, watch: Watch) -> object:
    return recovery.restore(profile, KEY, backups.backups(profile)[0], watch)


def rebuilding(profile: Path, watch: Watch) -> object:
    return recovery.rebuild(profile, KEY, watch)


def migrating(profile: Path, watch: Watch) -> None:
    opening.migrate(profile, KEY, watch, TRIAL)


Work = Callable[[Path, Watch], object]


class Stopper:
    """Notes what is told and breaks the work off at one step."""

    def __init__(self, at: Step | None = None) -> None:
        self.told: list[Progress] = []
        self._at, self._stop = at, False
        self.watch = Watch(self._tell, lambda: self._stop)

    def _tell(self, progress: Progress) -> None:
        self.told.append(progress)
        self._stop = self._stop or progress.step is self._at

    def steps(self) -> list[Step]:
        return list(dict.fromkeys(p.step for p in self.told))


@pytest.mark.parametrize(
    ("work", "steps"), [(rebuilding, STEPS), (restoring, STEPS), (migrating, MIGRATION)]
)
def test_every_step_is_told_and_copying_how_much_of_it(
    profile: Path, work: Work, steps: list[Step]
) -> None:
    if work is rebuilding:
        damaged(profile)
    stopper = Stopper()
    work(profile, stopper.watch)
    assert stopper.steps() == steps
    copied = [p.share for p in stopper.told if p.step is Step.COPY]
    assert copied[0] == 0.0
    assert copied[-1] == 1.0


@pytest.mark.fault("storage.kill_each_step")
@pytest.mark.parametrize("at", [Step.READ, Step.COPY, Step.CHECK, Step.FILL])
@pytest.mark.parametrize("work", [rebuilding, restoring, migrating])
def test_broken_off_before_the_last_step_everything_is_as_it_was(
    profile: Path, work: Work, at: Step
) -> None:
    if work is migrating and at is Step.READ:
        return  # a migration has nothing to read
    if work is rebuilding:
        damaged(profile)
    before = (profile / FILE_NAME).read_bytes()
    with pytest.raises(Stopped):
        work(profile, Stopper(at).watch)
    assert (profile / FILE_NAME).read_bytes() == before
    assert not list(profile.glob(f"{MAKING}*"))
    assert set_aside(profile) == []
    work(profile, Watch())
    store = Store.open(profile, KEY, TRIAL if work is migrating else MODULES)
    try:
        assert len(store.outbox()) == 1
        assert [f for f in store.doctor() if not f.ok] == []
    finally:
        store.close()


def test_once_it_takes_its_place_it_is_not_broken_off(profile: Path) -> None:
    restoring(profile, Stopper(Step.PLACE).watch)
    assert len(set_aside(profile)) == 1


@pytest.mark.parametrize("killed_before", [False, True])
def test_an_older_store_may_be_migrated_elsewhere_and_is_still_known_to_be_unclean(
    profile: Path, killed_before: bool
) -> None:
    if killed_before:
        (profile / "store.lock").write_bytes(b"open")
    with pytest.raises(Behind):
        Store.open(profile, KEY, TRIAL, migrating=False)
    opening.migrate(profile, KEY, modules=TRIAL)
    store = Store.open(profile, KEY, TRIAL, migrating=False)
    assert store.unclean is killed_before
    assert len(store.outbox()) == 1
    store.close()


def test_a_closed_store_touches_no_file_any_more(profile: Path) -> None:
    """A thread that is not done with it yet must not write into the file that follows."""
    store = Store.open(profile, KEY)
    store.close()
    restoring(profile, Watch())
    before = (profile / FILE_NAME).read_bytes()
    for late in (store.pending_count, lambda: store.set_meta("late", "yes")):
        with pytest.raises(StoreError) as refused:
            late()
        assert refused.value.code is StoreProblem.UNKNOWN
    assert (profile / FILE_NAME).read_bytes() == before
