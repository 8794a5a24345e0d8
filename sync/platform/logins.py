"""The audit of logins: who signed in from where, who could not, and what ended a session."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from sync.platform.security_tables import logins

KEPT = timedelta(days=365)
UNKNOWN_KEPT = timedelta(days=30)
STRANGERS = ""
"""The township of attempts with an account that is nobody's."""


class LoginOutcome(StrEnum):
    """What became of an attempt, or of a session."""

    SIGNED_IN = "signed_in"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    DISABLED = "disabled"
    SIGNED_OUT = "signed_out"
    COPIED_TOKEN = "copied_token"  # noqa: S105
    REVOKED = "revoked"
    BLOCKED = "blocked"
    ALLOWED = "allowed"


TITLES = {
    LoginOutcome.SIGNED_IN: "登录",
    LoginOutcome.WRONG_PASSWORD: "密码不对",
    LoginOutcome.DISABLED: "账号已停用",
    LoginOutcome.SIGNED_OUT: "退出",
    LoginOutcome.COPIED_TOKEN: "令牌被人复制，登录已终止",
    LoginOutcome.REVOKED: "管理员停用了这台电脑",
    LoginOutcome.BLOCKED: "从停用的电脑登录，没有放行",
    LoginOutcome.ALLOWED: "管理员恢复了这台电脑",
}


@dataclass(frozen=True, slots=True)
class Login:
    """One line of the audit. ``at`` in platform time; ``person_id`` "" where there is none."""

    at: datetime
    account: str
    outcome: LoginOutcome
    person_id: str = ""
    device_id: str = ""
    device_name: str = ""
    address: str = ""


def note(db: Connection, township: str, login: Login) -> None:
    """Write a line. Of an account that is nobody's only the beginning is kept: it may be a password
    that was typed into the wrong field.
    """
    stranger = township == STRANGERS
    account = f"{login.account[:2]}…" if stranger else login.account
    db.execute(
        insert(logins),
        {
            "township": township,
            "id": secrets.token_hex(12),
            "at": login.at.isoformat(),
            "account": _tidy(account, 64),
            "person_id": login.person_id,
            "device_id": _tidy(login.device_id, 64),
            "device_name": _tidy(login.device_name, 100),
            "address": _tidy(login.address, 64),
            "outcome": login.outcome.value,
        },
    )
    kept = UNKNOWN_KEPT if stranger else KEPT
    own = logins.c.township == township
    db.execute(delete(logins).where(own, logins.c.at < (login.at - kept).isoformat()))


def _tidy(text: str, length: int) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:length])


def newest(db: Connection, township: str, limit: int, account: str = "") -> Sequence[Login]:
    """Return the newest lines, newest first; of one account where it is named."""
    here = select(logins).where(logins.c.township == township)
    if account:
        here = here.where(logins.c.account == account)
    rows = db.execute(here.order_by(logins.c.at.desc(), logins.c.id).limit(limit))
    return [
        Login(
            datetime.fromisoformat(row.at), row.account, LoginOutcome(row.outcome), row.person_id,
            row.device_id, row.device_name, row.address,
        )
        for row in rows
    ]  # fmt: skip
