"""Signing in, rotating tokens, answers that got lost, copied tokens, disabled accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from desktop_app.domain.acts import ActKind as K
from sync.protocol.codec import decode, encode
from sync.protocol.messages import Session
from tests.support.clock import ManualClock
from tests.support.platform import PASSWORD, RunningPlatform
from tests.sync.platform.conftest import act_on, order_of
from tests.sync.platform.seats import Seat

Seats = Callable[..., Seat]


def refresh(seat: Seat, token: str) -> Session:
    body = {"refresh_token": token, "device_id": seat.device}
    return decode(seat.post("/v1/sessions/refresh", body).content, Session)


def refused(seat: Seat, token: str, code: str = "session_ended", device: str = "") -> None:
    body = encode({"refresh_token": token, "device_id": device or seat.device})
    seat.refused("POST", "/v1/sessions/refresh", 401, code, data=body)


def login(account: str, password: str, device: str = "d") -> bytes:
    return encode({"account": account, "password": password, "device_id": device})


def test_tokens_are_stored_only_as_hashes(seat: Seats, served: RunningPlatform) -> None:
    zhou = seat("dispatcher")
    with served.platform.database.read() as db:
        rows = db.exec_driver_sql("select * from tokens").all()
        people = db.exec_driver_sql("select * from accounts").all()
    stored = repr(rows) + repr(people)
    assert zhou.session.access_token not in stored
    assert zhou.session.refresh_token not in stored
    assert f"'{PASSWORD}'" not in stored


def test_an_access_token_lives_a_quarter_of_an_hour(seat: Seats, clock: ManualClock) -> None:
    zhou = seat("dispatcher")
    clock.advance(timedelta(minutes=14))
    zhou.sync()
    clock.advance(timedelta(minutes=2))
    zhou.refused("GET", "/v1/changes", 401, "token_expired")
    zhou.use(refresh(zhou, zhou.session.refresh_token))
    zhou.sync()


def test_a_lost_answer_can_be_asked_for_again_days_later(seat: Seats, clock: ManualClock) -> None:
    zhou = seat("dispatcher")
    old = zhou.session.refresh_token
    refresh(zhou, old)  # the answer never arrives
    clock.advance(timedelta(days=3))
    refresh(zhou, old)  # nor does this one
    clock.advance(timedelta(days=3))
    zhou.use(refresh(zhou, old))
    zhou.sync()


def test_two_refreshes_at_once_both_work(seat: Seats) -> None:
    zhou = seat("dispatcher")
    old = zhou.session.refresh_token
    first, second = refresh(zhou, old), refresh(zhou, old)
    for session in (second, first):
        zhou.use(session)
        zhou.sync()
    refresh(zhou, second.refresh_token)


def test_a_spent_token_that_turns_up_later_ends_the_session(
    seat: Seats, clock: ManualClock
) -> None:
    zhou = seat("dispatcher")
    old = zhou.session.refresh_token
    zhou.use(refresh(zhou, old))
    zhou.sync()
    clock.advance(timedelta(minutes=5))
    refused(zhou, old)
    zhou.refused("GET", "/v1/changes", 401, "not_signed_in")
    refused(zhou, zhou.session.refresh_token)


def test_a_spent_token_is_good_for_another_minute(seat: Seats, clock: ManualClock) -> None:
    """Two requests were on their way at once: the second one signs nobody out."""
    zhou = seat("dispatcher")
    old = zhou.session.refresh_token
    zhou.use(refresh(zhou, old))
    zhou.sync()
    clock.advance(timedelta(seconds=50))
    zhou.use(refresh(zhou, old))
    zhou.sync()


def test_a_refresh_token_is_good_for_its_device_only(seat: Seats) -> None:
    zhou = seat("dispatcher")
    refused(zhou, zhou.session.refresh_token, device="another")
    refused(zhou, zhou.session.access_token)
    refused(zhou, "nonsense")
    zhou.http.headers["Authorization"] = f"Bearer {zhou.session.refresh_token}"
    zhou.refused("GET", "/v1/changes", 401, "not_signed_in")


def test_after_ninety_days_one_signs_in_again(seat: Seats, clock: ManualClock) -> None:
    zhou = seat("dispatcher")
    clock.advance(timedelta(days=91))
    refused(zhou, zhou.session.refresh_token)


def test_signing_out_ends_both_tokens(seat: Seats) -> None:
    zhou = seat("dispatcher")
    zhou.send("DELETE", "/v1/sessions", 200)
    zhou.refused("GET", "/v1/changes", 401, "not_signed_in")
    refused(zhou, zhou.session.refresh_token)


def test_a_disabled_account_is_out_at_once_and_its_acts_are_refused(seat: Seats) -> None:
    zhou, sun = seat("dispatcher"), seat("dispatcher2")
    platform = zhou.served.platform
    assert platform.switch_account("dispatcher", active=False)
    zhou.refused("GET", "/v1/changes", 401, "not_signed_in")
    zhou.refused(
        "POST", "/v1/sessions", 403, "account_disabled", data=login("dispatcher", PASSWORD)
    )
    center = sun.sync().center
    assert center is not None
    assert [p.active for p in center.people if p.id == "dispatcher"] == [False]
    assert platform.switch_account("dispatcher", active=True)
    zhou.sign_in()
    assert zhou.push(act_on(zhou, order_of(platform), K.ACCEPT))[0].outcome == "applied"
    assert not platform.switch_account("nobody", active=True)


def test_a_new_password_ends_the_old_sessions(seat: Seats) -> None:
    zhou = seat("dispatcher")
    assert zhou.served.platform.change_password("dispatcher", "another secret")
    zhou.refused("GET", "/v1/changes", 401, "not_signed_in")
    zhou.refused("POST", "/v1/sessions", 401, "wrong_password", data=login("dispatcher", PASSWORD))
    zhou.send("POST", "/v1/sessions", 201, data=login("dispatcher", "another secret"))


@pytest.mark.parametrize("account", ["dispatcher2", "nobody", "", "a\0b", "x" * 5000])
def test_wrong_passwords_have_to_wait_longer_each_time(
    seat: Seats, clock: ManualClock, account: str
) -> None:
    zhou = seat("dispatcher")
    body = login(account, "wrong")
    for _ in range(4):
        zhou.refused("POST", "/v1/sessions", 401, "wrong_password", data=body)
    waits = []
    for _ in range(3):
        answer = zhou.send("POST", "/v1/sessions", 429, data=body)
        waits.append(int(answer.headers["retry-after"]))
        clock.advance(timedelta(seconds=waits[-1]))
        zhou.refused("POST", "/v1/sessions", 401, "wrong_password", data=body)
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    # Nobody else has to wait for it.
    zhou.send("POST", "/v1/sessions", 201, data=login("dispatcher", PASSWORD))


def test_the_right_password_clears_the_count(seat: Seats) -> None:
    zhou = seat("dispatcher")
    for _ in range(3):
        for _ in range(3):
            body = login("dispatcher", "wrong")
            zhou.refused("POST", "/v1/sessions", 401, "wrong_password", data=body)
        zhou.send("POST", "/v1/sessions", 201, data=login("dispatcher", PASSWORD))


@pytest.mark.parametrize("device", ["", "x" * 65, "a\0b"])
def test_a_device_needs_a_usable_name(seat: Seats, device: str) -> None:
    body = login("dispatcher", PASSWORD, device)
    seat("dispatcher").refused("POST", "/v1/sessions", 400, "unreadable", data=body)
