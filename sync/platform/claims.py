"""Who may let others read a file: whoever uploaded it himself, or may read it already.

An act names its photos before they arrive, and a file is known by the hash of what is in it. A name
alone therefore opens nothing: until the person who named it has sent the whole file, it is a claim.
Else somebody who got to know a hash could name it on his own order and read another's photo.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, and_, bindparam, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from desktop_app.domain.roles import CENTER_ROLES, Role
from sync.platform.security_tables import file_claims
from sync.platform.statements import among, chunks, each, many
from sync.platform.tables import file_orders, files, order_holders


@dataclass(frozen=True, slots=True)
class Named:
    """A file that an entry of an order's history names, and who named it."""

    sha256: str
    order_id: str
    person_id: str
    role: Role


_HERE: BindParameter[str] = bindparam("here")
_SENT = select(files.c.sha256, files.c.owner).where(
    files.c.township == _HERE, among(files.c.sha256), files.c.complete.is_(True)
)


def name(db: Connection, township: str, named: Iterable[Named]) -> None:
    """Enter files under their orders: as readable, or as claims until they are uploaded.

    A batch may name thousands: each question is asked once for all of them.
    """
    asked = sorted(set(named), key=lambda n: (n.sha256, n.order_id, n.person_id))
    if not asked:
        return
    hashes = {n.sha256 for n in asked}
    sent = {(sha256, owner) for sha256, owner in each(db, _SENT, township, hashes)}
    open_to = {r: _readable(db, township, hashes, r) for r in {_reader(n) for n in asked}}
    granted: dict[tuple[str, str], dict[str, str]] = {}
    claimed: list[dict[str, str]] = []
    for n in asked:
        row = {"township": township, "sha256": n.sha256, "order_id": n.order_id}
        if (n.sha256, n.person_id) in sent or n.sha256 in open_to[_reader(n)]:
            granted[n.sha256, n.order_id] = row
        else:
            claimed.append({**row, "person_id": n.person_id})
    many(db, _PUT[db.dialect.name, file_orders.name], list(granted.values()))
    many(db, _PUT[db.dialect.name, file_claims.name], claimed)


def _reader(named: Named) -> str | None:
    """Return whose orders make the file readable to who named it; None: any order."""
    return None if named.role in CENTER_ROLES else named.person_id


def readable(db: Connection, township: str, sha256: str, person_id: str | None) -> bool:
    """Whether an order names the file by somebody who had it. ``person_id``: an order that this
    person holds; None: any.
    """
    return bool(_readable(db, township, [sha256], person_id))


_CLAIMED = (
    select(file_claims.c.sha256, file_claims.c.order_id)
    .join(
        files,
        and_(
            files.c.township == file_claims.c.township,
            files.c.sha256 == file_claims.c.sha256,
            files.c.owner == file_claims.c.person_id,
            files.c.complete.is_(True),
        ),
    )
    .where(file_claims.c.township == _HERE, among(file_claims.c.sha256))
)
_NAMED = union_all(
    select(file_orders.c.sha256, file_orders.c.order_id).where(
        file_orders.c.township == _HERE, among(file_orders.c.sha256)
    ),
    _CLAIMED,
).subquery()
"""(sha256, order id): where it was readable when it was named, and where whoever claimed it has sent it
since.
"""
_ANYWHERE = select(_NAMED.c.sha256).distinct()
_AMONG_OWN = _ANYWHERE.join(order_holders, order_holders.c.order_id == _NAMED.c.order_id).where(
    order_holders.c.township == _HERE, order_holders.c.person_id == bindparam("person")
)


def _readable(
    db: Connection, township: str, hashes: Iterable[str], person_id: str | None
) -> set[str]:
    """Return those of the files that ``readable`` says it of."""
    found: set[str] = set()
    statement = _ANYWHERE if person_id is None else _AMONG_OWN
    for part in chunks(hashes):
        values = {"here": township, "ids": part, "person": person_id}
        found.update(db.execute(statement, values).scalars())
    return found


_PUT = {
    (dialect.__name__.rpartition(".")[2], table.name): dialect.insert(
        table
    ).on_conflict_do_nothing()
    for dialect in (sqlite, postgresql)
    for table in (file_orders, file_claims)
}
