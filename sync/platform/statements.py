"""How statements go to the database where there are many ids or many rows in one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Row,
    Select,
    Update,
    bindparam,
)

CHUNK = 5000


def tidy(text: str, length: int) -> str:
    """Return ``text`` as a column can hold it: bounded, without NUL (PostgreSQL refuses that)."""
    return text.replace("\0", "")[:length]


def among(column: Column[str]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of the texts bound as ``ids``; see ``chunks``."""
    return column.in_(bindparam("ids", expanding=True))


def chunks(texts: Iterable[str]) -> Iterator[Sequence[str]]:
    """Yield sorted slices small enough for the parameters of one statement."""
    ordered = sorted(set(texts))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def each(
    db: Connection, statement: Select[*tuple[Any, ...]], township: str, texts: Iterable[str]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the rows that ``statement`` finds ``among`` the texts in a township (bound as ``here``)."""
    for part in chunks(texts):
        yield from db.execute(statement, {"here": township, "ids": part})


def many(db: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute ``statement`` for each row, past SQLAlchemy's handling of each: that costs as much again.

    Rows name all parameters of the statement; their values are as the driver takes them.
    """
    if not rows:
        return
    text, names = _prepared(statement, db.dialect)
    if names is None:
        db.exec_driver_sql(text, list(rows))
    else:
        db.exec_driver_sql(text, [tuple(row[name] for name in names) for row in rows])


_PREPARED: dict[tuple[Insert | Update, str], tuple[str, Sequence[str] | None]] = {}


def _prepared(statement: Insert | Update, dialect: Dialect) -> tuple[str, Sequence[str] | None]:
    """Return the statement's text and, where parameters go by place, their names in order."""
    key = (statement, dialect.name)
    if key not in _PREPARED:
        compiled = statement.compile(dialect=dialect)
        _PREPARED[key] = (str(compiled), compiled.positiontup)
    return _PREPARED[key]
