"""The life of a store: opened once, closed, examined, backed up; and the small facts it keeps by name."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import MsgspecError

from desktop_app.domain.ids import DeviceId
from local_store import backups, machine, meta, packs
from local_store.backups import Backup
from local_store.centers import CenterBook
from local_store.clocks import ClockBook
from local_store.columns import Frame
from local_store.doctor import CHECKS, Check
from local_store.errors import StoreError, StoreProblem
from local_store.journal import Journal, NoJournal
from local_store.keys import STORE_FILE
from local_store.leftovers import Adopted, Leftovers, adopt, collect, take_facts
from local_store.locks import StoreLock
from local_store.migrations import MODULES
from local_store.rows import Finding
from local_store.times import to_us

if TYPE_CHECKING:
    from local_store.database import Database

JOURNAL_KEPT = timedelta(days=90)


class OpenStore:
    """An open database with its journal and its lock; ``Store`` is what it is good for."""

    def __init__(
        self,
        profile: Path,
        database: Database,
        journal: Journal | NoJournal | None = None,
        lock: StoreLock | None = None,
    ) -> None:
        """A store on an open database; ``open`` and ``reading`` are the ways to get one."""
        self.profile = profile
        self.copied = False
        """Whether this opening found a copy, and made it a device of its own."""
        self.adopted = Adopted()
        """What the journal had and the file did not, on opening."""
        self._db = database
        self._journal = journal or NoJournal()
        self._lock = lock
        self._center = CenterBook()
        self._clocks = ClockBook()
        self._backing_up = threading.Lock()
        self._closing = threading.Event()
        self._device = self._known_device()

    # ---- life

    @classmethod
    def open(
        cls, profile: Path, key: bytes, modules: Sequence[str] = MODULES, *, migrating: bool = True
    ) -> Self:
        """Open ``<profile>/store.db`` with the 32-byte ``key``, creating or migrating it.

        Only one store is open on a profile: another one is refused as LOCKED. ``migrating`` False: raises
        ``database.Behind`` for a store of an older shape (see ``opening.migrate``).
        """
        from local_store.opening import open_for_work

        return open_for_work(cls, profile, key, modules, migrating=migrating)

    @classmethod
    def reading(cls, profile: Path, key: bytes) -> Self:
        """Open a store that is there for looking into it, also while a seat works with it."""
        from local_store.database import Behind, Database

        try:
            return cls(profile, Database(profile / STORE_FILE, key, in_place=False))
        except Behind:
            raise StoreError(
                StoreProblem.NEWER,
                "本机数据还是旧版的格式。",
                "请打开一次即办台，会自动升级；旧数据留一份。",
            ) from None

    def close(self) -> None:
        """Close all connections; the store is not usable after. A backup under way is broken off first: it
        would hold a file open that another is to follow, and be of a store that is no more.
        """
        self._closing.set()
        with self._backing_up:
            self._close()

    def _close(self) -> None:
        with suppress(StoreError):
            self.trim_journal_if_due()
        self._journal.close()
        self._db.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def unclean(self) -> bool:
        """Whether the program that had the store before did not close it: then it is worth examining."""
        return self._lock is not None and self._lock.unclean

    def watch_damage(self, told: Callable[[], None]) -> None:
        """Call ``told``, in whatever thread, when the file turns out to be damaged."""
        self._db.on_damage = told

    def settle_in(self) -> None:
        """After opening: a copy becomes a device of its own; what only the journal has is taken in."""
        assert isinstance(self._journal, Journal)
        new = False
        try:
            with self._db.write() as tx:
                left = self._journal.leftovers(tx.column("SELECT sha256 FROM files"))
                new = not machine.is_settled(tx)  # or its log was lost with all it knew
                if new:
                    take_facts(tx, left)
                self.copied = machine.settle(tx, machine.here(self.profile))
                self.adopted = adopt(tx, self._center, left, everything=False)
        except StoreError as error:
            if error.code is not StoreProblem.FULL:
                raise
            self.copied = False  # a full disk must not keep anybody from looking at his orders
        self._device = self._known_device()
        found = self._journal.found
        if new or self.copied or self.adopted or found.torn or found.lost or not found.file_id:
            with suppress(StoreError):
                self.trim_journal()

    def trim_journal(self) -> None:
        """Write the journal anew, without what the platform has."""
        self._journal.rewrite(self._left())

    def trim_journal_if_due(self) -> None:
        """The same, when it has grown enough to be worth it."""
        if self._journal.overgrown:
            self.trim_journal()

    @contextmanager
    def _left(self) -> Iterator[Leftovers]:
        with self._db.read() as tx:
            yield collect(tx, with_files=True)

    def _known_device(self) -> DeviceId:
        with self._db.read() as tx:
            known = meta.get(tx, meta.DEVICE_ID)
        if known is None:
            known = str(uuid.uuid4())
            self.set_meta(meta.DEVICE_ID, known)
        return DeviceId(known)

    @property
    def device_id(self) -> DeviceId:
        """This installation's id, made once when the store is created."""
        return self._device

    def get_meta(self, key: str) -> str | None:
        with self._db.read() as tx:
            return meta.get(tx, key)

    def set_meta(self, key: str, value: str | None) -> None:
        """Keep a small text durably; None removes it."""
        with self._journal.guard() as journal, self._db.write() as tx:
            meta.put(tx, key, value)
            journal.fact(key, value)

    def swap_meta(self, key: str, before: str, value: str) -> bool:
        """The same, if the text still is ``before``; False: somebody else was faster."""
        with self._journal.guard() as journal, self._db.write() as tx:
            if meta.get(tx, key) != before:
                return False
            meta.put(tx, key, value)
            journal.fact(key, value)
        return True

    # ---- upkeep

    def tidy(self, now: datetime) -> None:
        """Drop journal entries older than 90 days, except the last act, and what else is of no use any
        more; fold the log.
        """
        from local_store import keeps

        with self._db.write() as tx:
            keeps.drop_marks(tx)
            tx.execute(
                "DELETE FROM acts WHERE status IN ('done', 'set_aside') AND recorded_at < ?"
                " AND seq < (SELECT coalesce(min(seq), 0) FROM acts"
                " WHERE status NOT IN ('done', 'set_aside') OR recorded_at >= ?)",
                (to_us(now - JOURNAL_KEPT), to_us(now - JOURNAL_KEPT)),
            )
            packs.drop_unused(tx)
        self._db.fold_log()

    def back_up(self, now: datetime, stop: Callable[[], bool] = lambda: False) -> Backup:
        """Make a backup of this moment, after one that is under way; see ``backups.make``."""
        with self._backing_up:
            return backups.make(self._db, now, self._or_closing(stop))

    def back_up_if_due(self, now: datetime, stop: Callable[[], bool]) -> Backup | None:
        """Make the day's backup unless there is one."""
        with self._backing_up:
            due = backups.due(self.profile, now)
            return backups.make(self._db, now, self._or_closing(stop)) if due else None

    def _or_closing(self, stop: Callable[[], bool]) -> Callable[[], bool]:
        return lambda: stop() or self._closing.is_set()

    def examine(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Read the whole file; False (and ``watch_damage`` is told) when it is damaged. Takes seconds.

        Raises ``database.Stopped``.
        """
        whole = self._db.sound("cipher_integrity_check", "integrity_check", stop=stop)
        if not whole:
            self._db.on_damage()
        return whole

    def doctor(self) -> list[Finding]:
        """Check the file and the invariants that can be checked here (I1–I6)."""
        return [self._check(name, check) for name, check in CHECKS]

    def _check(self, name: str, check: Check) -> Finding:
        try:
            with self._db.read() as tx:
                state = self._center.state(tx)
                center = state.view if state else None
                return check(tx, center, state.frame if state else Frame())
        except StoreError as error:
            return Finding(name, False, error.title, error.advice)
        except MsgspecError:
            return Finding(
                name, False, "本机数据有读不懂的内容。", "请备份数据目录，再联系管理员。"
            )
