"""Plays one short sound at a time with whatever the machine has; without anything it beeps or is silent.

PySide6-Essentials brings no multimedia. A player program that fails once is not asked again, and
sounds never come closer than ``GAP_SECONDS``: a desk at night hears an alarm, not a rattle.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, QProcess, Slot
from PySide6.QtWidgets import QApplication

import resources
from desktop_app.domain.clock import Clock, SystemClock

GAP_SECONDS = 2.0


class Sound(StrEnum):
    """The sounds there are; the value is the file's name."""

    ALARM = "alarm"  # a new order nobody has taken
    REMINDER = "reminder"  # something fell due


def _paplay(program: str, file: str, volume: int) -> list[str]:
    return [program, f"--volume={65536 * volume // 100}", file]


def _pw_play(program: str, file: str, volume: int) -> list[str]:
    return [program, f"--volume={volume / 100:.2f}", file]


def _aplay(program: str, file: str, _volume: int) -> list[str]:
    return [program, "-q", file]


_PROGRAMS: tuple[tuple[str, Callable[[str, str, int], list[str]]], ...] = (
    ("paplay", _paplay),
    ("pw-play", _pw_play),
    ("aplay", _aplay),
    ("afplay", lambda program, file, volume: [program, "-v", f"{volume / 100:.2f}", file]),
)


class SoundPlayer(QObject):
    """``enabled`` and ``volume`` (0–100) come from the settings. ``play`` never raises."""

    def __init__(
        self,
        *,
        enabled: bool = True,
        volume: int = 100,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._enabled, self._volume = enabled, volume
        self._clock = clock or SystemClock()
        self._last = -GAP_SECONDS
        self._players = [(path, make) for name, make in _PROGRAMS if (path := shutil.which(name))]
        self._process: QProcess | None = None
        self.played = 0

    @property
    def enabled(self) -> bool:
        return self._enabled

    def set_enabled(self, enabled: bool) -> None:
        """Sound on or off."""
        self._enabled = enabled
        if not enabled:
            self.stop()

    def set_volume(self, volume: int) -> None:
        """0–100; 0 is off."""
        self._volume = min(100, max(0, volume))

    def play(self, sound: Sound) -> bool:
        """Start a sound unless one was started just now; return whether one was."""
        now = self._clock.monotonic()
        if not self._enabled or self._volume == 0 or now - self._last < GAP_SECONDS:
            return False
        self._last = now
        self.played += 1
        if sys.platform == "win32":
            _play_on_windows(sound)
        elif self._players:
            self._start(sound)
        else:
            QApplication.beep()
        return True

    def _start(self, sound: Sound) -> None:
        self.stop()
        path, make = self._players[0]
        program, *arguments = make(path, _file(sound), self._volume)
        process = QProcess(self)
        # What a player has to say about a missing sound server is nothing for the terminal.
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start(program, arguments)

    @Slot(int)
    def _on_finished(self, code: int) -> None:
        if code != 0:
            self._give_up()
        self._forget()

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._give_up()
            self._forget()

    def _give_up(self) -> None:
        """This player does not work here: the next one is for the next sound, a beep for this one."""
        self._players = self._players[1:]
        QApplication.beep()

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()

    def stop(self) -> None:
        """End a sound that is playing; called at the end of the program."""
        process, self._process = self._process, None
        if process is not None and process.state() is not QProcess.ProcessState.NotRunning:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            process.kill()
            process.waitForFinished(500)
            process.deleteLater()


def _file(sound: Sound) -> str:
    return str(resources.path(f"sounds/{sound}.wav"))


def _play_on_windows(sound: Sound) -> None:
    import winsound

    play = getattr(winsound, "PlaySound", None)
    flags = getattr(winsound, "SND_FILENAME", 0) | getattr(winsound, "SND_ASYNC", 0)
    try:
        if play is not None:
            play(_file(sound), flags | getattr(winsound, "SND_NODEFAULT", 0))
    except RuntimeError:
        QApplication.beep()
