"""What lies on the disk is for the user it belongs to, also where the system lets others look by default."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app import app, cli
from desktop_app.settings import SettingsFile
from sync.platform.uploads import Uploads
from tests.support.clock import ManualClock
from tests.support.platform import make_platform

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="rights of another kind"),
    pytest.mark.fault("security.other_users"),
]


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """A system that lets everybody read what anybody writes."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Return what others can reach below ``folder``: what lies in a closed one they cannot."""
    found: list[str] = []
    for path, folders, names in os.walk(folder):
        inside = [Path(path) / name for name in (*folders, *names)]
        found += [str(each.relative_to(folder)) for each in inside if each.lstat().st_mode & 0o077]
        folders[:] = [f for f in folders if (Path(path) / f).stat().st_mode & 0o077]
    return sorted(found)


def test_the_platform_s_database_and_files(tmp_path: Path) -> None:
    platform = make_platform(str(tmp_path / "platform.db"), ManualClock())
    uploads = Uploads(platform, tmp_path / "platform.db.files")
    uploads.check()
    uploads.create(platform.caller("village"), "0" * 64, 5)
    assert open_to_others(tmp_path) == []
    platform.close()


def test_a_database_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    make_platform(str(tmp_path / "platform.db"), ManualClock()).close()
    (tmp_path / "platform.db").chmod(0o640)
    platform = make_platform(str(tmp_path / "platform.db"), ManualClock())
    assert (tmp_path / "platform.db").stat().st_mode & 0o777 == 0o640
    assert platform.townships()
    platform.close()


@pytest.mark.parametrize("there", [True, False])
def test_a_seat_s_profile(tmp_path: Path, *, there: bool) -> None:
    profile = tmp_path / "seat"
    if there:
        profile.mkdir()
    app.close_to_others(profile)
    assert open_to_others(tmp_path) == []


def test_settings_written_before_the_first_start(tmp_path: Path) -> None:
    SettingsFile(tmp_path / "seat").change(account="zhou")
    assert open_to_others(tmp_path) == []


def test_what_the_command_line_makes(tmp_path: Path) -> None:
    made = ["platform", "sample", "--orders", "1", "--database", str(tmp_path / "p.db")]
    assert cli.main(made) == 0
    assert open_to_others(tmp_path) == []
