"""What a round of the gateway did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """What a round did. ``problems`` are Chinese, without names or numbers of people."""

    taken: int = 0
    known: int = 0
    waiting: int = 0
    refused: int = 0
    prepared: int = 0
    sent: int = 0
    found: int = 0
    unsure: int = 0
    for_people: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def did_something(self) -> bool:
        """Whether records or results moved."""
        return bool(self.taken or self.refused or self.prepared or self.sent or self.found)
