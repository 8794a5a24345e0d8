"""Makes the two sounds beside it: ``python resources/sounds/make_sounds.py``. Sine tones, 16 kHz mono."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE = 16_000
# (frequency in Hz, seconds) each; 0 Hz is a rest. The alarm is the two-tone call of a telephone
# exchange, the reminder a single soft step: they must not be taken for one another.
ALARM = ((988, 0.14), (784, 0.14), (0, 0.06)) * 3
REMINDER = ((784, 0.12), (1047, 0.22))


def tone(frequency: float, seconds: float, loud: float) -> list[int]:
    """Return the samples of one tone, faded at both ends so that it does not click."""
    count = int(RATE * seconds)
    fade = RATE // 100
    samples = []
    for n in range(count):
        swell = min(1.0, n / fade, (count - n) / fade)
        samples.append(int(32767 * loud * swell * math.sin(2 * math.pi * frequency * n / RATE)))
    return samples


def write(path: Path, tones: tuple[tuple[int, float], ...], loud: float) -> None:
    """Write the tones as a WAV file."""
    samples = [s for frequency, seconds in tones for s in tone(frequency, seconds, loud)]
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


if __name__ == "__main__":
    here = Path(__file__).parent
    write(here / "alarm.wav", ALARM, 0.8)
    write(here / "reminder.wav", REMINDER, 0.45)
