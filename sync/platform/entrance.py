"""The entrance: signing in and out, refreshing, and who stands behind a token."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.platform import accounts, problems, sessions, sticks, townships
from sync.platform.attempts import Attempts
from sync.platform.passwords import COST, hash_password, password_holds
from sync.platform.platform import Caller, Platform
from sync.protocol.messages import Login, Refresh, Session
from sync.protocol.stick import is_key

_NOBODY = hash_password("nobody", COST)
"""Compared with when the account is unknown, so that the answer takes as long."""


class Entrance:
    """Sessions of one platform. Safe to use from several threads."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._attempts = Attempts()

    def sign_in(self, login: Login, address: str) -> Session:
        """Return a new session. Raises ``PlatformProblem`` 401, 403 or 429."""
        keys = (f"{login.account[:64]}@{address}", f"account:{login.account[:64]}")
        self._check_wait(keys)
        check_device(login.device_id)
        platform = self._platform
        with platform.database.read() as db:
            usable = login.account.isprintable()
            township = (townships.of_account(db, login.account) if usable else None) or ""
            found = accounts.find_account(db, township, login.account) if township else None
        person_id, stored, active = found or ("", _NOBODY, False)
        if not password_holds(login.password, stored) or found is None:
            self._note_failure(keys)
            raise problems.wrong_password()
        if not active:
            raise problems.account_disabled()
        for key in keys:
            self._attempts.succeeded(key)
        platform.caller(person_id, township=township)  # the person must still be in office
        now, pace = platform.now(), platform.pace
        device = (login.device_id, login.device_name)
        key = checked_key(login.device_key)

        def work(db: Connection) -> sessions.Pair:
            townships.claim_device(db, township, login.device_id)
            if key:
                sticks.register(db, township, person_id, login.device_id, key, now)
            return sessions.open_session(db, township, login.account, person_id, device, now, pace)

        return self._session(platform.database.write(work), key)

    def _check_wait(self, keys: tuple[str, str]) -> None:
        now = self._platform.wall.monotonic()
        seconds = max(self._attempts.wait(key, now) for key in keys)
        if seconds:
            raise problems.too_many_attempts(seconds)

    def _note_failure(self, keys: tuple[str, str]) -> None:
        for key in keys:
            self._attempts.failed(key, self._platform.wall.monotonic())

    def refresh(self, request: Refresh) -> Session:
        """Return the next pair of tokens. Raises ``PlatformProblem`` 401 or 403."""
        platform = self._platform
        now, pace = platform.now(), platform.pace
        device, key = request.device_id, checked_key(request.device_key)

        def work(db: Connection) -> sessions.Pair | None:
            pair = sessions.refresh(db, request.refresh_token, device, now, pace)
            if pair is not None and key:
                sticks.register(db, pair.township, pair.person_id, device, key, now)
            return pair

        pair = platform.database.write(work)
        if pair is None:
            raise problems.session_ended()
        return self._session(pair, key)

    def sign_out(self, access: str) -> None:
        """End the session of ``access``. Raises ``PlatformProblem`` 401."""
        caller = self.caller(access)
        self._platform.database.write(
            lambda db: sessions.revoke(db, caller.township, caller.session_id)
        )

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


def check_device(device_id: str) -> None:
    if not 0 < len(device_id) <= 64 or not device_id.isprintable():
        raise problems.not_readable("没有可用的设备编号。")


def checked_key(text: str) -> str:
    """Return a device's public key, "" when none was told. Raises ``PlatformProblem`` 400."""
    if text and not is_key(text):
        raise problems.not_readable("设备的密钥不对。")
    return text
