"""What can happen to one request on its way, and how often."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Mishap(StrEnum):
    """Everything but a plain delivery. Requests are cut off, answers too; a proxy may answer itself."""

    REFUSED = "refused"
    NO_ROUTE = "no_route"
    SWALLOWED = "swallowed"  # the request never arrives, nobody says so
    LATE = "late"  # the request arrives when its sender has long given up
    RESET = "reset"  # the connection breaks before the request is through
    HALF_REQUEST = "half_request"
    BENT_REQUEST = "bent_request"  # one bit flipped
    TWICE = "twice"  # the request is delivered again, perhaps much later
    NO_ANSWER = "no_answer"  # the platform did it, the answer is lost
    HALF_ANSWER = "half_answer"  # and everybody can see it
    SHORT_ANSWER = "short_answer"  # cut, with no sign of it but the digest
    BENT_ANSWER = "bent_answer"
    PORTAL = "portal"  # a web page instead
    FOREIGN = "foreign"  # somebody else's JSON
    EMPTY = "empty"
    SERVER_ERROR = "server_error"
    TOO_MANY = "too_many"
    STRANGER = "stranger"  # another platform at the address


M = Mishap
USUAL: dict[Mishap, float] = {
    M.REFUSED: 3, M.NO_ROUTE: 1, M.SWALLOWED: 3, M.LATE: 4, M.RESET: 3, M.HALF_REQUEST: 3,
    M.BENT_REQUEST: 2, M.TWICE: 6, M.NO_ANSWER: 6, M.HALF_ANSWER: 3, M.SHORT_ANSWER: 3,
    M.BENT_ANSWER: 3, M.PORTAL: 2, M.FOREIGN: 1, M.EMPTY: 1, M.SERVER_ERROR: 3, M.TOO_MANY: 1,
    M.STRANGER: 0.2,
}  # fmt: skip


@dataclass
class Weather:
    """Of one line. ``bad``: the share of requests to which something happens; ``down``: no line."""

    dice: random.Random
    bad: float = 0.0
    latency: tuple[float, float] = (0.02, 0.08)
    bytes_per_second: float = 4e6
    down: bool = False
    cut: bool = False  # for good, until the end
    weights: Mapping[Mishap, float] = field(default_factory=lambda: dict(USUAL))

    def mishap(self) -> Mishap | None:
        """Return what happens to the next request; None: nothing."""
        if self.down or self.cut:
            return self.dice.choice((M.REFUSED, M.NO_ROUTE, M.SWALLOWED))
        if self.dice.random() >= self.bad:
            return None
        kinds = list(self.weights)
        return self.dice.choices(kinds, [self.weights[kind] for kind in kinds])[0]

    def delay(self, size: int) -> float:
        """Return the seconds that ``size`` bytes take one way."""
        return self.dice.uniform(*self.latency) + size / self.bytes_per_second

    def clear(self) -> None:
        """A good line from now on."""
        self.bad, self.down, self.cut = 0.0, False, False
        self.latency, self.bytes_per_second = (0.02, 0.08), 4e6
