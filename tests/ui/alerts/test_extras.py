"""Sound and tray: extras that never fail and never spam."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

import resources
from tests.support.clock import ManualClock
from ui.sound.player import Sound, SoundPlayer
from ui.theme.theme import Theme
from ui.tray.tray import Tray


def program(folder: Path, code: int) -> str:
    """A stand-in for a sound player of the machine that ends with ``code``."""
    path = folder / f"play-{code}"
    path.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def player(clock: ManualClock, *paths: str) -> SoundPlayer:
    made = SoundPlayer(clock=clock)
    made._players = [(path, lambda p, file, _volume: [p, file]) for path in paths]
    return made


def test_sounds_keep_their_distance_and_can_be_off(qtbot: QtBot) -> None:
    clock = ManualClock()
    sound = player(clock)
    assert sound.play(Sound.ALARM)
    assert not sound.play(Sound.REMINDER)
    clock.advance(timedelta(seconds=3))
    assert sound.play(Sound.REMINDER)
    clock.advance(timedelta(seconds=3))
    sound.set_volume(0)
    assert not sound.play(Sound.ALARM)
    sound.set_volume(80)
    sound.set_enabled(False)
    assert not sound.play(Sound.ALARM)
    assert sound.played == 2


def test_a_player_that_fails_is_not_asked_again(qtbot: QtBot, tmp_path: Path) -> None:
    clock = ManualClock()
    good = program(tmp_path, 0)
    sound = player(clock, program(tmp_path, 1), str(tmp_path / "missing"), good)
    for left in (2, 1, 1):
        sound.play(Sound.ALARM)
        qtbot.waitUntil(lambda: sound._process is None)
        assert len(sound._players) == left
        clock.advance(timedelta(seconds=3))
    sound.stop()


def test_stopping_ends_a_sound_that_plays(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_text("#!/bin/sh\nexec tail -f /dev/null\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    sound = player(ManualClock(), str(path))
    sound.play(Sound.ALARM)
    process = sound._process
    assert process is not None
    qtbot.waitUntil(lambda: process.state() is QProcess.ProcessState.Running)
    sound.stop()
    assert sound._process is None


@pytest.mark.parametrize("sound", Sound)
def test_the_sounds_are_shipped_and_short(sound: Sound) -> None:
    data = resources.read_bytes(f"sounds/{sound}.wav")
    assert data[:4] == b"RIFF"
    assert len(data) < 64_000


def test_without_a_tray_nothing_is_shown(qtbot: QtBot, theme: Theme) -> None:
    tray = Tray(theme)
    tray.start()
    assert not tray.available
    tray.set_counts(4, 1)
    assert tray.words() == "即办台：提醒 4 件，其中超时 1 件"
    assert not tray.pixmap().isNull()
    tray.stop()
