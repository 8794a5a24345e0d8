"""Opening a store for work: one holder, the journal, migrations on a copy, and a short look at the file.

A store that is damaged, or is gone while its journal is there, is refused as ``DAMAGED``; ``recovery``
then builds it anew. What takes long (a whole integrity check) is never done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from local_store import successor
from local_store.base import OpenStore
from local_store.database import Behind, Database
from local_store.disk import full_disk_said, private_folder
from local_store.errors import StoreError, StoreProblem
from local_store.journal import Journal
from local_store.keys import STORE_FILE
from local_store.locks import StoreLock
from local_store.migrations import MODULES
from local_store.progress import UNWATCHED, Step, Watch, copy_file

Opened = TypeVar("Opened", bound=OpenStore)
SUSPECT = "store.suspect"
"""Its presence says that damage was seen while the store was open."""
_COUNTED = ("acts", "drafts", "files", "file_chunks")


def open_for_work(
    kind: type[Opened],
    profile: Path,
    key: bytes,
    modules: Sequence[str] = MODULES,
    *,
    migrating: bool = True,
) -> Opened:
    """Open ``<profile>/store.db``, creating or migrating it. Raises ``StoreError``; with ``migrating``
    False ``Behind`` for a store of an older shape: ``migrate`` may take its time elsewhere.
    """
    with full_disk_said():
        private_folder(profile)
    lock = StoreLock(profile)
    try:
        return _opened(kind, profile, key, modules, lock, migrating=migrating)
    except Behind:
        lock.release(clean=not lock.unclean)
        raise
    except BaseException:
        lock.release(clean=False)
        raise


def _opened(
    kind: type[Opened],
    profile: Path,
    key: bytes,
    modules: Sequence[str],
    lock: StoreLock,
    *,
    migrating: bool,
) -> Opened:
    with full_disk_said():
        successor.finish(profile)
    if (profile / SUSPECT).exists():
        raise damaged("damage was seen while it was open")
    journal = Journal(profile, key)
    database = _database(profile, key, modules, journal, migrating=migrating)
    try:
        store = kind(profile, database, journal, lock)
        store.settle_in()
    except BaseException:
        journal.close()
        database.close()
        raise
    return store


def damaged(detail: str) -> StoreError:
    """The error that ``recovery`` answers by building the store anew."""
    return StoreError(
        StoreProblem.DAMAGED,
        "本机数据有损坏。",
        "请重新打开即办台，会自动重建；没上传的记录另有底，不会丢。",
        detail,
    )


def _database(
    profile: Path, key: bytes, modules: Sequence[str], journal: Journal, *, migrating: bool
) -> Database:
    path = profile / STORE_FILE
    if journal.found.seen and not (path.exists() and path.stat().st_size):
        if not journal.found.key_fits:
            raise wrong_key()
        raise damaged("the file is gone")
    try:
        database = _current(path, key, modules, migrating=migrating)
    except StoreError as error:
        # A first page that does not open looks the same with a wrong key; the journal tells.
        if error.code is StoreProblem.DAMAGED and not journal.found.key_fits:
            raise wrong_key() from error
        raise
    try:
        look_over(database)
    except BaseException:
        database.close()
        raise
    return database


def wrong_key() -> StoreError:
    return StoreError(
        StoreProblem.KEY,
        "本机数据用现在的密钥打不开。",
        "密钥不对，或文件已损坏。不要删除数据目录，请联系管理员。",
    )


def _current(path: Path, key: bytes, modules: Sequence[str], *, migrating: bool) -> Database:
    try:
        return Database(path, key, modules=modules, in_place=False)
    except Behind as behind:
        if not migrating:
            raise
        _migrate_copy(path, key, modules, behind.version, UNWATCHED)
        return Database(path, key, modules=modules)


def migrate(
    profile: Path, key: bytes, watch: Watch = UNWATCHED, modules: Sequence[str] = MODULES
) -> None:
    """Bring a closed store into this program's shape: a copy is migrated, checked, and follows.

    Raises ``StoreError``, ``Stopped``; the store is then as it was.
    """
    lock = StoreLock(profile)
    try:
        with full_disk_said():
            successor.finish(profile)
        path = profile / STORE_FILE
        try:
            Database(path, key, modules=modules, in_place=False).close()
        except Behind as behind:
            _migrate_copy(path, key, modules, behind.version, watch)
    finally:
        lock.release(clean=not lock.unclean)


def _migrate_copy(
    path: Path, key: bytes, modules: Sequence[str], version: int, watch: Watch
) -> None:
    old = Database(path, key, modules=modules[:version])
    try:
        old.fold_log_away()
        before = _counts(old)
    finally:
        old.close()
    with full_disk_said(), successor.making(path.parent) as made:
        copy_file(path, made, watch)
        watch.say(Step.FILL)
        new = Database(made, key, modules=modules)
        try:
            watch.say(Step.CHECK)
            if not new.sound("quick_check", stop=watch.stop) or _counts(new) != before:
                raise StoreError(
                    StoreProblem.UNKNOWN,
                    "本机数据升级没有成功，旧数据没有动过。",
                    "请先装回旧版接着用，并联系管理员。",
                )
            new.fold_log_away()
        finally:
            new.close()
        watch.say(Step.PLACE)
        successor.promote(path.parent, made, successor.Why.MIGRATED)


def _counts(database: Database) -> tuple[int, ...]:
    """How much there is of what only this seat may have."""
    with database.read() as tx:
        return tuple(tx.one(f"SELECT count(*) FROM {name}")[0] for name in _COUNTED)  # noqa: S608


def look_over(database: Database) -> None:
    """A look of bounded cost: is the file as long as it says, can the root of every table be read."""
    with database.read() as tx:
        pages, size = (int(tx.one(f"PRAGMA {what}")[0]) for what in ("page_count", "page_size"))
        names = tx.column("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
        for name in names:
            tx.one(f'SELECT 1 FROM "{name}" LIMIT 1')  # noqa: S608 - the store's own names
    log = database.path.with_name(database.path.name + "-wal")
    logged = log.exists() and log.stat().st_size > 0
    if not logged and database.path.stat().st_size < pages * size:
        raise damaged("the file is shorter than it says")


def mark_suspect(profile: Path) -> None:
    """Note that damage was seen: the next opening builds the store anew."""
    with suppress(OSError):
        (profile / SUSPECT).touch(mode=0o600)


def clear_suspect(profile: Path) -> None:
    (profile / SUSPECT).unlink(missing_ok=True)
