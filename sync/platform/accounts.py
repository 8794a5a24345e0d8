"""Accounts: who may sign in, as whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from sync.platform.tables import accounts


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: str
    person_id: str
    active: bool


def find_account(db: Connection, account: str) -> tuple[str, str, bool] | None:
    """Return (person id, password hash, active)."""
    statement = select(accounts.c.person_id, accounts.c.password, accounts.c.active)
    row = db.execute(statement.where(accounts.c.account == account)).one_or_none()
    return (row.person_id, row.password, row.active) if row else None


def put_account(db: Connection, account: str, password_hash: str, person_id: str) -> None:
    """Add the account, or give it a new password and person."""
    values = {"password": password_hash, "person_id": person_id, "active": True}
    changed = db.execute(update(accounts).where(accounts.c.account == account).values(**values))
    if changed.rowcount == 0:
        db.execute(insert(accounts), {"account": account, **values})


def set_password(db: Connection, account: str, password_hash: str) -> bool:
    statement = update(accounts).where(accounts.c.account == account)
    return db.execute(statement.values(password=password_hash)).rowcount > 0


def set_active(db: Connection, account: str, *, active: bool) -> bool:
    statement = update(accounts).where(accounts.c.account == account)
    return db.execute(statement.values(active=active)).rowcount > 0


def list_accounts(db: Connection) -> Sequence[AccountRow]:
    statement = select(accounts.c.account, accounts.c.person_id, accounts.c.active)
    rows = db.execute(statement.order_by(accounts.c.account)).all()
    return [AccountRow(r.account, r.person_id, r.active) for r in rows]
