"""What the tour saw: a picture and a line per step, with both times."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.clock import Clock
from desktop_app.tour.seat import Seat, TourError


class Transcript:
    """Writes ``transcript.txt`` and the numbered pictures beside it as the tour goes on."""

    def __init__(self, out: Path, clock: Clock) -> None:
        self._out, self._clock = out, clock
        self._began = clock.monotonic()
        self.path = out / "transcript.txt"
        self.path.write_text("", encoding="utf-8")
        self.count = 0

    def now(self) -> datetime:
        return self._clock.now()

    def step(self, seat: Seat, title: str, saw: str = "", window: str = "main") -> None:
        """Take the picture of a step and note it."""
        self.count += 1
        name = f"{self.count:02d}-{seat.name}-{title}.png".replace("/", "-").replace(" ", "")
        seat.do("grab", file=str(self._out / name), window=window)
        self._line(f"{self.count:02d} [{seat.title}] {title}:{saw}({name})")

    def note(self, text: str) -> None:
        """Note something that has no picture."""
        self._line(f"   {text}")

    def failed(self, error: BaseException) -> None:
        """Note where it stopped."""
        self._line(f"停：{error}")

    def last_looks(self, *seats: Seat) -> None:
        """Take a picture of every seat that still answers, to see why it stopped."""
        for seat in seats:
            with contextlib.suppress(TourError):
                seat.do("grab", file=str(self._out / f"stopped-{seat.name}.png"))

    def _line(self, text: str) -> None:
        real = self._clock.monotonic() - self._began
        platform = self._clock.now().astimezone(SHANGHAI)
        line = f"{real:7.2f} 秒  平台时间 {platform:%m-%d %H:%M:%S}  {text}"
        print(line, flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
