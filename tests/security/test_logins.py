"""Signing in: guesses wait, owners do not; every login is in the audit; a lost computer is out at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from desktop_app import cli
from desktop_app.domain.acts import ActKind as K
from desktop_app.services import intake
from sync.client.failures import FailureKind
from sync.platform import attempts
from sync.platform import entrance as doors
from sync.platform.entrance import Entrance
from sync.platform.logins import LoginOutcome as L
from sync.platform.oversight import Oversight
from sync.platform.passwords import COST
from sync.platform.problems import PlatformProblem
from sync.protocol.codec import decode, encode
from sync.protocol.messages import Login, Refresh, Session
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import PASSWORD, RunningPlatform, make_platform, running_platform
from tests.support.synced import SyncedSeat
from tests.sync.platform.seats import Seat


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def served(tmp_path: Path, clock: ManualClock) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path, clock) as running:
        running.platform.dispatch([sample_intake(1)])
        yield running


def tries(
    entrance: Entrance, account: str = "dispatcher", password: str = "wrong", device: str = "d",
    address: str = "192.0.2.1",
) -> str:  # fmt: skip
    """Try to sign in; return the code of the refusal, "" when it worked."""
    login = Login(account=account, password=password, device_id=device, device_name="某电脑")
    try:
        entrance.sign_in(login, address)
    except PlatformProblem as problem:
        return problem.code
    return ""


def until_it_waits(again: Callable[[], str], most: int = 60) -> int:
    """Try until told to wait; return how often it was tried for nothing."""
    for count in range(most):
        if again() == "too_many_attempts":
            return count
    raise AssertionError("never told to wait")


# --- lockout --------------------------------------------------------------------------------------


@pytest.mark.fault("security.guessing")
def test_all_processes_and_every_restart_count_together(
    served: RunningPlatform, clock: ManualClock
) -> None:
    first = Entrance(served.platform)
    assert until_it_waits(lambda: tries(first)) == 4
    other = make_platform(served.database, clock)
    assert tries(Entrance(other), password=PASSWORD) == "too_many_attempts"
    other.close()


@pytest.mark.fault("security.guessing")
def test_from_many_addresses_an_account_is_tried_ten_times(served: RunningPlatform) -> None:
    entrance, addresses = Entrance(served.platform), iter(range(100))
    count = until_it_waits(lambda: tries(entrance, address=f"192.0.2.{next(addresses)}"))
    assert count == 10


@pytest.mark.fault("security.guessing")
def test_from_one_address_many_accounts_are_tried_forty_times(served: RunningPlatform) -> None:
    entrance, now = Entrance(served.platform), served.platform.wall.now()

    def guess(db: Connection) -> None:
        for n in range(38):
            attempts.failed(db, attempts.counters(f"guess-{n}", "192.0.2.1"), now)

    served.platform.database.write(guess)
    names = iter(range(100))
    assert until_it_waits(lambda: tries(entrance, account=f"more-{next(names)}")) == 2


@pytest.mark.fault("security.guessing")
def test_a_stranger_who_guesses_does_not_keep_the_owner_out(
    served: RunningPlatform, clock: ManualClock
) -> None:
    entrance = Entrance(served.platform)
    assert tries(entrance, password=PASSWORD, device="own computer") == ""
    addresses = iter(range(100))
    until_it_waits(lambda: tries(entrance, address=f"192.0.2.{next(addresses)}"))
    assert tries(entrance, password=PASSWORD, device="new computer") == "too_many_attempts"
    assert tries(entrance, password=PASSWORD, device="own computer") == ""


def test_the_owner_s_own_computer_waits_too_when_it_guesses(served: RunningPlatform) -> None:
    entrance = Entrance(served.platform)
    assert tries(entrance, password=PASSWORD) == ""
    assert until_it_waits(lambda: tries(entrance)) == 4


@pytest.mark.fault("security.guessing")
def test_waiting_is_bounded_and_a_clock_set_back_does_not_lengthen_it(
    served: RunningPlatform, clock: ManualClock
) -> None:
    entrance = Entrance(served.platform)
    for _ in range(20):
        while tries(entrance) != "too_many_attempts":
            pass
        clock.advance(timedelta(seconds=301))
    assert tries(entrance, password=PASSWORD) == ""
    until_it_waits(lambda: tries(entrance))
    clock.jump(timedelta(days=-30))
    clock.advance(timedelta(seconds=301))
    assert tries(entrance, password=PASSWORD) in ("", "too_many_attempts")


def test_nobody_learns_which_accounts_there_are(served: RunningPlatform) -> None:
    seat = Seat(served, "leader")
    said = []
    for account in ("dispatcher", "nobody"):
        body = encode(Login(account=account, password="wrong", device_id="d"))
        said.append(seat.send("POST", "/v1/sessions", 401, data=body).text)
    assert said[0] == said[1]
    assert doors._NOBODY.split("$")[1] == str(COST), "an unknown account costs as much to check"


# --- the audit ------------------------------------------------------------------------------------


def outcomes(served: RunningPlatform) -> list[tuple[str, L]]:
    found = Oversight(served.platform).logins(100)
    return [(login.account, login.outcome) for login in reversed(found)]


def refresh(seat: Seat, token: str, expect: int = 200) -> Session | None:
    body = encode(Refresh(refresh_token=token, device_id=seat.device))
    answer = seat.send("POST", "/v1/sessions/refresh", expect, data=body)
    return decode(answer.content, Session) if expect == 200 else None


def test_every_login_and_every_end_of_one_is_in_the_audit(
    served: RunningPlatform, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    entrance = Entrance(served.platform)
    tries(entrance)
    clock.advance(timedelta(minutes=1))
    zhou = Seat(served, "dispatcher")
    clock.advance(timedelta(minutes=1))
    tries(entrance, account="geheim-2026", password="x")
    zhou.send("DELETE", "/v1/sessions", 200)
    clock.advance(timedelta(minutes=1))
    served.platform.switch_account("village2", active=False)
    assert tries(entrance, "village2", PASSWORD) == "account_disabled"
    assert outcomes(served) == [
        ("dispatcher", L.WRONG_PASSWORD),
        ("dispatcher", L.SIGNED_IN),
        ("dispatcher", L.SIGNED_OUT),
        ("village2", L.DISABLED),
    ]
    (stranger,) = Oversight(served.platform).strangers(10)
    assert stranger.account == "ge…", "it may be a password typed into the wrong field"
    assert cli.main(["platform", "logins", "--database", served.database]) == 0
    said = capsys.readouterr().out
    assert "密码不对" in said
    assert "192.0.2.1" in said
    assert "某电脑" in said


def test_no_password_and_no_token_is_kept_anywhere(served: RunningPlatform) -> None:
    tries(Entrance(served.platform), password="wrong-secret-word")
    zhou = Seat(served, "dispatcher")
    kept = Path(served.database.removeprefix("sqlite:///"))
    stored = b"".join(p.read_bytes() for p in kept.parent.glob(f"{kept.name}*") if p.is_file())
    assert b"device-dispatcher" in stored
    for secret in ("wrong-secret-word", zhou.session.access_token, zhou.session.refresh_token):
        assert secret.encode() not in stored


def test_the_audit_is_kept_a_year(served: RunningPlatform, clock: ManualClock) -> None:
    entrance = Entrance(served.platform)
    tries(entrance)
    tries(entrance, account="stranger")
    clock.advance(timedelta(days=364))
    tries(entrance)
    tries(entrance, account="stranger")
    assert len(outcomes(served)) == 2
    assert len(Oversight(served.platform).strangers(10)) == 1
    clock.advance(timedelta(days=2))
    tries(entrance)
    assert len(outcomes(served)) == 2


# --- copied tokens --------------------------------------------------------------------------------


@pytest.mark.fault("security.copied_token")
@pytest.mark.parametrize("thief_first", [True, False])
def test_a_copied_refresh_token_ends_the_session_for_both(
    served: RunningPlatform, clock: ManualClock, *, thief_first: bool
) -> None:
    zhou = Seat(served, "dispatcher")
    copied = zhou.session.refresh_token
    thief = Seat(served, "leader", zhou.device)  # somebody who can name the device too
    one, other = (thief, zhou) if thief_first else (zhou, thief)
    session = refresh(one, copied)
    assert session is not None
    one.use(session)
    one.sync()
    clock.advance(timedelta(minutes=10))
    refresh(other, copied, 401)
    one.refused("GET", "/v1/changes", 401, "not_signed_in")
    refresh(one, session.refresh_token, 401)
    assert ("dispatcher", L.COPIED_TOKEN) in outcomes(served)


# --- lost computers -------------------------------------------------------------------------------


@pytest.mark.fault("security.lost_computer")
def test_a_lost_computer_is_out_at_once_says_so_and_keeps_its_records(
    served: RunningPlatform, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seat = SyncedSeat(tmp_path / "seat", clock, "dispatcher", served.url)
    seat.sign_in()
    seat.turns()
    (order_id,) = seat.orders()
    device = str(seat.store.device_id)
    database = ["--database", served.database]
    assert cli.main(["platform", "devices", *database]) == 0
    assert f"{device}  测试坐席  dispatcher  登录着" in capsys.readouterr().out
    assert cli.main(["platform", "revoke-device", device, *database]) == 0
    intake.accept(seat.seat, order_id)
    for _ in range(4):
        seat.try_once()
    state = seat.states[-1]
    assert not state.signed_in
    assert state.problem is not None
    assert state.problem.kind is FailureKind.SIGN_IN_AGAIN
    assert "管理员停用了这台电脑的登录" in state.problem.title
    assert state.waiting == 1
    assert cli.main(["platform", "devices", *database]) == 0
    assert "已退出或停用" in capsys.readouterr().out
    assert cli.main(["platform", "revoke-device", device, *database]) == 3
    assert ("dispatcher", L.REVOKED) in outcomes(served)
    seat.sign_in()
    seat.sync()
    assert seat.store.pending_count() == 0
    order = served.platform.order(sample_intake(1).number)
    assert order is not None
    assert order.history[-1].kind is K.ACCEPT
    seat.close()


@pytest.mark.fault("security.lost_computer")
def test_a_poll_that_waits_ends_with_its_session(served: RunningPlatform) -> None:
    zhou = Seat(served, "dispatcher")
    zhou.catch_up()

    def poll() -> None:
        asked = {"cursor": zhou.cursor, "wait": 20}
        zhou.refused("GET", "/v1/changes", 401, "device_revoked", params=asked)

    with ThreadPoolExecutor(1) as pool:
        polled = pool.submit(poll)
        assert Oversight(served.platform).revoke_device(zhou.device) == 1
        served.platform.dispatch([sample_intake(2)])
        polled.result(30)
