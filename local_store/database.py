"""Transactions on the encrypted file, and the one place where driver errors become ``StoreError``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import sqlcipher3.dbapi2 as driver
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from local_store.engine import BACKGROUND_CACHE_KIB, CACHE_KIB, make_engine
from local_store.errors import StoreError, StoreProblem, closed
from local_store.migrations import MODULES, migrate
from local_store.tx import Tx

CHECKPOINT_ROWS = 2_000
"""After so many written rows the log is folded into the file, by whoever works in the background."""
CHECKPOINT_ROWS_AT_MOST = 60_000
OpenEngine = Callable[[Path, bytes, int], Engine]
"""Path, key, cache in KiB."""

_PROBLEMS = {
    "SQLITE_FULL": (
        StoreProblem.FULL,
        "磁盘满了，这一条没有存下。",
        "请清出一些空间再存；写的字还在。",
    ),
    "SQLITE_IOERR": (
        StoreProblem.FULL,
        "磁盘写不进去，这一条没有存下。",
        "请检查磁盘空间和硬盘；写的字还在。",
    ),
    "SQLITE_READONLY": (
        StoreProblem.FULL,
        "本机数据目录不能写。",
        "请检查目录的写入权限。",
    ),
    "SQLITE_CANTOPEN": (
        StoreProblem.FULL,
        "本机数据打不开。",
        "请检查数据目录是否存在、能不能写。",
    ),
    "SQLITE_BUSY": (
        StoreProblem.LOCKED,
        "本机数据正被占用。",
        "请关掉另一个即办台窗口，再试一次。",
    ),
    "SQLITE_LOCKED": (
        StoreProblem.LOCKED,
        "本机数据正被占用。",
        "请关掉另一个即办台窗口，再试一次。",
    ),
    "SQLITE_NOTADB": (
        StoreProblem.DAMAGED,
        "本机数据读不出来。",
        "密钥不对或文件已损坏。不要删除数据目录；没上传的记录另有底。",
    ),
    "SQLITE_CORRUPT": (
        StoreProblem.DAMAGED,
        "本机数据有损坏。",
        "请重新打开即办台，会自动重建；没上传的记录另有底，不会丢。",
    ),
}


_SAID = {
    "disk I/O error": "SQLITE_IOERR",
    "disk is full": "SQLITE_FULL",
    "malformed": "SQLITE_CORRUPT",
    "not a database": "SQLITE_NOTADB",
    "locked": "SQLITE_BUSY",
}
"""What the driver's backup raises has words and no name."""


def _name_in(words: str) -> str:
    return next((name for said, name in _SAID.items() if said in words), "")


def as_store_error(error: BaseException) -> StoreError:
    """Return what a driver error means to the user."""
    cause = getattr(error, "orig", None) or error
    name = str(getattr(cause, "sqlite_errorname", "") or "") or _name_in(str(cause))
    for prefix, (code, title, advice) in _PROBLEMS.items():
        if name.startswith(prefix):
            return StoreError(code, title, advice, f"{name}: {cause}")
    return StoreError(
        StoreProblem.UNKNOWN, "本机数据出错，这一步没有存下。", "请再试一次。", f"{name}: {cause}"
    )


def _tell_damage(tx: Tx, error: msgspec.DecodeError) -> None:
    """Raise what the driver has kept to itself. A page in the middle of a long value that does not
    authenticate reads as zeros, without an error: that comes with the next page from the disk.
    """
    if not isinstance(error, msgspec.ValidationError):
        tx.execute("PRAGMA shrink_memory")
        tx.one("SELECT count(*) FROM meta")


def _nobody_asked() -> None:
    """Nobody wants to be told of damage."""


class Stopped(Exception):
    """The program ends; what takes long is done another time."""

    title, advice = "已停下。", "下次再做。"


class Behind(Exception):
    """The store has an older shape than this program's; it is migrated as a copy (``opening``)."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class Database:
    """The file. Readers never wait; writers wait for one another."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        open_engine: OpenEngine = make_engine,
        modules: Sequence[str] = MODULES,
        *,
        in_place: bool = True,
    ) -> None:
        """Open or make the file. ``in_place`` False: raises ``Behind`` rather than migrate it here."""
        self.path = path
        self.on_damage: Callable[[], None] = _nobody_asked
        self._key, self._open_engine, self._modules = key, open_engine, modules
        self._engine = open_engine(path, key, CACHE_KIB)
        self._background = open_engine(path, key, BACKGROUND_CACHE_KIB)
        self._home = threading.get_ident()  # whose lists deserve a warm cache
        self._writing = threading.RLock()
        self._unfolded = 0
        self._closed = False
        try:
            self._prepare(modules, in_place=in_place)
        except BaseException:
            self.close()
            raise

    def _prepare(self, modules: Sequence[str], *, in_place: bool) -> None:
        with self._connection() as tx:
            version = tx.one("PRAGMA user_version")[0]
            if version > len(modules):
                migrate(tx.execute, version, modules)  # refuses before anything is touched
            if 0 < version < len(modules) and not in_place:
                raise Behind(version)
            tx.execute("PRAGMA journal_mode = WAL")
        if version < len(modules):
            with self.write() as tx:
                migrate(tx.execute, tx.one("PRAGMA user_version")[0], modules)
        # A process that died between the write and the sync of a commit leaves one that can be read
        # and is not durable yet. Folding the log syncs it before anybody sees it.
        self.fold_log()

    @contextmanager
    def _connection(self, *, writing: bool = False) -> Iterator[Tx]:
        if self._closed:  # another file may stand under this name by now
            raise closed()
        try:
            at_home = threading.get_ident() == self._home
            with (self._engine if at_home else self._background).connect() as connection:
                tx = Tx(connection, writing=writing)
                try:
                    yield tx
                except msgspec.DecodeError as error:
                    _tell_damage(tx, error)
                    raise
        except (driver.Error, DBAPIError) as error:
            meant = as_store_error(error)
            if meant.code is StoreProblem.DAMAGED:
                self.on_damage()
            raise meant from error

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """Give one consistent picture of the file."""
        with self._connection() as tx:
            tx.execute("BEGIN")
            try:
                yield tx
            finally:
                with suppress(driver.Error):
                    tx.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """Commit what the block wrote, or nothing. Durable on leaving."""
        with self._writing, self._connection(writing=True) as tx:
            tx.execute("BEGIN IMMEDIATE")
            try:
                yield tx
                tx.execute("COMMIT")
            except BaseException:
                with suppress(driver.Error):  # a full disk has already rolled back
                    tx.execute("ROLLBACK")
                raise
            self._unfolded += tx.rows
        if self._unfolded >= CHECKPOINT_ROWS_AT_MOST:
            self.fold_log()

    def fold_log(self) -> None:
        """Move the write-ahead log into the file, as far as no reader needs it."""
        self._unfolded = 0
        with self._connection() as tx, suppress(driver.Error):
            tx.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def fold_log_if_due(self) -> None:
        """The same, when enough has been written; for background callers."""
        if self._unfolded >= CHECKPOINT_ROWS:
            self.fold_log()

    def copy_to(self, path: Path, pages: int, look: Callable[[], None]) -> None:
        """Copy this moment of the file to ``path``, encrypted likewise; writers go on meanwhile.

        ``look`` is called after every so many ``pages``; what it raises ends the copying.
        """
        target = self._open_engine(path, self._key, BACKGROUND_CACHE_KIB)
        try:
            with self.read() as tx, target.connect() as connection:
                tx.one("SELECT count(*) FROM sqlite_master")  # from here on the moment is held
                tx.copy_into(connection.connection.driver_connection, pages, look)
        except (driver.Error, DBAPIError) as error:
            raise as_store_error(error) from error
        finally:
            target.dispose()

    def sound(self, *checks: str, stop: Callable[[], bool] = lambda: False) -> bool:
        """Read the whole file by these pragmas: "cipher_integrity_check" (what is on the disk, whatever is in
        memory; cannot be broken off), "quick_check", "integrity_check" (indexes against tables, too).
        Raises ``Stopped``.
        """
        try:
            with self.read() as tx, tx.stoppable(stop):
                return all(tx.column(f"PRAGMA {check}") in ([], ["ok"]) for check in checks)
        except StoreError as error:
            if stop():
                raise Stopped from error
            if error.code is StoreProblem.DAMAGED:
                return False
            raise

    def open_copy(self, path: Path) -> Database:
        """Open a copy that ``copy_to`` made."""
        return Database(path, self._key, self._open_engine, self._modules)

    def fold_log_away(self) -> None:
        """Move all of the log into the file, so that the file alone is the store. Nobody may be reading."""
        with self._connection() as tx:
            tx.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close all connections; nothing is read or written any more."""
        self._closed = True
        self._engine.dispose()
        self._background.dispose()
