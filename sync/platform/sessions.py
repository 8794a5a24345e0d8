"""Sessions: short access tokens, refresh tokens that rotate, and answers that got lost on the way.

Each sign-in is a session with generations of tokens. Refreshing makes the next generation; the old
refresh token stays good until the new generation is used for the first time, however long that
takes: a seat whose answer was lost can ask again days later. Once the new generation is in use, the
old refresh token is good for another minute (two requests at once) and after that means that
somebody copied it: the session ends. Only SHA-256 hashes of tokens are stored. A token names the
township it is of, where alone it is looked up.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from sync.platform import blocked, logins, problems, townships
from sync.platform.logins import Login, LoginOutcome
from sync.platform.problems import PlatformProblem
from sync.platform.tables import accounts, sessions, tokens

ACCESS_SECONDS = 15 * 60
REFRESH_DAYS = 90
RACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Pair:
    """A new generation of tokens, in the clear; shown once."""

    access: str
    refresh: str
    person_id: str
    township: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who an access token stands for. ``fresh``: first use of its generation, to be confirmed."""

    township: str
    session_id: str
    person_id: str
    device_id: str
    generation: int
    fresh: bool


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is(township: str, session_id: str) -> ColumnElement[bool]:
    return and_(sessions.c.township == township, sessions.c.id == session_id)


def open_session(
    db: Connection,
    township: str,
    account: str,
    person_id: str,
    device: tuple[str, str],
    now: datetime,
    pace: float,
) -> Pair:
    """Start a session for ``device`` (id, name). ``pace`` turns real seconds into platform time."""
    session_id = secrets.token_hex(12)
    db.execute(
        insert(sessions),
        {
            "township": township,
            "id": session_id,
            "account": account,
            "person_id": person_id,
            "device_id": device[0],
            "device_name": device[1].replace("\0", "")[:100],
            "generation": 0,
            "confirmed": 0,
            "confirmed_at": now.isoformat(),
            "revoked": False,
        },
    )
    return _next_generation(db, (township, session_id), person_id, 1, now, pace)


def _next_generation(
    db: Connection,
    key: tuple[str, str],
    person_id: str,
    generation: int,
    now: datetime,
    pace: float,
) -> Pair:
    """``key`` is (township, session id)."""
    township, session_id = key
    access, again = (townships.marked(township, secrets.token_urlsafe(32)) for _ in range(2))
    pair = Pair(access, again, person_id, township)
    lives = {
        False: timedelta(seconds=ACCESS_SECONDS * pace),
        True: timedelta(days=REFRESH_DAYS * pace),
    }
    rows = [
        {
            "township": township,
            "hash": _hash(pair.refresh if refresh else pair.access),
            "session_id": session_id,
            "refresh": refresh,
            "generation": generation,
            "expires_at": (now + life).isoformat(),
        }
        for refresh, life in lives.items()
    ]
    db.execute(insert(tokens), rows)
    db.execute(update(sessions).where(_is(*key)).values(generation=generation))
    return pair


_WHO = (
    select(
        tokens.c.township,
        tokens.c.session_id,
        tokens.c.generation,
        tokens.c.expires_at,
        tokens.c.refresh,
        sessions.c.person_id,
        sessions.c.device_id,
        sessions.c.confirmed,
        sessions.c.confirmed_at,
        sessions.c.generation.label("newest"),
        sessions.c.revoked,
        accounts.c.active,
    )
    .join(
        sessions,
        (sessions.c.township == tokens.c.township) & (sessions.c.id == tokens.c.session_id),
    )
    .join(
        accounts,
        (accounts.c.township == sessions.c.township) & (accounts.c.account == sessions.c.account),
    )
    .where(tokens.c.township == bindparam("here"), tokens.c.hash == bindparam("hash"))
)


def _who(db: Connection, token: str) -> Row[*tuple[Any, ...]] | None:
    key = {"here": townships.of_token(token), "hash": _hash(token)}
    return db.execute(_WHO, key).one_or_none()


def _why_ended(db: Connection, row: Row[*tuple[Any, ...]]) -> PlatformProblem:
    """Return why a session that was ended from above is over: the computer may be let in again since."""
    kept_out = blocked.is_blocked(db, row.township, row.device_id)
    return problems.device_blocked() if kept_out else problems.device_revoked()


def find(db: Connection, access: str, now: datetime) -> Signed:
    """Return who sends ``access``. Raises ``PlatformProblem`` 401 or 403."""
    row = _who(db, access)
    if row is None or row.refresh:
        raise problems.not_signed_in()
    if row.revoked:
        raise _why_ended(db, row)
    if not row.active:
        raise problems.account_disabled()
    if datetime.fromisoformat(row.expires_at) <= now:
        raise problems.token_expired()
    fresh = row.generation > row.confirmed
    return Signed(row.township, row.session_id, row.person_id, row.device_id, row.generation, fresh)


def confirm(db: Connection, township: str, session_id: str, generation: int, now: datetime) -> None:
    """Note that ``generation`` arrived at the seat; older tokens are no longer needed."""
    newer = and_(_is(township, session_id), sessions.c.confirmed < generation)
    values = {"confirmed": generation, "confirmed_at": now.isoformat()}
    if db.execute(update(sessions).where(newer).values(**values)).rowcount:
        own = and_(tokens.c.township == township, tokens.c.session_id == session_id)
        db.execute(delete(tokens).where(own, tokens.c.generation < generation - 1))


def refresh(db: Connection, token: str, device_id: str, now: datetime, pace: float) -> Pair | None:
    """Spend ``token`` for the next pair. None: it was copied, the session has been ended.

    Raises ``PlatformProblem``.
    """
    row = _who(db, token)
    if row is None or not row.refresh:
        raise problems.session_ended()
    if row.revoked:
        raise _why_ended(db, row)
    if not row.active:
        raise problems.account_disabled()
    if datetime.fromisoformat(row.expires_at) <= now or row.device_id != device_id:
        raise problems.session_ended()
    if row.generation < row.confirmed:
        since = (now - datetime.fromisoformat(row.confirmed_at)).total_seconds()
        if since > RACE_SECONDS * pace:
            note_end(db, row.township, row.session_id, LoginOutcome.COPIED_TOKEN, now)
            revoke(db, row.township, row.session_id)
            return None
    confirm(db, row.township, row.session_id, row.generation, now)
    key = (row.township, row.session_id)
    return _next_generation(db, key, row.person_id, row.newest + 1, now, pace)


def revoke(db: Connection, township: str, session_id: str) -> None:
    db.execute(update(sessions).where(_is(township, session_id)).values(revoked=True))
    own = delete(tokens).where(tokens.c.township == township)
    db.execute(own.where(tokens.c.session_id == session_id))


def revoke_account(db: Connection, township: str, account: str) -> None:
    """End all sessions of an account."""
    own = and_(sessions.c.township == township, sessions.c.account == account)
    ended = delete(tokens).where(tokens.c.township == township)
    db.execute(ended.where(tokens.c.session_id.in_(select(sessions.c.id).where(own))))
    db.execute(update(sessions).where(own).values(revoked=True))


def note_end(
    db: Connection, township: str, session_id: str, outcome: LoginOutcome, now: datetime
) -> None:
    """Write into the audit why a session ends."""
    row = db.execute(select(sessions).where(_is(township, session_id))).one()
    line = Login(now, row.account, outcome, row.person_id, row.device_id, row.device_name)
    logins.note(db, township, line)


def tidy(db: Connection, township: str, now: datetime, pace: float) -> None:
    """Forget tokens whose time is over, and sessions nobody has used for twice as long."""
    own = tokens.c.township == township
    db.execute(delete(tokens).where(own, tokens.c.expires_at < now.isoformat()))
    old = (now - 2 * timedelta(days=REFRESH_DAYS * pace)).isoformat()
    here = sessions.c.township == township
    db.execute(delete(sessions).where(here, sessions.c.confirmed_at < old))
