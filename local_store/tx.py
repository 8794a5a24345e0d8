"""One open transaction, as the modules of the store use it. Imports no driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from sqlalchemy import Connection

Params = Sequence[Any] | Mapping[str, Any]


_LOOK_EVERY = 1_000
"""Steps of the database's machine between two looks."""
_numbers = msgspec.json.Decoder(list[int])


class Tx:
    """One open transaction. ``execute`` goes straight to the driver; ``core`` takes SQLAlchemy statements."""

    __slots__ = ("_driver", "core", "rows", "writing")

    def __init__(self, core: Connection, *, writing: bool = False) -> None:
        self.core = core
        self.writing = writing
        self._driver: Any = core.connection.driver_connection
        self.rows = 0

    def execute(self, sql: str, params: Params = ()) -> Any:
        """Run one statement; return the driver's cursor."""
        return self._driver.execute(sql, params)

    def many(self, sql: str, params: Iterable[Sequence[Any]]) -> int:
        """Run one statement for each; return how many rows were written."""
        return int(self._driver.executemany(sql, params).rowcount)

    def one(self, sql: str, params: Params = ()) -> Any:
        """Return the first row or None."""
        return self._driver.execute(sql, params).fetchone()

    def column(self, sql: str, params: Params = ()) -> list[Any]:
        """Return the first column of all rows."""
        return [row[0] for row in self._driver.execute(sql, params).fetchall()]

    def numbers(self, select: str, params: Params = ()) -> list[int]:
        """Return the integers that ``select`` gives as ``id``, in its order.

        As one JSON text: making 100,000 rows into Python tuples takes three times as long.
        """
        # With a LIMIT the inner order is part of the result and may not be left out.
        whole = f"SELECT json_group_array(id) FROM ({select} LIMIT -1)"  # noqa: S608 - own text
        return _numbers.decode(self.one(whole, params)[0])

    def all(self, sql: str, params: Params = ()) -> list[Any]:
        rows: list[Any] = self._driver.execute(sql, params).fetchall()
        return rows

    @contextmanager
    def stoppable(self, stop: Callable[[], bool]) -> Iterator[None]:
        """Inside the block, a statement that takes long is broken off once ``stop`` says so."""
        self._driver.set_progress_handler(lambda: 1 if stop() else 0, _LOOK_EVERY)
        try:
            yield
        finally:
            self._driver.set_progress_handler(None, _LOOK_EVERY)

    def copy_into(self, connection: Any, pages: int, look: Callable[[], None]) -> None:
        """Copy the whole file, as this transaction sees it, into another driver connection."""

        def told(_status: int, _remaining: int, _total: int) -> None:
            look()

        self._driver.backup(connection, pages=pages, progress=told)

    def wrote(self, rows: int) -> None:
        """Count written rows towards the next checkpoint."""
        self.rows += rows
