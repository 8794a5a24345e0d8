"""A DB-API connection over ``tests.support.disk``, as far as SQLAlchemy and the stores use one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import apsw
import sqlcipher3.dbapi2 as cipher_driver
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool

from local_store.engine import settle
from tests.support.disk import Disk, MachineStopped

Params = Sequence[Any] | Mapping[str, Any]

_KINDS = {
    "ConstraintError": "IntegrityError",
    "NotADBError": "DatabaseError",
    "CorruptError": "DatabaseError",
    "MismatchError": "IntegrityError",
}
"""apsw's errors that are not operational ones for the DB-API."""


class DiskConnection:
    """``errors`` is the DB-API module whose errors are raised; ``MachineStopped`` passes them all."""

    def __init__(self, disk: Disk, path: str, errors: ModuleType) -> None:
        self.disk = disk
        self.errors = errors
        self.isolation_level: str | None = None
        self._described: tuple[Any, ...] = ()
        self._reads = True
        with _Guard(self):
            self._apsw = apsw.Connection(path, vfs=disk.name)
            self.execute("PRAGMA locking_mode = EXCLUSIVE")

    def _describe(self, cursor: apsw.Cursor, _sql: str, _params: object) -> bool:
        self._described, self._reads = cursor.get_description(), cursor.is_readonly
        return True

    def run(self, cursor: DiskCursor, step: Callable[[apsw.Cursor], apsw.Cursor]) -> DiskCursor:
        """Run one statement to its end and note in ``cursor`` what came of it."""
        with _Guard(self):
            before, steps = self._apsw.total_changes(), self._apsw.cursor()
            steps.exec_trace = self._describe
            cursor.note(step(steps).fetchall(), self._described)
            if not self._reads:
                cursor.rowcount = self._apsw.total_changes() - before
            cursor.lastrowid = self._apsw.last_insert_rowid()
        return cursor

    def execute(self, sql: str, params: Params = ()) -> DiskCursor:
        """Run a statement of the store's own, which asks for no description of the columns."""
        cursor = DiskCursor(self)
        with _Guard(self):
            before = self._apsw.total_changes()
            cursor.note(self._apsw.cursor().execute(sql, params or None).fetchall(), ())
            cursor.rowcount = self._apsw.total_changes() - before
            cursor.lastrowid = self._apsw.last_insert_rowid()
        return cursor

    def executemany(self, sql: str, params: Iterable[Params]) -> DiskCursor:
        return self.cursor().executemany(sql, params)

    def cursor(self) -> DiskCursor:
        return DiskCursor(self)

    def commit(self) -> None:
        if self._apsw.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._apsw.in_transaction:
            self.execute("ROLLBACK")

    def backup(
        self, target: DiskConnection, *, pages: int, progress: Callable[[int, int, int], None]
    ) -> None:
        """Copy everything into ``target``, some pages at a time."""
        with _Guard(self), target._apsw.backup("main", self._apsw, "main") as copying:
            while not copying.done:
                copying.step(pages)
                progress(0, copying.remaining, copying.page_count)

    def set_progress_handler(self, look: Callable[[], int] | None, steps: int) -> None:
        self._apsw.set_progress_handler(None if look is None else lambda: bool(look()), steps)

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any], *, deterministic: bool = False
    ) -> None:
        self._apsw.create_scalar_function(name, func, narg, deterministic=deterministic)

    def close(self) -> None:
        """Close; what hinders the log from being folded into the file leaves the log where it is."""
        with suppress(MachineStopped, apsw.Error):
            self._apsw.close()


class DiskCursor:
    """The rows of a statement that has ended. ``description`` is None when it returns none ever."""

    arraysize = 1

    def __init__(self, owner: DiskConnection) -> None:
        self._owner = owner
        self._rows: Iterator[Any] = iter(())
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1
        self.lastrowid = 0

    def note(self, rows: Iterable[Any], described: Iterable[Any]) -> None:
        self._rows = iter(rows)
        self.description = tuple((c[0], *(None,) * 6) for c in described) or None

    def execute(self, sql: str, params: Params = ()) -> DiskCursor:
        return self._owner.run(self, lambda cursor: cursor.execute(sql, params or None))

    def executemany(self, sql: str, params: Iterable[Params]) -> DiskCursor:
        return self._owner.run(self, lambda cursor: cursor.executemany(sql, params))

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def close(self) -> None:
        self._rows = iter(())


class _Guard:
    """Turns apsw's errors into those of a DB-API module, and every one after the stop into the stop."""

    def __init__(self, owner: DiskConnection) -> None:
        self._owner = owner

    def __enter__(self) -> None:
        if self._owner.disk.stopped:
            raise MachineStopped

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._owner.disk.stopped:
            raise MachineStopped from None
        if isinstance(error, apsw.Error):
            raise _translated(error, self._owner.errors) from error


def _translated(error: apsw.Error, errors: ModuleType) -> BaseException:
    name = _KINDS.get(type(error).__name__, "OperationalError")
    made: BaseException = getattr(errors, name)(str(error))
    code = getattr(error, "extendedresult", getattr(error, "result", 1))
    made.sqlite_errorcode = code  # type: ignore[attr-defined]
    known = apsw.mapping_extended_result_codes | apsw.mapping_result_codes
    made.sqlite_errorname = known.get(code, "SQLITE_ERROR")  # type: ignore[attr-defined]
    return made


Settle = Callable[[Any, int], None]


class Stores:
    """Opens seats' stores on one disk: not encrypted, else with the same settings.

    One connection per file serves both kinds of caller.
    """

    def __init__(self, disk: Disk, settle: Settle = settle) -> None:
        self._disk, self._settle = disk, settle
        self._engines: dict[Path, Engine] = {}
        self._connections: list[DiskConnection] = []

    def __call__(self, path: Path, _key: bytes, cache_kib: int) -> Engine:
        if path not in self._engines:
            self._engines[path] = create_engine(
                "sqlite+pysqlite://",
                module=cipher_driver,
                creator=lambda: self._connection(path, cache_kib),
                poolclass=QueuePool,
                pool_size=1,
                max_overflow=0,
                pool_timeout=0,
                pool_reset_on_return=None,
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
            )
        return self._engines[path]

    def _connection(self, path: Path, cache_kib: int) -> DiskConnection:
        connection = DiskConnection(self._disk, str(path), cipher_driver)
        self._connections.append(connection)
        self._settle(connection, cache_kib)
        return connection

    def let_go(self) -> None:
        """Close what a program that was killed had open."""
        engines, self._engines = self._engines, {}
        for engine in engines.values():
            engine.dispose()
        connections, self._connections = self._connections, []
        for connection in connections:  # some were in use when the program was killed
            connection.close()


def store_opener(disk: Disk, settle: Settle = settle) -> Stores:
    """Return what opens a seat's store on ``disk``."""
    return Stores(disk, settle)


class Salvage:
    """A file opened for reading what can still be read: a copy, so that not a byte of it changes."""

    def __init__(self, disk: Disk, path: str) -> None:
        if path not in disk.files:
            raise cipher_driver.OperationalError("unable to open database file")
        self._copy = Disk(disk.dice)
        for name in (path, path + "-wal"):
            if name in disk.files:
                self._copy.files[name] = disk.files[name].copy()
        try:
            with _translating():
                self._apsw = apsw.Connection(path, vfs=self._copy.name)
                self._apsw.execute("PRAGMA locking_mode = EXCLUSIVE")
        except cipher_driver.Error:
            self._copy.close()
            raise

    def execute(self, sql: str, params: Params = ()) -> _Steps:
        return _Steps(self._apsw, sql, params)

    def close(self) -> None:
        with suppress(apsw.Error):
            self._apsw.close()
        self._copy.close()


class _Steps:
    """The rows of a statement, as far as they can be read."""

    def __init__(self, connection: apsw.Connection, sql: str, params: Params) -> None:
        with _translating():
            self._cursor = connection.cursor().execute(sql, params or None)

    def __iter__(self) -> Iterator[Any]:
        with _translating():
            yield from self._cursor

    def fetchall(self) -> list[Any]:
        return list(self)


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise _translated(error, cipher_driver) from error


def platform_connection(disk: Disk, path: str) -> DiskConnection:
    """Return a connection for the platform, which opens SQLite by Python's own module."""
    return DiskConnection(disk, path, sqlite3)
