"""The connection to SQLite or PostgreSQL: durable, serial where it must be, retried when refused."""

from __future__ import annotations

import contextlib
import logging
import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    QueuePool,
    create_engine,
    event,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import (
    ArgumentError,
    DisconnectionError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
)

from sync.platform import problems, security_tables
from sync.platform.tables import SCHEMA, meta, metadata

T = TypeVar("T")
log = logging.getLogger("jiban.platform")

StorageFailed = SQLAlchemyError
"""What any use of the database may raise, for callers that know no SQL."""

_POOL: Any = {"pool_size": 16, "max_overflow": 48, "hide_parameters": True}
"""What is written are people's texts: an error that is logged must not repeat them."""
ATTEMPTS = 6
RESTED = 1.0  # seconds after which a pooled connection is looked at before it is used
_MOVED = "jiban_moved"
_RETRIED_STATES = frozenset({"40001", "40P01", "23505", "55P03"})  # serialization, deadlock, unique


_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


def normal_url(text: str) -> URL:
    """Return an SQLAlchemy URL for a URL or a plain file path. Raises ``StorageFailed``."""
    url = make_url(text if "://" in text else f"sqlite:///{text}")
    kind = url.drivername.partition("+")[0]
    if kind not in _DRIVERS:
        raise ArgumentError(f"只支持 PostgreSQL 和 SQLite，不支持 {kind}")
    return url.set(drivername=_DRIVERS[kind])


def file_of(text: str) -> Path | None:
    """Return the file that a URL or a plain path names, ``None`` for a database in no file."""
    url = normal_url(text)
    inside = url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if inside else None


class Database:
    """One engine. ``read`` gives a snapshot; ``write`` runs a function in one transaction.

    ``on_moved`` hears after the commit of every township whose feed moved on; ``on_retry`` why a
    transaction has to run again; ``on_lost`` that a connection was lost: behind the next one may be a
    standby that has not got the last commits.

    Raises ``PlatformProblem`` for a database whose tables are of another version.
    """

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine()
        # Without BEGIN and ROLLBACK around what is one statement: on a network they are the price.
        self._plain = self.engine.execution_options(
            **({} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        )
        self.on_retry: Callable[[str], None] = lambda _reason: None
        self.on_moved: Callable[[str], None] = lambda _township: None
        self.on_lost: Callable[[], None] = lambda: None
        # SQLite lets one writer in and makes the others sleep and poll; a lock wakes them at once.
        self._writing = threading.Lock() if self.is_sqlite else contextlib.nullcontext()
        try:
            self.write(self._create)
            self._make_durable()
        except BaseException:
            self.close()
            raise

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            engine = create_engine(self.url, connect_args={"connect_timeout": 10}, **_POOL)
            event.listen(engine, "connect", _prepare_postgres)
            event.listen(engine, "checkin", _note_rest)
            event.listen(engine, "checkout", self._ping_if_rested)
            event.listen(engine, "handle_error", self._note_lost)
            return engine
        if self.url.database:
            file = Path(self.url.database)
            file.parent.mkdir(parents=True, exist_ok=True)
            if self.url.database != ":memory:" and not file.exists():
                file.touch(mode=0o600)  # what SQLite lays beside it has the same rights
        engine = create_engine(self.url, **_POOL)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _ping_if_rested(self, connection: Any, record: Any, _proxy: object) -> None:
        """Make sure that a connection which has rested is still there; a busy one is just used."""
        if time.monotonic() - record.info.get("rests_since", math.inf) < RESTED:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.rollback()
        except psycopg.Error as error:
            self.on_lost()
            raise DisconnectionError from error

    def _note_lost(self, context: ExceptionContext) -> None:
        if context.is_disconnect:
            self.on_lost()

    def _create(self, db: Connection) -> None:
        if not self.is_sqlite:
            db.exec_driver_sql("SELECT pg_advisory_xact_lock(470012345)")
        found = _schema_of(db)
        if found is not None and found != SCHEMA:
            raise problems.other_schema(newer=found > SCHEMA)
        assert security_tables.chain.metadata is metadata
        metadata.create_all(db)

    def _make_durable(self) -> None:
        """Sync what a process left that died between the write and the sync of a commit: it can be
        read and would be gone when the power goes, after seats have seen it.
        """
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view on SQLite; statement by statement on PostgreSQL."""
        if not self.is_sqlite:
            with self.autocommit() as connection:
                yield connection
            return
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """A connection on which every statement stands for itself (PostgreSQL)."""
        with self._plain.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One state of the database for as long as the block runs; also of one somebody else wrote
        into: what stands where text should and is none (SQLite) can be read, too.
        """
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect() as connection:
            whole = connection.execution_options(**level)
            anything = _reading_anything if self.is_sqlite else contextlib.nullcontext
            with anything(connection), whole.begin():
                yield whole

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one durable transaction, again if the database asks for that."""
        for attempt in range(ATTEMPTS):
            try:
                return self._once(work)
            except (OperationalError, IntegrityError) as error:
                if attempt == ATTEMPTS - 1 or not _may_retry(error):
                    raise
                self.on_retry(getattr(error.orig, "sqlstate", None) or "locked")
                log.info("transaction refused (%s), trying again", type(error.orig).__name__)
                time.sleep(random.uniform(0.002, 0.02) * 2**attempt)  # noqa: S311 - jitter
        raise AssertionError("unreachable")

    def _once(self, work: Callable[[Connection], T]) -> T:
        with self._writing, self.engine.connect() as connection:
            writing = connection.execution_options(jiban_write=True)
            moved: set[str] = set()
            writing.info[_MOVED] = moved
            with writing.begin():
                result = work(writing)
        for township in moved:
            self.on_moved(township)
        return result

    def check(self) -> None:
        """Make sure that the database answers. Raises ``StorageFailed`` or ``PlatformProblem``."""
        with self.read() as db:
            found = _schema_of(db)
        if found != SCHEMA:
            raise problems.other_schema(newer=found is not None and found > SCHEMA)

    @property
    def connections(self) -> int:
        """How many connections are in use now."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    def close(self) -> None:
        self.engine.dispose()


@contextlib.contextmanager
def _reading_anything(connection: Connection) -> Iterator[None]:
    driver: Any = connection.connection.driver_connection
    driver.text_factory = lambda data: data.decode(errors="replace")
    try:
        yield
    finally:
        driver.text_factory = str


def note_moved(db: Connection, township: str) -> None:
    """Remember in a writing transaction that the township's feed moves on when it is committed."""
    moved = db.info.get(_MOVED)
    if moved is not None:
        moved.add(township)


def _schema_of(db: Connection) -> int | None:
    """Return the version of the tables that are here, None for a new database."""
    if not inspect(db).has_table(meta.name):
        return None
    text = db.execute(select(meta.c.value).where(meta.c.key == "schema")).scalar()
    return int(text) if text and text.isdecimal() else None


def _may_retry(error: OperationalError | IntegrityError) -> bool:
    """A lost connection may have lost the answer to a commit: every write can be repeated."""
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in _RETRIED_STATES or "locked" in str(error.orig)


def _prepare_postgres(connection: Any, _record: object) -> None:
    """Let a process that froze in a transaction hold up a township for half a minute at most."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '30s'; SET lock_timeout = '20s'")
    connection.autocommit = False


def _note_rest(_connection: object, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens transactions, not the driver
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL loses acknowledged acts when the power goes
        "foreign_keys=ON",
        "busy_timeout=15000",
        "wal_autocheckpoint=8000",  # pages: a full batch must not pay for a checkpoint each time
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("jiban_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
