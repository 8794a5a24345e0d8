"""The directory of the townships on this platform, and where logins, tokens and devices belong.

Everything else in the database is of one township. A small center, the demonstration and most
tests have one only and need not name it; with several, whoever does not name one is told to.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, insert, select

from sync.platform import problems
from sync.platform.tables import account_townships, device_townships, townships

LOCAL = "local"
"""The id of the township of a center that has the platform to itself, unless it is given one."""

_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,31}", re.ASCII)
_MARK = "~"


def listed(db: Connection) -> dict[str, str]:
    """Return id -> name."""
    rows = db.execute(select(townships).order_by(townships.c.id))
    return {row.id: row.name for row in rows}


def resolved(db: Connection, named: str | None) -> str:
    """Return the township that is meant: the named one, or the only one there is.

    Raises ``PlatformProblem``: none is set up, no such township, or there are several.
    """
    known = listed(db)
    if not known:
        raise problems.no_center()
    if named is None and len(known) > 1:
        raise problems.which_township(known)
    if named is not None and named not in known:
        raise problems.no_township(named, known)
    return named if named is not None else next(iter(known))


def sole(db: Connection) -> str | None:
    """Return the only township, None when there are none or several."""
    known = db.execute(select(townships.c.id).limit(2)).scalars().all()
    return known[0] if len(known) == 1 else None


def entered(db: Connection, named: str | None, name: str) -> tuple[str, bool]:
    """Return the township to set up, and whether it is new; a new one is entered under ``name``.

    The id should be the official division code (行政区划代码), so that platforms can be joined.
    Raises ``PlatformProblem`` as ``resolved`` does, and for an id that cannot be one.
    """
    known = listed(db)
    if named in known or (named is None and known):
        return resolved(db, named), False
    township = LOCAL if named is None else named
    if not _ID.fullmatch(township):
        raise problems.bad_township()
    db.execute(insert(townships), {"id": township, "name": name})
    return township, True


def of_account(db: Connection, account: str) -> str | None:
    """Return the township of a login."""
    here = account_townships.c.account == account
    return db.execute(select(account_townships.c.township).where(here)).scalar()


def claim_account(db: Connection, township: str, account: str) -> None:
    """Enter a login. Raises ``PlatformProblem`` when another township has one of that name."""
    owner = of_account(db, account)
    if owner is None:
        db.execute(insert(account_townships), {"account": account, "township": township})
    elif owner != township:
        raise problems.account_taken(account)


def of_device(db: Connection, device_id: str, *, lock: bool = False) -> str | None:
    """Return the township of a seat's store. ``lock``: nobody signs in there meanwhile."""
    here = select(device_townships.c.township).where(device_townships.c.device_id == device_id)
    return db.execute(here.with_for_update() if lock else here).scalar()


def claim_device(db: Connection, township: str, device_id: str) -> None:
    """Bind a seat's store to a township. Raises ``PlatformProblem`` when it holds another's orders."""
    owner = of_device(db, device_id, lock=True)
    if owner is None:
        db.execute(insert(device_townships), {"device_id": device_id, "township": township})
    elif owner != township:
        raise problems.device_of_another_township()


def marked(township: str, secret: str) -> str:
    """Return a token that says where it is looked up: a balancer may route by what precedes ``~``."""
    return f"{township}{_MARK}{secret}"


def of_token(token: str) -> str:
    """Return the township a token names, "" for none. It proves nothing: the hash is of the whole."""
    township, mark, _ = token.partition(_MARK)
    return township if mark and _ID.fullmatch(township) else ""
