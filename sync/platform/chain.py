"""Tamper evidence: every entry of a township's history carries the hash of the one before.

Entries are written in the transaction that judges, dispatches or publishes, after its feed
positions, so that the township's lock is held as short as before. ``chain_check`` reads them back.
What this proves, and what not, is in docs/security.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from sync.platform.digests import Algorithm, Digest, digest_of
from sync.platform.security_tables import chain_heads

START = bytes(32)
"""What stands before the first entry."""

NOTHING = b""


class What(StrEnum):
    """What an entry is about."""

    ACT = "act"
    DISPATCH = "dispatch"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry to be: ``record`` and ``state`` are the bytes that are digested.

    ``subject`` is the order (or the center) whose state it is. ``state`` None: a later entry of
    the same transaction has it.
    """

    what: What
    ref: str
    subject: str
    record: bytes
    state: bytes | None


ACT_FIELDS = (
    "act_id", "subject", "kind", "person_id", "device_id", "device_seq", "digest", "outcome", "rev",
    "code", "reason", "by", "received_at",
)  # fmt: skip
"""The columns of an act that never change; ``digest`` binds its body."""

_encode = msgspec.json.Encoder().encode


def act_record(row: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of an act as it is stored."""
    return _encode([row[name] for name in ACT_FIELDS])


def entry_hash(
    digest: Digest,
    before: bytes,
    number: int,
    named: tuple[str, str, str],
    record: bytes,
    state: bytes,
) -> bytes:
    """Return an entry's hash. ``named`` is (what, ref, subject); ``record``, ``state`` digests."""
    return digest(before + _encode([number, *named]) + record + b"." + state)


def begin(db: Connection, township: str, algorithm: Algorithm = Algorithm.SHA256) -> None:
    """Start the chain of a new township."""
    head = {"township": township, "algorithm": algorithm.value, "number": 0, "hash": START}
    db.execute(insert(chain_heads), head)


_HERE = chain_heads.c.township == bindparam("here")
_LOCK = (
    select(chain_heads.c.algorithm, chain_heads.c.number, chain_heads.c.hash)
    .where(_HERE)
    .with_for_update()
)
_MOVE = update(chain_heads).where(_HERE).values(number=bindparam("last"), hash=bindparam("top"))


_PUT = {
    "qmark": "INSERT INTO chain VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "pyformat": "INSERT INTO chain VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
}
_ROW = tuple[str, int, str, str, str, bytes, bytes, bytes]
"""In the order of the table's columns."""


def extend(db: Connection, township: str, links: Sequence[Link]) -> None:
    """Write an entry for each link. The last statements of a transaction."""
    if not links:
        return
    head = db.execute(_LOCK, {"here": township}).one_or_none()
    if head is None:
        begin(db, township)
        head = db.execute(_LOCK, {"here": township}).one()
    rows = list(_rows(township, digest_of(Algorithm(head.algorithm)), head, links))
    # One row per act: past SQLAlchemy's own handling of each row this costs half.
    db.exec_driver_sql(_PUT[db.dialect.paramstyle], rows)
    _, number, *_, top = rows[-1]
    db.execute(_MOVE, {"here": township, "last": number, "top": top})


def _rows(township: str, digest: Digest, head: Any, links: Iterable[Link]) -> Iterable[_ROW]:
    before = bytes(head.hash)
    for number, link in enumerate(links, head.number + 1):
        record = digest(link.record)
        state = NOTHING if link.state is None else digest(link.state)
        named = (link.what.value, link.ref, link.subject)
        before = entry_hash(digest, before, number, named, record, state)
        yield (township, number, *named, record, state, before)


def act_links(rows: Sequence[Mapping[str, Any]], states: Mapping[str, bytes]) -> list[Link]:
    """Return a link per stored act; the last of each subject carries the state it led to."""
    links: list[Link] = []
    told: set[str] = set()
    for row in reversed(rows):
        subject = row["subject"]
        state = None if subject in told else states.get(subject)
        told.add(subject)
        links.append(Link(What.ACT, row["act_id"], subject, act_record(row), state))
    links.reverse()
    return links
