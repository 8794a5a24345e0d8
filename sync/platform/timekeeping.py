"""Platform time. In a demonstration it runs faster than the wall, and must still never go back.

The serving process leaves a note of where its time stands. Another process (the command line) and
the next start read it, so that all of them agree.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from desktop_app.domain.clock import Clock, ScaledClock

KEY = "clock"
FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ClockNote:
    """Platform time and wall time at one moment, both ISO, and the pace at which it ran on."""

    platform: str
    wall: str
    pace: float
    running: bool

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_text(text: str) -> ClockNote | None:
        try:
            data = json.loads(text)
            datetime.fromisoformat(data["platform"])
            datetime.fromisoformat(data["wall"])
            return ClockNote(
                data["platform"], data["wall"], float(data["pace"]), bool(data["running"])
            )
        except (ValueError, KeyError, TypeError):
            return None


def note_of(clock: Clock, wall: Clock, *, running: bool) -> ClockNote:
    return ClockNote(clock.now().isoformat(), wall.now().isoformat(), pace_of(clock), running)


def pace_of(clock: Clock) -> float:
    """Return how many platform seconds pass in a real one."""
    return float(getattr(clock, "speed", 1.0))


def continued(note: ClockNote | None, wall: Clock, speed: float | None) -> Clock:
    """Return the clock to go on with. ``speed`` None: whatever pace is already in use.

    A scaled clock goes on from the note, never behind it; while nobody serves, it stands still.
    """
    if note is None or (note.pace == 1.0 and speed in (None, 1.0)):
        return wall if speed in (None, 1.0) else ScaledClock(wall, speed or 1.0)
    pace = note.pace if speed is None else speed
    return ScaledClock(wall, pace, max(wall.now(), _reached(note, wall)))


def _reached(note: ClockNote, wall: Clock) -> datetime:
    platform = datetime.fromisoformat(note.platform)
    since = wall.now() - datetime.fromisoformat(note.wall)
    if not note.running or not timedelta() < since < FRESH:
        return platform
    return platform + since * note.pace
