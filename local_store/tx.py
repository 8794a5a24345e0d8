"""One open transaction, as the modules of the store use it. Imports no driver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

Params = Sequence[Any] | Mapping[str, Any]


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

    def many(self, sql: str, params: Iterable[Sequence[Any]]) -> None:
        self._driver.executemany(sql, params)

    def one(self, sql: str, params: Params = ()) -> Any:
        """Return the first row or None."""
        return self._driver.execute(sql, params).fetchone()

    def column(self, sql: str, params: Params = ()) -> list[Any]:
        """Return the first column of all rows."""
        return [row[0] for row in self._driver.execute(sql, params).fetchall()]

    def all(self, sql: str, params: Params = ()) -> list[Any]:
        rows: list[Any] = self._driver.execute(sql, params).fetchall()
        return rows

    def wrote(self, rows: int) -> None:
        """Count written rows towards the next checkpoint."""
        self.rows += rows
