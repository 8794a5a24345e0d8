"""A DB-API connection over ``tests.support.disk``, as far as SQLAlchemy and the stores use one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
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
            self._apsw.exec_trace = self._describe
            self.execute("PRAGMA locking_mode = EXCLUSIVE")

    def _describe(self, cursor: apsw.Cursor, _sql: str, _params: object) -> bool:
        self._described, self._reads = cursor.get_description(), cursor.is_readonly
        return True

    def run(self, cursor: DiskCursor, step: Callable[[apsw.Cursor], apsw.Cursor]) -> DiskCursor:
        """Run one statement to its end and note in ``cursor`` what came of it."""
        with _Guard(self):
            before = self._apsw.total_changes()
            cursor.note(step(self._apsw.cursor()).fetchall(), self._described)
            if not self._reads:
                cursor.rowcount = self._apsw.total_changes() - before
            cursor.lastrowid = self._apsw.last_insert_rowid()
        return cursor

    def execute(self, sql: str, params: Params = ()) -> DiskCursor:
        return self.cursor().execute(sql, params)

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

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any], *, deterministic: bool = False
    ) -> None:
        self._apsw.create_scalar_function(name, func, narg, deterministic=deterministic)

    def close(self) -> None:
        """Close; what hinders the log from being folded into the file leaves the log where it is."""
        self._apsw.exec_trace = None
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


def store_opener(disk: Disk, settle: Settle = settle) -> Callable[[Path, bytes, int], Engine]:
    """Return what opens a seat's store on ``disk``: not encrypted, else with the same settings."""
    engines: dict[Path, Engine] = {}

    def connect_to(path: Path, cache_kib: int) -> Callable[[], DiskConnection]:
        def connect() -> DiskConnection:
            connection = DiskConnection(disk, str(path), cipher_driver)
            settle(connection, cache_kib)
            return connection

        return connect

    def open_engine(path: Path, _key: bytes, cache_kib: int) -> Engine:
        if path not in engines:  # one connection per file serves both kinds of caller
            engines[path] = create_engine(
                "sqlite+pysqlite://",
                module=cipher_driver,
                creator=connect_to(path, cache_kib),
                poolclass=QueuePool,
                pool_size=1,
                max_overflow=0,
                pool_timeout=0,
                pool_reset_on_return=None,
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
            )
        return engines[path]

    return open_engine


def platform_connection(disk: Disk, path: str) -> DiskConnection:
    """Return a connection for the platform, which opens SQLite by Python's own module."""
    return DiskConnection(disk, path, sqlite3)
