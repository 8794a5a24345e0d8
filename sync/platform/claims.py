"""Who may let others read a file: whoever uploaded it himself, or may read it already.

An act names its photos before they arrive, and a file is known by the hash of what is in it. A name
alone therefore opens nothing: until the person who named it has sent the whole file, it is a claim.
Else somebody who got to know a hash could name it on his own order and read another's photo.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from desktop_app.domain.roles import CENTER_ROLES, Role
from sync.platform.security_tables import file_claims
from sync.platform.tables import file_orders, files, order_holders


@dataclass(frozen=True, slots=True)
class Named:
    """A file that an entry of an order's history names, and who named it."""

    sha256: str
    order_id: str
    person_id: str
    role: Role


def name(db: Connection, township: str, named: Iterable[Named]) -> None:
    """Enter files under their orders: as readable, or as claims until they are uploaded."""
    asked = sorted(set(named), key=lambda n: (n.sha256, n.order_id, n.person_id))
    if not asked:
        return
    hashes = sorted({n.sha256 for n in asked})
    sent = _pairs(
        db, select(files.c.sha256, files.c.owner)
        .where(files.c.township == township, files.c.sha256.in_(hashes), files.c.complete.is_(True)),
    )  # fmt: skip
    for each in asked:
        reader = None if each.role in CENTER_ROLES else each.person_id
        own = (each.sha256, each.person_id) in sent
        may = own or readable(db, township, each.sha256, reader)
        row = {"township": township, "sha256": each.sha256, "order_id": each.order_id}
        if may:
            _put(db, file_orders, row)
        else:
            _put(db, file_claims, {**row, "person_id": each.person_id})


def readable(db: Connection, township: str, sha256: str, person_id: str | None) -> bool:
    """Whether an order names the file by somebody who had it. ``person_id``: an order that this
    person holds; None: any.
    """
    named = orders_of(township, sha256).subquery()
    found = select(named.c.order_id)
    if person_id is not None:
        held = order_holders.c.order_id == named.c.order_id
        found = found.join(order_holders, held).where(
            order_holders.c.township == township, order_holders.c.person_id == person_id
        )
    return db.execute(found.limit(1)).first() is not None


def orders_of(township: str, sha256: str) -> Any:
    """Return the statement for (order id) of the orders that make this file readable to their readers:
    where it was readable when it was named, and where whoever claimed it has sent it since.
    """
    sent = and_(
        files.c.township == file_claims.c.township,
        files.c.sha256 == file_claims.c.sha256,
        files.c.owner == file_claims.c.person_id,
        files.c.complete.is_(True),
    )
    claimed = select(file_claims.c.order_id).join(files, sent)
    return union_all(
        select(file_orders.c.order_id).where(
            file_orders.c.township == township, file_orders.c.sha256 == sha256
        ),
        claimed.where(file_claims.c.township == township, file_claims.c.sha256 == sha256),
    )


def _pairs(db: Connection, statement: Any) -> set[tuple[str, str]]:
    return {(first, second) for first, second in db.execute(statement)}


def _put(db: Connection, table: Any, row: dict[str, str]) -> None:
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    db.execute(dialect.insert(table).on_conflict_do_nothing(), row)
