"""The line to the platform: encrypted and verified, or nothing is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app import cli
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.ids import PersonId
from desktop_app.settings import SettingsFile
from sync.client.failures import FailureKind
from sync.client.identity import Credentials, load_credentials, save_credentials
from sync.client.mailbox import Note
from sync.platform.server import Certificate
from tests.support.certificates import make_authority
from tests.support.clock import START, ManualClock
from tests.support.platform import running_platform
from tests.support.synced import SyncedSeat


def kept_session(address: str, authority: str = "") -> Credentials:
    return Credentials(address, "zhou", PersonId("zhou"), "s", "access", "refresh", authority)


def online(seat: SyncedSeat) -> bool:
    return seat.states[-1].online


@pytest.mark.fault("security.plain_line")
@pytest.mark.parametrize(
    ("address", "authority", "kind"),
    [
        ("http://10.1.2.3:8440", "", FailureKind.PLAIN),
        ("https://10.1.2.3:8440", "no certificate", FailureKind.AUTHORITY),
    ],
)
def test_a_kept_session_over_a_line_that_may_not_be_used_sends_nothing_and_says_why(
    tmp_path: Path, address: str, authority: str, kind: FailureKind
) -> None:
    seat = SyncedSeat(tmp_path / "seat", ManualClock(START), "zhou", address)
    save_credentials(seat.store, kept_session(address, authority))
    seat.reopen()
    seat.try_once()
    seat.try_once()
    problem = seat.states[-1].problem
    assert problem is not None
    assert problem.kind is kind
    assert load_credentials(seat.store) is not None
    seat.close()


def test_a_seat_whose_authority_is_set_right_goes_on_by_itself(tmp_path: Path) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    certificate = Certificate(own.served)
    with running_platform(tmp_path, SystemClock(), certificate=certificate) as platform:
        seat = SyncedSeat(tmp_path / "seat", ManualClock(START), "dispatcher", platform.url)
        session = seat.sign_in_with(own.root.read_text())
        save_credentials(seat.store, replace(session, authority=""))
        seat.mailbox.post(Note.SIGNED_IN)
        seat.try_once()
        assert online(seat) is False
        save_credentials(seat.store, session)
        seat.mailbox.post(Note.SIGNED_IN)
        seat.turns()
        assert online(seat) is True
        seat.close()


def test_the_authority_of_the_command_line_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    profile = tmp_path / "profile"
    assert cli._trust(profile, str(own.root))
    own.root.unlink()
    assert "BEGIN CERTIFICATE" in SettingsFile(profile).now.authority
    assert not cli._trust(profile, str(own.root))
    assert "证书文件读不了" in capsys.readouterr().err
    assert "BEGIN CERTIFICATE" in SettingsFile(profile).now.authority
    assert cli._trust(profile, "")
    assert SettingsFile(profile).now.authority == ""
