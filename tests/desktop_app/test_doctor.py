"""The doctor on sound, missing, damaged and held data, and on machines that lack parts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app import doctor
from desktop_app.checks import folder, line, qt, seat, years
from desktop_app.checks.result import Check, Level, broken, fine, warn
from desktop_app.domain.acts import ActKind
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.payloads import Text
from desktop_app.settings import SettingsFile
from desktop_app.single_instance import SingleInstance
from local_store import keys
from local_store.database import Database
from local_store.migrations import LATEST
from local_store.store import FILE_NAME
from sync.client import identity
from tests.support.clock import START, ManualClock
from tests.support.desk import KEY, NOW, Desk
from tests.support.platform import running_platform

NO_EGL = "libEGL.so.1: cannot open shared object file: No such file or directory"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A seat's folder with a store of the sample township, closed, its key in a file."""
    made = tmp_path / "seat"
    made.mkdir(mode=0o700)
    (made / keys.KEY_FILE).write_text(KEY.hex(), "ascii")
    (made / keys.KEY_FILE).chmod(0o600)
    Desk(made, 12).close()
    return made


@pytest.fixture
def no_qt(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that lacks one of Qt's libraries."""
    package = tmp_path / "lacking" / "PySide6"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"raise ImportError({NO_EGL!r})\n", "utf-8")
    return {**os.environ, "PYTHONPATH": str(package.parent)}


def worst(checks: list[Check]) -> Level:
    return max(check.level for check in checks)


def said(checks: list[Check]) -> str:
    return "\n".join(text for check in checks for text in check.lines())


# --- the whole ------------------------------------------------------------------------------------


def test_a_profile_that_does_not_exist_is_told_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        doctor.run(tmp_path / "no" / "seat", ManualClock()) == Level.WARN
    )  # nothing is shown here
    printed = capsys.readouterr().out
    assert "还没有建" in printed
    assert "本席还没有数据" in printed
    assert list(tmp_path.iterdir()) == []


def test_the_status_is_that_of_the_worst_finding() -> None:
    assert doctor.verdict([fine("好")])[0] is Level.FINE
    assert doctor.verdict([fine("好"), warn("留意"), fine("好")])[0] is Level.WARN
    level, words = doctor.verdict([warn("留意"), broken("坏"), broken("坏")])
    assert level is Level.BROKEN
    assert "2 处不对" in words


def test_it_runs_where_qt_cannot_be_loaded(no_qt: dict[str, str], profile: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "doctor", "--profile", str(profile)],
        env={**no_qt, "PYTHONIOENCODING": "utf-8"}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    printed = done.stdout.decode("utf-8")
    assert done.returncode == Level.BROKEN, done.stderr.decode()
    assert "✗ 界面库 Qt 装不上来。" in printed
    assert "apt install libegl1" in printed
    assert "✓ 本机数据文件完好。" in printed


def test_it_names_no_person(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(profile, 12)
    seat_ = desk.seat()
    seat_.record(desk.orders[0].id, ActKind.NOTE, Text("张女士说的"))
    center = desk.center
    desk.close()
    doctor.run(profile, ManualClock(NOW))
    printed = capsys.readouterr().out
    told = [p.name for p in center.people if p.name != "管理员"] + [o.number for o in desk.orders]
    told += [o.petitioner.name for o in desk.orders if o.petitioner.name]
    assert not [word for word in told if word in printed]
    assert str(Path.home()) not in printed or Path.home() == Path("/")


def test_a_console_without_the_marks_does_not_end_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "doctor", "--profile", str(tmp_path / "x")],
        env={**os.environ, "PYTHONIOENCODING": "gbk"}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == Level.WARN
    assert "本机数据" in done.stdout.decode("gbk")


# --- Qt, display, fonts ---------------------------------------------------------------------------


def test_qt_and_the_fonts_are_found_here() -> None:
    found = qt.check({**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert [check.level for check in found] == [Level.FINE, Level.WARN, Level.FINE]
    assert "不显示窗口" in said(found)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a display")
def test_without_a_display_the_fonts_are_still_tried() -> None:
    hidden = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    found = qt.check({k: v for k, v in os.environ.items() if k not in hidden})
    assert "没有屏幕" in found[1].text
    assert found[2].level is Level.FINE


def test_a_platform_plugin_that_aborts_ends_only_the_child() -> None:
    found = qt.check({**os.environ, "QT_QPA_PLATFORM": "no-such-plugin"})
    assert [check.level for check in found] == [Level.FINE, Level.BROKEN]


def test_missing_libraries_are_named_with_their_packages() -> None:
    lost = "cannot open shared object file"
    words = f"{NO_EGL}\n(libxcb-cursor.so.0: {lost}) (liboddity.so.3: {lost})"
    advice = qt.missing_libraries(words)
    assert "liboddity.so.3" in advice
    assert advice.endswith("apt install libegl1 libxcb-cursor0")
    assert qt.missing_libraries("could not connect to display") == ""


# --- the folder -----------------------------------------------------------------------------------


def test_a_sound_folder(profile: Path) -> None:
    before = sorted(profile.iterdir())
    assert worst(folder.check(profile)) is not Level.BROKEN
    assert sorted(profile.iterdir()) == before


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "seat").write_text("x")
    assert "不是文件夹" in said(folder.check(tmp_path / "seat"))
    assert "不是文件夹" in said(folder.check(tmp_path / "seat" / "below"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="rights do not bind root")
def test_a_folder_without_the_right_to_write(profile: Path) -> None:
    profile.chmod(0o500)
    try:
        assert "不能写" in said(folder.check(profile))
    finally:
        profile.chmod(0o700)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder nobody can write")
def test_a_disk_that_takes_no_files() -> None:
    assert worst(folder.check(Path("/proc/1/seat"))) is Level.BROKEN


def test_the_home_folder_is_not_spelt_out() -> None:
    assert folder.plain(Path.home() / "x" / "seat") == str(Path("~/x/seat"))


# --- the store ------------------------------------------------------------------------------------


def test_a_sound_store(profile: Path) -> None:
    found = seat.check(profile, NOW)
    (warned,) = (check for check in found.found if check.level is not Level.FINE)
    assert "密钥明放在数据目录的文件里" in warned.text
    assert "没有待上传的记录" in said(found.found)
    assert found.policy is not None


def test_a_key_others_can_read(profile: Path) -> None:
    (profile / keys.KEY_FILE).chmod(0o644)
    assert "别的账户也读得到" in said(seat.check(profile, NOW).found)


def test_waiting_records_are_counted_and_old_ones_warned_of(profile: Path) -> None:
    desk = Desk(profile, 12)
    desk.seat().record(desk.orders[0].id, ActKind.NOTE, Text("已到现场"))
    desk.close()
    soon, late = seat.check(profile, NOW), seat.check(profile, NOW + timedelta(days=3))
    assert "✓ 1 条记录待上传" in said(soon.found)
    assert "! 1 条记录待上传，最早的已等 3 天" in said(late.found)


def test_a_damaged_file_is_kept_as_it_is(profile: Path) -> None:
    (profile / FILE_NAME).write_bytes(b"not a database " * 4096)
    assert worst(seat.check(profile, NOW).found) is Level.BROKEN
    assert (profile / FILE_NAME).read_bytes().startswith(b"not a database")


def test_one_damaged_page_is_found(profile: Path) -> None:
    data = bytearray((profile / FILE_NAME).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = os.urandom(64)
    (profile / FILE_NAME).write_bytes(data)
    assert worst(seat.check(profile, NOW).found) is Level.BROKEN


def test_a_lost_key(profile: Path) -> None:
    (profile / keys.KEY_FILE).unlink()
    assert "密钥取不到" in said(seat.check(profile, NOW).found)


def test_a_store_of_a_newer_program(profile: Path) -> None:
    database = Database(profile / FILE_NAME, KEY)
    with database.write() as tx:
        tx.execute(f"PRAGMA user_version = {LATEST + 1}")
    database.close()
    assert "新版" in said(seat.check(profile, NOW).found)


def test_a_running_program_is_told(profile: Path, qapp: QApplication) -> None:
    instance = SingleInstance(profile)
    assert instance.take()
    assert seat.is_held(profile)
    assert "正开着这份数据" in said(seat.check(profile, NOW).found)
    instance.release()
    assert not seat.is_held(profile)


@pytest.mark.skipif(os.name != "posix", reason="there the lock is the open file itself")
@pytest.mark.parametrize("left", ["", "no number", "{dead}\njiban\n"])
def test_a_lock_left_behind_holds_nothing(profile: Path, left: str) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)
    (profile / seat.LOCK).write_text(left.format(dead=ended.pid), "utf-8")
    assert not seat.is_held(profile)


# --- the platform ---------------------------------------------------------------------------------


def test_no_address_yet() -> None:
    assert worst(line.check("", authority="", clock=SystemClock())) is Level.FINE


def test_the_platform_answers_and_the_clocks_agree(tmp_path: Path) -> None:
    with running_platform(tmp_path, SystemClock()) as platform:
        found = line.check(platform.url, authority="", clock=SystemClock())
    assert worst(found) is Level.FINE, said(found)
    assert "相差 0 秒" in said(found)


@pytest.mark.parametrize(
    ("ahead", "level", "words"),
    [
        (timedelta(minutes=5), Level.WARN, "快 5 分钟"),
        (timedelta(hours=-3), Level.WARN, "慢 3 小时"),
        (timedelta(days=2), Level.BROKEN, "快 2 天"),
    ],
)
def test_a_clock_that_is_wrong(tmp_path: Path, ahead: timedelta, level: Level, words: str) -> None:
    with running_platform(tmp_path, ManualClock(START)) as platform:
        found = line.check(platform.url, authority="", clock=ManualClock(START + ahead))
    assert worst(found) is level
    assert words in said(found)


def test_no_answer_is_a_warning_for_a_seat_works_on() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        found = line.check(address, authority="", clock=SystemClock())
    assert worst(found) is Level.WARN


def test_the_address_is_that_of_the_session_else_what_was_typed(profile: Path) -> None:
    SettingsFile(profile).change(address="typed:1", authority="own")
    assert doctor.address(profile, seat.check(profile, NOW)) == ("typed:1", "own")
    desk = Desk(profile, 1)
    kept = identity.Credentials(
        "https://kept:2", "a", desk.seat().person.id, "server-1", "t", "r", authority="kept"
    )
    identity.save_credentials(desk.store, kept)
    desk.close()
    assert doctor.address(profile, seat.check(profile, NOW)) == ("https://kept:2", "kept")


# --- the calendar ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "month", "level"),
    [
        ((2026, 2027), 11, Level.FINE),
        ((2026,), 10, Level.FINE),
        ((2026,), 11, Level.WARN),
        ((2025,), 3, Level.WARN),
    ],
)
def test_the_years_of_the_policy(
    profile: Path, known: tuple[int, ...], month: int, level: Level
) -> None:
    policy = seat.check(profile, NOW).policy
    assert policy is not None
    now = datetime(2026, month, 15, tzinfo=UTC)
    assert worst(years.check(replace(policy, calendar_years=known), now)) is level


def test_the_year_is_that_of_beijing(profile: Path) -> None:
    policy = seat.check(profile, NOW).policy
    assert policy is not None
    now = datetime(2025, 12, 31, 17, tzinfo=UTC)  # 2026 has begun there
    assert "2026" in said(years.check(replace(policy, calendar_years=(2025,)), now))
