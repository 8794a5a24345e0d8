"""The command line: what is asked for, and what is said when there is no screen."""

import subprocess
import sys

import pytest

from desktop_app import cli


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("即办台 ")


def test_without_a_screen_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert cli.main([]) == 1
    assert "jiban tour" in capsys.readouterr().err


def test_every_command_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("demo", "tour", "platform", "doctor", "--profile"))


@pytest.mark.slow
def test_the_first_paint_imports_no_store_and_no_network() -> None:
    code = (
        "import sys; import desktop_app.cli, desktop_app.app;"
        "print([m for m in ('sqlalchemy','requests','local_store.store','sync.client',"
        "'apscheduler','msgspec') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
