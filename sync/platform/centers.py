"""The centers of the townships: decoded once per change, published with a feed position."""

from __future__ import annotations

import threading
from dataclasses import replace

from sqlalchemy import Connection

from desktop_app.domain.center import Center
from desktop_app.domain.ids import CENTER
from sync.platform import chain, feed, problems, store


class Centers:
    """What a process remembers of the centers. Safe to share between threads.

    An entry counts only for the feed position it was published at, so another process's change
    is seen.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, Center]] = {}

    def clear(self) -> None:
        """Forget all: the positions may be given out a second time."""
        with self._lock:
            self._known = {}

    def of(self, db: Connection, township: str) -> Center:
        """Return the center. Raises ``PlatformProblem`` when there is none."""
        memory = self._known  # when all is forgotten meanwhile, what is read here is, too
        position = feed.read_head(db, township).center_position
        with self._lock:
            known = self._known.get(township)
        if known is not None and known[0] == position:
            return known[1]
        loaded = store.load_center(db, township)
        if loaded is None:
            raise problems.no_center()
        with self._lock:
            memory[township] = (loaded[1], loaded[0])
        return loaded[0]


def publish(db: Connection, township: str, center: Center) -> None:
    """Write a center that is new or has changed; its revisions have no gaps."""
    before = store.load_center(db, township, lock=True)
    rev = before[0].rev + 1 if before else center.rev
    position = feed.allocate(db, township, 1)[0]
    state = store.save_center(db, township, replace(center, rev=rev), position)
    published = chain.Link(chain.What.CENTER, str(rev), CENTER, b"", state)
    chain.extend(db, township, [published])


def set_in_office(db: Connection, township: str, person_id: str, *, in_office: bool) -> None:
    """Let a person leave office or come back, where that changes anything."""
    loaded = store.load_center(db, township, lock=True)
    if loaded is None:
        return
    people = tuple(
        replace(p, active=in_office) if p.id == person_id else p for p in loaded[0].people
    )
    if people != loaded[0].people:
        publish(db, township, replace(loaded[0], people=people))
