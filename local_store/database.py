"""Transactions on the encrypted file, and the one place where driver errors become ``StoreError``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from local_store.engine import BACKGROUND_CACHE_KIB, CACHE_KIB, make_engine
from local_store.errors import StoreError, StoreProblem
from local_store.migrations import LATEST, migrate
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
        "密钥不对或文件已损坏。请联系管理员，不要删除数据目录。",
    ),
    "SQLITE_CORRUPT": (
        StoreProblem.DAMAGED,
        "本机数据有损坏。",
        "请先备份数据目录，再联系管理员。",
    ),
}


def as_store_error(error: BaseException) -> StoreError:
    """Return what a driver error means to the user."""
    cause = getattr(error, "orig", None) or error
    name = str(getattr(cause, "sqlite_errorname", "") or "")
    for prefix, (code, title, advice) in _PROBLEMS.items():
        if name.startswith(prefix):
            return StoreError(code, title, advice, f"{name}: {cause}")
    return StoreError(
        StoreProblem.UNKNOWN, "本机数据出错，这一步没有存下。", "请再试一次。", f"{name}: {cause}"
    )


class Database:
    """The file. Readers never wait; writers wait for one another."""

    def __init__(self, path: Path, key: bytes, open_engine: OpenEngine = make_engine) -> None:
        self.path = path
        self._engine = open_engine(path, key, CACHE_KIB)
        self._background = open_engine(path, key, BACKGROUND_CACHE_KIB)
        self._home = threading.get_ident()  # whose lists deserve a warm cache
        self._writing = threading.RLock()
        self._unfolded = 0
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        with self._connection() as tx:
            version = tx.one("PRAGMA user_version")[0]
            if version > LATEST:
                migrate(tx.execute, version)  # refuses before anything is touched
            tx.execute("PRAGMA journal_mode = WAL")
        if version < LATEST:
            with self.write() as tx:
                migrate(tx.execute, tx.one("PRAGMA user_version")[0])

    @contextmanager
    def _connection(self, *, writing: bool = False) -> Iterator[Tx]:
        try:
            at_home = threading.get_ident() == self._home
            with (self._engine if at_home else self._background).connect() as connection:
                yield Tx(connection, writing=writing)
        except (driver.Error, DBAPIError) as error:
            raise as_store_error(error) from error

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

    def close(self) -> None:
        self._engine.dispose()
        self._background.dispose()
