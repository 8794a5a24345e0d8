"""The demonstration around its windows: one per folder, the same address again, no seat left behind."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app import demo, demo_seats
from desktop_app.demo import arrival_seconds, dispatch_file, served_platform
from desktop_app.settings import SettingsFile
from desktop_app.single_instance import SingleInstance

CLOSE = """
import sys
from pathlib import Path
from desktop_app import demo_seats
demo_seats.close_seats(Path(sys.argv[1]))
"""


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "has_screen", lambda: True)


def call(folder: Path, **more: object) -> int:
    given: dict[str, object] = {"speed": 1.0, "orders": None, "policy": "pinggu", "out": None}
    return demo.run(argparse.Namespace(**{**given, "dir": folder, **more}))


@pytest.fixture
def open_seat(tmp_path: Path) -> Iterator[SingleInstance]:
    profile = tmp_path / "seats" / "shuji"
    profile.mkdir(parents=True)
    seat = SingleInstance(profile)
    assert seat.take()
    yield seat
    seat.release()


@pytest.mark.usefixtures("screen")
def test_a_second_one_in_the_same_folder_leaves_the_first_alone(
    tmp_path: Path, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    first = demo_seats.hold(tmp_path)
    assert first is not None
    demo_seats.prepare_seats(tmp_path, "http://127.0.0.1:1")
    assert call(tmp_path) == 0
    assert "已经开着" in capsys.readouterr().out
    assert SettingsFile(tmp_path / "seats" / "zhou").now.address == "http://127.0.0.1:1"
    assert not (tmp_path / "platform.db").exists()
    first.unlock()


@pytest.mark.usefixtures("screen")
def test_a_file_that_is_not_there_is_said_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tmp_path, orders=tmp_path / "none.csv") == 2
    assert "none.csv" in capsys.readouterr().out
    assert not (tmp_path / "platform.db").exists()


def test_without_a_screen_bad_options_are_said_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """QT_QPA_PLATFORM is offscreen here."""
    assert call(tmp_path, speed=0.0) == 2
    assert "--speed" in capsys.readouterr().out
    assert call(tmp_path, orders=tmp_path / "none.csv") == 2
    assert "none.csv" in capsys.readouterr().out
    (tmp_path / "file").touch()
    assert call(tmp_path / "file", orders=tmp_path / "file") == 2
    assert "--dir" in capsys.readouterr().out


@pytest.mark.slow
def test_a_bad_row_is_named_and_keeps_the_demonstration_from_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders, rubbish = tmp_path / "orders.csv", tmp_path / "orders.xlsx"
    orders.write_text("诉求内容,联系人\n门前的路塌了，请来看看。,张女士\n,李先生\n", "utf-8")
    rubbish.write_bytes(b"no table")
    with served_platform(tmp_path, "pinggu", 1.0) as (platform, _):
        for new, known in ((1, 0), (0, 1)):
            assert dispatch_file(platform, orders)
            told = capsys.readouterr()
            assert f"新派 {new} 件，已有 {known} 件，未派 1 行" in told.out
            assert "第 3 行" in told.err
        assert not dispatch_file(platform, rubbish)


@pytest.mark.slow
def test_the_platform_comes_back_where_it_was(tmp_path: Path) -> None:
    with served_platform(tmp_path, "pinggu", 1.0) as (_platform, before):
        pass
    with served_platform(tmp_path, "pinggu", 1.0) as (_platform, after):
        assert after == before


def test_seats_are_asked_to_close(tmp_path: Path, open_seat: SingleInstance, qtbot: QtBot) -> None:
    with qtbot.waitSignal(open_seat.quit_requested, timeout=20_000):
        ending = subprocess.Popen([sys.executable, "-c", CLOSE, str(tmp_path)])
    open_seat.release()
    assert ending.wait(timeout=20) == 0


def test_orders_arrive_by_center_time_but_never_too_fast_to_look_at() -> None:
    assert arrival_seconds(1.0) == 90.0
    assert arrival_seconds(120.0) == 60.0
    assert arrival_seconds(5000.0) == 20.0
