"""How far work on a whole store is, told by whoever does it in the background; and breaking it off."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from local_store.database import Stopped

PIECE = 4 << 20


class Step(StrEnum):
    """What is being done. Until ``PLACE`` it may be broken off and everything is as it was."""

    READ = "read"  # what is not uploaded yet, from journal and old file
    COPY = "copy"  # the file to start from
    CHECK = "check"  # whether the copy is whole
    FILL = "fill"  # what was read goes in, or the new shape is made
    PLACE = "place"  # the new file takes the place of the old one


@dataclass(frozen=True, slots=True)
class Progress:
    """``share``: how much of this step is done, 0 to 1; None where nobody can tell."""

    step: Step
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """``told`` is called in the working thread; ``stop`` is asked now and then."""

    told: Callable[[Progress], object] = lambda _progress: None
    stop: Callable[[], bool] = lambda: False

    def say(self, step: Step, share: float | None = None) -> None:
        """Tell how far it is. Raises ``Stopped`` when it is to be broken off."""
        if self.stop():
            raise Stopped
        self.told(Progress(step, share))


UNWATCHED = Watch()


def copy_file(source: Path, target: Path, watch: Watch) -> None:
    """Copy a file, telling how far it is. Raises ``OSError``, ``Stopped``."""
    done = 0
    watch.say(Step.COPY, 0.0)
    with source.open("rb") as old, target.open("wb") as new:
        size = os.fstat(old.fileno()).st_size
        while piece := old.read(PIECE):
            new.write(piece)
            done += len(piece)
            watch.say(Step.COPY, min(1.0, done / max(size, 1)))
