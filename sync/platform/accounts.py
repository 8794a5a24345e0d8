"""Accounts: who may sign in, as whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from sync.platform.tables import accounts


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: str
    person_id: str
    active: bool


def _is(township: str, account: str) -> ColumnElement[bool]:
    return and_(accounts.c.township == township, accounts.c.account == account)


def find_account(db: Connection, township: str, account: str) -> tuple[str, str, bool] | None:
    """Return (person id, password hash, active)."""
    statement = select(accounts.c.person_id, accounts.c.password, accounts.c.active)
    row = db.execute(statement.where(_is(township, account))).one_or_none()
    return (row.person_id, row.password, row.active) if row else None


def put_account(
    db: Connection, township: str, account: str, password_hash: str, person_id: str
) -> None:
    """Add the account, or give it a new password and person."""
    values = {"password": password_hash, "person_id": person_id, "active": True}
    changed = db.execute(update(accounts).where(_is(township, account)).values(**values))
    if changed.rowcount == 0:
        db.execute(insert(accounts), {"township": township, "account": account, **values})


def set_password(db: Connection, township: str, account: str, password_hash: str) -> bool:
    statement = update(accounts).where(_is(township, account))
    return db.execute(statement.values(password=password_hash)).rowcount > 0


def set_active(db: Connection, township: str, account: str, *, active: bool) -> bool:
    statement = update(accounts).where(_is(township, account))
    return db.execute(statement.values(active=active)).rowcount > 0


def list_accounts(db: Connection, township: str) -> Sequence[AccountRow]:
    statement = select(accounts.c.account, accounts.c.person_id, accounts.c.active)
    own = statement.where(accounts.c.township == township)
    rows = db.execute(own.order_by(accounts.c.account)).all()
    return [AccountRow(r.account, r.person_id, r.active) for r in rows]
