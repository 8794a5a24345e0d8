"""Times as the tables keep them: whole microseconds since 1970, UTC. Exact both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Return an aware time as microseconds."""
    return (moment - EPOCH) // _TICK


def from_us(us: int) -> datetime:
    """Return microseconds as an aware UTC time."""
    return EPOCH + timedelta(microseconds=us)
