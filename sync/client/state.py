"""What the screens see of the sync."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.client.failures import Problem


@dataclass(frozen=True, slots=True)
class SyncState:
    """``online``: the platform was reached last time; ``since``: since when that is so. Both times
    are platform time, aware UTC. ``waiting``: own acts not yet answered for good. ``problem``: what
    is wrong and what to do, None while all is well. ``signed_in`` False: a person has to sign in.
    """

    online: bool = False
    since: datetime | None = None
    last_sync: datetime | None = None
    waiting: int = 0
    problem: Problem | None = None
    signed_in: bool = False
