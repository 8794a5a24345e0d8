"""A lane is one kind of work with its own backoff: acts, pull, files up, files
down. A stuck lane holds up no other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sync.client.backoff import FLOOR, delay, longest


@dataclass(slots=True)
class Lane:
    """``wanted``: there is something to do; not before ``due``, and not before ``floor`` even when a
    person asks. ``since``: the first failure of those in a row. Times in monotonic seconds.
    """

    wanted: bool = True
    attempt: int = 0
    due: float = -math.inf
    failed_at: float = -math.inf
    since: float = -math.inf
    floor: float = -math.inf

    def ready(self, at: float) -> bool:
        return self.wanted and at >= self.due

    def waits_until(self) -> float:
        """Return when the lane becomes ready by itself; infinite when it has nothing to do."""
        return self.due if self.wanted else math.inf

    def back_off(
        self, at: float, jitter: float, retry_after: float | None = None, *, gone: bool = False
    ) -> None:
        """Try again later, later each time. ``gone``: for the line went away."""
        if self.attempt == 0:
            self.since = at
        self.wanted, self.failed_at = True, at
        self.floor = at + delay(0, 0.0, retry_after) if retry_after else -math.inf
        self.attempt += 1
        self.due = at + delay(
            self.attempt, jitter, retry_after, longest(at - self.since, gone=gone)
        )

    def pause(self, at: float) -> None:
        """Try again soon: something about the next try is different."""
        self.wanted, self.failed_at = True, at
        self.due = at + FLOOR

    def clear(self) -> None:
        self.attempt, self.due, self.failed_at, self.floor = 0, -math.inf, -math.inf, -math.inf

    def hurry(self, after: float) -> None:
        """Want it now, yet no sooner than ``after`` seconds since the last failure."""
        self.wanted = True
        self.shorten(after)

    def shorten(self, after: float) -> None:
        """Wait no longer than ``after`` seconds since the last failure, if there is something to do."""
        self.due = max(self.floor, min(self.due, self.failed_at + after))
