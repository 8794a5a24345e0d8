"""The first-run dialog's side: who is there, signing in, and every way it can go wrong, in Chinese."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.ids import DeviceId
from sync.client import login
from sync.client.failures import FailureKind as K
from sync.protocol.codec import encode
from sync.protocol.messages import Session
from tests.support.canned import canned, hello_bytes, response
from tests.support.clock import ManualClock
from tests.support.platform import PASSWORD, RunningPlatform, running_platform
from tests.support.proxy import PORTAL

DEVICE = DeviceId("device-1")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path, ManualClock()) as platform:
        yield platform


def test_hello_names_the_center(running: RunningPlatform) -> None:
    greeting = login.hello(f"  {running.url}/ ")
    assert greeting.hello.center == "熊儿寨乡群众诉求处置中心"
    assert greeting.address == running.url


def test_signing_in(running: RunningPlatform) -> None:
    credentials = login.sign_in(running.url, " secretary ", PASSWORD, DEVICE, "书记办公室")
    assert credentials.person_id == "secretary"
    assert credentials.server_id == running.platform.server_id
    assert credentials.refresh_token


def test_a_session_of_another_server_than_the_one_that_said_hello_is_none() -> None:
    session = Session(
        access_token="a", refresh_token="r", expires_in=900, person_id="secretary",
        server_id="another", epoch="e", end="e",
    )  # fmt: skip

    def answer(request: bytes, _sock: socket.socket) -> bytes:
        if request.startswith(b"GET"):
            return response(hello_bytes())
        return response(encode(session), "201 Created")

    with canned(answer) as server, pytest.raises(login.LoginError) as error:
        login.sign_in(server.url, "secretary", PASSWORD, DEVICE, "书记办公室")
    assert error.value.kind is K.OTHER_SERVER


def test_a_wrong_password(running: RunningPlatform) -> None:
    with pytest.raises(login.LoginError) as error:
        login.sign_in(running.url, "secretary", "wrong", DEVICE, "书记办公室")
    assert error.value.kind is K.WRONG_PASSWORD
    assert error.value.title
    assert error.value.advice


def test_too_many_wrong_passwords_say_how_long_to_wait(running: RunningPlatform) -> None:
    errors = []
    for _ in range(12):
        with pytest.raises(login.LoginError) as error:
            login.sign_in(running.url, "secretary", "wrong", DEVICE, "书记办公室")
        errors.append(error.value)
    assert errors[-1].kind is K.TOO_MANY
    assert errors[-1].retry_after
    assert errors[-1].advice


def test_a_closed_account(running: RunningPlatform) -> None:
    running.platform.switch_account("leader", active=False)
    with pytest.raises(login.LoginError) as error:
        login.sign_in(running.url, "leader", PASSWORD, DEVICE, "坐席")
    assert error.value.kind is K.FORBIDDEN


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (PORTAL, K.NOT_PLATFORM),
        (response(b"{}"), K.NOT_PLATFORM),
        (response(hello_bytes(protocol_min=7, protocol_max=9)), K.TOO_NEW),
        (response(hello_bytes(protocol_min=0, protocol_max=0)), K.TOO_OLD),
    ],
)
def test_who_answers_is_not_what_was_looked_for(answer: bytes, kind: K) -> None:
    with canned(answer) as server, pytest.raises(login.LoginError) as error:
        login.sign_in(server.url, "secretary", PASSWORD, DEVICE, "坐席")
    assert error.value.kind is kind
    assert len(server.requests) == 1, "no password goes to whoever is not the platform"


def test_an_unencrypted_address_elsewhere_is_not_spoken_to_unless_allowed() -> None:
    with pytest.raises(login.LoginError) as error:
        login.hello("http://192.0.2.1:8440")
    assert error.value.kind is K.PLAIN
