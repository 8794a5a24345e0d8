"""Signing in: guesses wait, owners do not; every login is in the audit; a lost computer stays out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from desktop_app import cli
from desktop_app.domain.acts import ActKind as K
from desktop_app.services import intake
from sync.client.failures import FailureKind
from sync.client.login import LoginError
from sync.platform import attempts
from sync.platform import entrance as doors
from sync.platform.entrance import Entrance
from sync.platform.logins import LoginOutcome as L
from sync.platform.oversight import Oversight
from sync.platform.passwords import COST
from sync.platform.problems import PlatformProblem
from sync.protocol.codec import decode, encode
from sync.protocol.messages import Login, Refresh, Session
from sync.protocol.stick import device_public, new_device_key
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
    address: str = "192.0.2.1", key: str = "",
) -> str:  # fmt: skip
    """Try to sign in; return the code of the refusal, "" when it worked."""
    login = Login(
        account=account, password=password, device_id=device, device_name="某电脑", device_key=key
    )
    try:
        entrance.sign_in(login, address)
    except PlatformProblem as problem:
        return problem.code
    return ""


def new_key() -> str:
    return device_public(new_device_key())


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
    own = partial(tries, entrance, password=PASSWORD, device="own computer", key=new_key())
    assert own() == ""
    addresses = iter(range(100))
    until_it_waits(lambda: tries(entrance, address=f"192.0.2.{next(addresses)}"))
    assert tries(entrance, password=PASSWORD, device="new computer") == "too_many_attempts"
    assert own() == ""


@pytest.mark.fault("security.guessing")
def test_whoever_read_the_owner_s_device_id_in_an_order_does_not_keep_the_owner_out(
    served: RunningPlatform,
) -> None:
    """The id stands in the history of every order the owner worked on; the key nobody is told."""
    entrance = Entrance(served.platform)
    own = partial(tries, entrance, password=PASSWORD, device="own computer", key=new_key())
    assert own() == ""
    addresses = iter(range(100))
    for key in ("", new_key()):
        guess = partial(tries, entrance, device="own computer", key=key)
        until_it_waits(lambda: guess(address=f"192.0.2.{next(addresses)}"))  # noqa: B023 - called here
    assert own() == ""


def test_the_owner_s_own_computer_waits_too_when_it_guesses(served: RunningPlatform) -> None:
    entrance, key = Entrance(served.platform), new_key()
    assert tries(entrance, password=PASSWORD, key=key) == ""
    assert until_it_waits(lambda: tries(entrance, key=key)) == 4


@pytest.mark.fault("security.borrowed_device")
def test_another_computer_s_id_is_no_use_to_somebody_else(served: RunningPlatform) -> None:
    """Acts under it would count as its own, and hide from it what a backup has lost."""
    entrance, key = Entrance(served.platform), new_key()
    assert tries(entrance, password=PASSWORD, device="of zhou", key=key) == ""
    for borrowed in ("", new_key()):
        village = partial(tries, entrance, "village", PASSWORD, "of zhou", key=borrowed)
        assert village() == "device_taken"
    assert tries(entrance, "leader", PASSWORD, "of zhou", key=key) == "", "another at that computer"
    assert Oversight(served.platform).allow_device("of zhou"), "its profile was made anew"
    assert tries(entrance, password=PASSWORD, device="of zhou", key=new_key()) == ""


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


def command(served: RunningPlatform, verb: str, *arguments: str) -> int:
    return cli.main(["platform", verb, *arguments, "--database", served.database])


@pytest.mark.fault("security.lost_computer")
def test_a_lost_computer_stays_out_until_it_is_allowed_and_keeps_its_records(
    served: RunningPlatform, clock: ManualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seat = SyncedSeat(tmp_path / "seat", clock, "dispatcher", served.url)
    seat.sign_in()
    seat.turns()
    (order_id,) = seat.orders()
    device = str(seat.store.device_id)
    assert command(served, "devices") == 0
    assert f"{device}  测试坐席  dispatcher  登录着" in capsys.readouterr().out
    assert command(served, "revoke-device", device) == 0
    assert "dispatcher" in capsys.readouterr().out, "whose password may be lost, too"
    intake.accept(seat.seat, order_id)
    for _ in range(4):
        seat.try_once()
    state = seat.states[-1]
    assert not state.signed_in
    assert state.problem is not None
    assert state.problem.kind is FailureKind.BLOCKED
    assert "停用" in state.problem.title
    assert "管理员打电话" in state.problem.advice
    assert state.waiting == 1
    with pytest.raises(LoginError) as refused:
        seat.sign_in()
    assert refused.value.kind is FailureKind.BLOCKED
    assert command(served, "devices") == 0
    assert "已停用" in capsys.readouterr().out
    assert command(served, "revoke-device", device) == 3, "it is kept out already"
    assert command(served, "allow-device", device) == 0
    assert command(served, "allow-device", device) == 3
    seat.sign_in()
    seat.sync()
    assert seat.store.pending_count() == 0
    order = served.platform.order(sample_intake(1).number)
    assert order is not None
    assert order.history[-1].kind is K.ACCEPT
    expected = (L.SIGNED_IN, L.REVOKED, L.BLOCKED, L.ALLOWED, L.SIGNED_IN)
    # The commands run by the real clock: their lines stand elsewhere.
    assert sorted(outcomes(served)) == sorted(("dispatcher", each) for each in expected)
    seat.close()


@pytest.mark.fault("security.lost_computer")
def test_a_poll_that_waits_ends_with_its_session(served: RunningPlatform) -> None:
    zhou = Seat(served, "dispatcher")
    zhou.catch_up()

    def poll() -> None:
        asked = {"cursor": zhou.cursor, "wait": 20}
        zhou.refused("GET", "/v1/changes", 403, "device_blocked", params=asked)

    with ThreadPoolExecutor(1) as pool:
        polled = pool.submit(poll)
        assert Oversight(served.platform).revoke_device(zhou.device) is not None
        served.platform.dispatch([sample_intake(2)])
        polled.result(30)


@pytest.mark.fault("security.lost_computer")
def test_no_token_and_no_password_opens_a_computer_that_is_kept_out(
    served: RunningPlatform, clock: ManualClock
) -> None:
    """Nor one whose sessions are long over, nor under another person's account."""
    zhou, oversight = Seat(served, "dispatcher"), Oversight(served.platform)
    zhou.send("DELETE", "/v1/sessions", 200)
    clock.advance(timedelta(days=2))
    revoked = oversight.revoke_device(zhou.device)
    assert revoked is not None
    assert (revoked.ended, revoked.accounts) == (0, ("dispatcher",))
    spent = encode(Refresh(refresh_token=zhou.session.refresh_token, device_id=zhou.device))
    zhou.refused("POST", "/v1/sessions/refresh", 403, "device_blocked", data=spent)
    for account, password in (("dispatcher", PASSWORD), ("village", PASSWORD), ("nobody", "x")):
        login = Login(account=account, password=password, device_id=zhou.device)
        zhou.refused("POST", "/v1/sessions", 403, "device_blocked", data=encode(login))
    assert oversight.allow_device(zhou.device)
    zhou.sign_in()
    zhou.catch_up()
    assert zhou.orders


def test_a_lost_computer_says_nothing_of_passwords_and_does_not_flood_the_audit(
    served: RunningPlatform,
) -> None:
    entrance, oversight = Entrance(served.platform), Oversight(served.platform)
    assert tries(entrance, password=PASSWORD, device="lost") == ""
    assert oversight.revoke_device("lost") is not None
    said = {
        tries(entrance, account, word, "lost")
        for account in ("dispatcher", "geheim-2026")
        for word in (PASSWORD, "x")
    }
    assert said == {"device_blocked"}, "right or wrong, it sounds the same"
    for n in range(50):
        tries(entrance, f"guess-{n}", device="lost")
    turned_up = [login for login in oversight.logins(100) if login.outcome is L.BLOCKED]
    assert 0 < len(turned_up) <= 5
    assert {login.account for login in turned_up} <= {"dispatcher", "ge…", "gu…"}
    assert {login.address for login in turned_up} == {"192.0.2.1"}


def test_only_a_computer_somebody_signed_in_at_can_be_kept_out(served: RunningPlatform) -> None:
    assert command(served, "revoke-device", "no such") == 3
    assert command(served, "allow-device", "no such") == 3


@pytest.mark.fault("security.lost_computer")
def test_the_session_after_it_was_allowed_is_a_new_one(served: RunningPlatform) -> None:
    """A seat that slept through both is asked to sign in, and is not told that it is kept out."""
    zhou, oversight = Seat(served, "dispatcher"), Oversight(served.platform)
    assert oversight.revoke_device(zhou.device) is not None
    assert oversight.allow_device(zhou.device)
    zhou.refused("GET", "/v1/changes", 401, "device_revoked")
