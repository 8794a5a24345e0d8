"""A store that cannot be used any more is put aside whole, and a new one is built from what is left.

The base is the newest backup that is whole, else an empty store; unsent acts, their files, drafts and
what the seat knows of itself come from the journal, from what the damaged file still tells, and from the
backup. The platform has everything else and sends it. Acts keep their ids: none is lost, none counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from local_store import backups, meta, successor
from local_store.backups import Backup
from local_store.centers import CenterBook
from local_store.database import Database
from local_store.disk import full_disk_said
from local_store.errors import StoreError, StoreProblem
from local_store.journal import FOLDER as JOURNAL_FOLDER
from local_store.journal import Journal
from local_store.keys import STORE_FILE
from local_store.leftovers import Leftovers, adopt, collect
from local_store.locks import StoreLock
from local_store.opening import SUSPECT, clear_suspect
from local_store.passphrase import SEALED_FILE, TRIES_FILE
from local_store.progress import UNWATCHED, Step, Watch, copy_file
from local_store.salvage import salvaged
from local_store.successor import Why
from local_store.tx import Tx


@dataclass(frozen=True, slots=True)
class Report:
    """What was saved. ``backup_at``: of when the orders are; None: the platform sends all of them.
    ``aside``: where the old file is; ``signed_in``: whether the session was saved too;
    ``unreadable``: journal entries that do not open.
    """

    acts: int
    drafts: int
    files: int
    backup_at: datetime | None
    signed_in: bool
    unreadable: int
    aside: Path | None


def rebuild(profile: Path, key: bytes, watch: Watch = UNWATCHED) -> Report:
    """Build the store of ``profile`` anew and put it in its place.

    Raises ``StoreError``, ``Stopped``: all is as it was.
    """
    return _follow(profile, key, Why.DAMAGED, None, watch)


def restore(profile: Path, key: bytes, backup: Backup, watch: Watch = UNWATCHED) -> Report:
    """Go back to a backup; what was recorded since stays. Raises ``StoreError``, ``Stopped``: all is as it was."""
    return _follow(profile, key, Why.RESTORED, backup, watch)


def give_up(profile: Path) -> Path | None:
    """Put store, journal, backups and the sealed key aside, together: nobody can open them any more, but
    with the passphrase they would open again. Returns the folder. Raises ``StoreError``.
    """
    lock = StoreLock(profile)
    try:
        with full_disk_said():
            folder = successor.put_aside(profile, Why.GIVEN_UP)
            # The key goes last: until then the next start asks for the passphrase again.
            for name in (JOURNAL_FOLDER, backups.FOLDER, TRIES_FILE, SEALED_FILE):
                if folder is not None and (profile / name).exists():
                    (profile / name).replace(folder / name)
            clear_suspect(profile)
    finally:
        lock.release()
    return folder


def _follow(profile: Path, key: bytes, why: Why, chosen: Backup | None, watch: Watch) -> Report:
    lock = StoreLock(profile)
    try:
        with full_disk_said():
            successor.finish(profile)
        watch.say(Step.READ)
        journal = Journal(profile, key)
        with full_disk_said(), successor.making(profile) as made:
            with salvaged(profile / STORE_FILE, key) as told:
                left = journal.leftovers()
                left.add(told)
                backup = _base(made, key, [chosen] if chosen else backups.backups(profile), watch)
                if chosen is not None and backup is None:
                    raise StoreError(StoreProblem.DAMAGED, "这份备份有损坏。", "请用别的备份。")
                watch.say(Step.FILL)
                counts = _fill(made, key, left)
            watch.say(Step.PLACE)
            aside = successor.promote(profile, made, why)
            clear_suspect(profile)
    finally:
        lock.release()
    made_at = backup.made_at if backup else None
    return Report(*counts, made_at, meta.SESSION in left.facts, journal.found.lost, aside)


def _base(made: Path, key: bytes, candidates: Iterable[Backup], watch: Watch) -> Backup | None:
    """Make the file to start from, of the first backup that is whole; without one it starts empty."""
    for backup in candidates:
        copy_file(backup.path, made, watch)
        watch.say(Step.CHECK)
        try:
            backups.check(made, lambda path: Database(path, key), watch.stop)
        except StoreError:
            made.unlink()
        else:
            return backup
    return None


def _fill(made: Path, key: bytes, left: Leftovers) -> tuple[int, int, int]:
    """Put everything that was left into the new file. Returns how many acts, drafts and files wait in it."""
    database = Database(made, key)
    try:
        with database.write() as tx:
            base = collect(tx)
            left.add(Leftovers(facts=base.facts))
            adopt(tx, CenterBook(), left, everything=True)
            _start_anew(tx, base.facts.get(meta.EPOCH))
            kept = collect(tx, with_files=True)
        if not left.acts.keys() <= kept.acts.keys() | _settled(database):
            raise StoreError(StoreProblem.UNKNOWN, "本机数据没有重建成功。", "请联系管理员。")
        database.fold_log_away()
        return len(kept.acts), len(kept.drafts), len(kept.files)
    finally:
        database.close()


def _start_anew(tx: Tx, epoch: str | None) -> None:
    """What this file says of the platform's knowledge of this device does not count any more."""
    meta.put(tx, meta.ACK, None)
    meta.put(tx, meta.INHERITED, str(meta.number(tx, meta.DEVICE_SEQ)))
    if epoch is not None and meta.get(tx, meta.EPOCH) != epoch:
        # The orders of the backup are older than the platform's own restoration.
        meta.put(tx, meta.CURSOR, "")
        meta.put(tx, meta.REPLAY, "1")


def _settled(database: Database) -> set[str]:
    with database.read() as tx:
        return set(tx.column("SELECT act_id FROM acts WHERE status IN ('done', 'set_aside')"))


def suspected(profile: Path) -> bool:
    """Whether damage was seen while the store was last open."""
    return (profile / SUSPECT).exists()
