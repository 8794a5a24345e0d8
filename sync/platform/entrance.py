"""The entrance: signing in and out, refreshing, and who stands behind a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from sync.platform import (
    accounts,
    attempts,
    blocked,
    device_keys,
    devices,
    logins,
    problems,
    sessions,
    sticks,
    townships,
)
from sync.platform.attempts import Counter
from sync.platform.logins import LoginOutcome
from sync.platform.passwords import COST, hash_password, password_holds
from sync.platform.platform import Caller, Platform
from sync.protocol.messages import Login, Refresh, Session
from sync.protocol.stick import is_key

_NOBODY = hash_password("nobody", COST)
"""Compared with when the account is unknown, so that the answer takes as long."""


@dataclass(frozen=True, slots=True)
class _Account:
    """What is known of the account that an attempt names; ``person_id`` "" where there is none."""

    township: str = logins.STRANGERS
    person_id: str = ""
    password: str = _NOBODY
    active: bool = False
    device_known: bool = False


class Entrance:
    """Sessions of one platform. Safe to use from several threads."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def sign_in(self, login: Login, address: str) -> Session:
        """Return a new session. Raises ``PlatformProblem`` 401, 403 or 429.

        Neither the words nor the time of a refusal say whether there is such an account. From a
        computer that is kept out no password is so much as compared.
        """
        check_device(login.device_id)
        key = checked_key(login.device_key)
        platform = self._platform
        line = logins.Login(
            platform.now(), login.account, LoginOutcome.SIGNED_IN, "",
            login.device_id, login.device_name, address,
        )  # fmt: skip
        with platform.database.read() as db:
            account, lost = _account(db, login), devices.kept_out(db, login.device_id)
            device = login.device_id if account.device_known else ""
            counted = attempts.counters(login.account, address, device)
            seconds = attempts.wait(db, counted, platform.wall.now())
        if lost is not None:
            self._note_kept_out(account, lost, line)
            raise problems.device_blocked()
        if seconds:
            raise problems.too_many_attempts(seconds)
        line = replace(line, person_id=account.person_id)
        if not password_holds(login.password, account.password) or not account.person_id:
            self._note_failure(account, counted, line)
            raise problems.wrong_password()
        if not account.active:
            disabled = replace(line, outcome=LoginOutcome.DISABLED)
            platform.database.write(lambda db: logins.note(db, account.township, disabled))
            raise problems.account_disabled()
        platform.caller(account.person_id, township=account.township)  # must still be in office
        return self._session(self._open(account, login, line, key), key)

    def _note_failure(
        self, account: _Account, counted: Sequence[Counter], line: logins.Login
    ) -> None:
        wrong = replace(line, outcome=LoginOutcome.WRONG_PASSWORD)

        def work(db: Connection) -> None:
            attempts.failed(db, counted, self._platform.wall.now())
            logins.note(db, account.township, wrong)

        self._platform.database.write(work)

    def _note_kept_out(self, account: _Account, lost: str, line: logins.Login) -> None:
        """Write down where a lost computer turns up, a few times. A name that is nobody's in the
        township may be a password.
        """
        counted, now = attempts.kept_out(line.device_id), self._platform.wall.now()
        known = account.township == lost
        named = line.account if known else f"{line.account[:2]}…"
        outcome = LoginOutcome.BLOCKED
        line = replace(
            line, account=named, person_id=account.person_id if known else "", outcome=outcome
        )

        def work(db: Connection) -> None:
            if not attempts.wait(db, counted, now):
                attempts.failed(db, counted, now)
                logins.note(db, lost, line)

        self._platform.database.write(work)

    def _open(self, account: _Account, login: Login, line: logins.Login, key: str) -> sessions.Pair:
        now, pace, here = self._platform.now(), self._platform.pace, account.township
        device = (login.device_id, login.device_name)

        def work(db: Connection) -> sessions.Pair:
            townships.claim_device(db, here, login.device_id)
            if blocked.is_blocked(db, here, login.device_id):  # since it was looked at
                raise problems.device_blocked()
            if device_keys.is_another(db, here, login.device_id, key):
                raise problems.device_taken()
            if key:
                device_keys.register(db, here, account.person_id, login.device_id, key, now)
            attempts.succeeded(db, login.account, line.address, login.device_id)
            logins.note(db, here, line)
            sessions.tidy(db, here, now, pace)
            return sessions.open_session(
                db, here, login.account, account.person_id, device, now, pace
            )

        return self._platform.database.write(work)

    def refresh(self, request: Refresh) -> Session:
        """Return the next pair of tokens. Raises ``PlatformProblem`` 401 or 403."""
        platform = self._platform
        now, pace = platform.now(), platform.pace
        device, key = request.device_id, checked_key(request.device_key)

        def work(db: Connection) -> sessions.Pair | None:
            if (
                devices.kept_out(db, device) is not None
            ):  # also when the token is not known any more
                raise problems.device_blocked()
            pair = sessions.refresh(db, request.refresh_token, device, now, pace)
            if pair is None or device_keys.is_another(db, pair.township, device, key):
                return pair
            if key:
                device_keys.register(db, pair.township, pair.person_id, device, key, now)
            return pair

        pair = platform.database.write(work)
        if pair is None:
            raise problems.session_ended()
        return self._session(pair, key)

    def sign_out(self, access: str) -> None:
        """End the session of ``access``. Raises ``PlatformProblem`` 401."""
        caller, now = self.caller(access), self._platform.now()

        def work(db: Connection) -> None:
            sessions.note_end(db, caller.township, caller.session_id, LoginOutcome.SIGNED_OUT, now)
            sessions.revoke(db, caller.township, caller.session_id)

        self._platform.database.write(work)

    def caller(self, access: str) -> Caller:
        """Return who sends ``access``. Raises ``PlatformProblem`` 401 or 403."""
        platform = self._platform
        now = platform.now()
        with platform.database.read() as db:
            signed = sessions.find(db, access, now)
            caller = platform.caller_in(
                db, signed.township, signed.person_id, signed.device_id, signed.session_id
            )
        if signed.fresh:
            platform.database.write(
                lambda db: sessions.confirm(
                    db, signed.township, signed.session_id, signed.generation, now
                )
            )
        return caller

    def _session(self, pair: sessions.Pair, device_key: str) -> Session:
        epoch = self._platform.epoch(pair.township)
        return Session(
            access_token=pair.access,
            refresh_token=pair.refresh,
            expires_in=sessions.ACCESS_SECONDS,
            person_id=pair.person_id,
            server_id=self._platform.server_id,
            epoch=epoch,
            seal_key=sticks.seal_key(self._platform) if device_key else "",
            end=epoch,
        )


def _account(db: Connection, login: Login) -> _Account:
    named = login.account if login.account.isprintable() else ""
    township = townships.of_account(db, named)
    found = accounts.find_account(db, township, named) if township else None
    if township is None or found is None:
        return _Account()
    known = device_keys.holds(db, township, found[0], login.device_id, login.device_key)
    return _Account(township, *found, device_known=known)


def check_device(device_id: str) -> None:
    if not 0 < len(device_id) <= 64 or not device_id.isprintable():
        raise problems.not_readable("没有可用的设备编号。")


def checked_key(text: str) -> str:
    """Return a device's public key, "" when none was told. Raises ``PlatformProblem`` 400."""
    if text and not is_key(text):
        raise problems.not_readable("设备的密钥不对。")
    return text
