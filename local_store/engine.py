"""Opening the encrypted file: driver, key, safety settings. Imports SQLAlchemy; imported on opening."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool

from local_store.packs import order_of

BUSY_MS = 10_000
CACHE_KIB = 48 * 1024
"""Holds the narrow table of 100,000 orders: sorting it again decrypts nothing."""
BACKGROUND_CACHE_KIB = 8 * 1024
"""For threads that pass through the file once, as the sync does."""
PAGE_SIZE = 4096

KEY_BYTES = 32


def make_engine(path: Path, key: bytes, cache_kib: int = CACHE_KIB) -> Engine:
    """Return an engine on the file. The key is raw: nothing is derived when a connection opens."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a store key has {KEY_BYTES} bytes")
    unlock = _key_words(key)

    def connect() -> Any:
        connection = driver.connect(
            str(path), isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            _unlock(connection, unlock)
            settle(connection, cache_kib)
        except BaseException:
            connection.close()
            raise
        return connection

    return create_engine(
        "sqlite+pysqlite://",
        module=driver,
        creator=connect,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=12,
        pool_use_lifo=True,  # the warmest page cache first
        pool_reset_on_return=None,  # transactions are begun and ended by Database
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # parameters are people's texts
    )


def read_only(path: Path, key: bytes, option: str) -> Any:
    """Return a bare DB-API connection that changes nothing. ``option``: ``mode=ro``, or ``immutable=1`` for
    a file that nobody writes. Raises driver errors; what is wrong inside shows at the first read.
    """
    connection = driver.connect(f"{path.resolve().as_uri()}?{option}", uri=True)
    try:
        _unlock(connection, _key_words(key))
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _key_words(key: bytes) -> str:
    return f"PRAGMA key = \"x'{key.hex()}'\""


def _unlock(connection: Any, unlock: str) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")  # what goes wrong is raised, not printed
    connection.execute(unlock)
    connection.execute(f"PRAGMA cipher_page_size = {PAGE_SIZE}")


def settle(connection: Any, cache_kib: int) -> None:
    """Give an open DB-API connection the settings that every connection to a store has."""
    connection.create_function("order_of", 2, order_of, deterministic=True)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute(
        "PRAGMA synchronous = FULL"
    )  # an act that was shown as saved survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{cache_kib}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # Database does it where nobody waits
    connection.execute("PRAGMA journal_size_limit = 8388608")
