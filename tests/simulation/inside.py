"""What the checks read of the platform's own database. The only place here that knows its tables."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from desktop_app.domain.center import Center
from desktop_app.domain.ids import PersonId
from desktop_app.domain.intake import PLATFORM_ACTOR
from desktop_app.domain.orders import Outcome
from desktop_app.domain.roles import Role
from sync.platform import feed, store, tables
from sync.platform.platform import Platform


@dataclass(frozen=True, slots=True)
class News:
    """What the feed has had since a position: (state, position) of each order that changed."""

    position: int
    center: Center
    center_position: int
    orders: tuple[tuple[bytes, int], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the platform remembers of one act."""

    digest: str
    outcome: Outcome
    code: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cursor stands, and for whom it was made."""

    position: int
    person_id: PersonId
    role: Role


class Inside:
    """The database of one platform with one township."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._here = platform.township()

    def position(self) -> int:
        with self._platform.database.read() as db:
            return feed.read_head(db, self._here).position

    def news(self, after: int) -> News:
        t = tables.orders
        with self._platform.database.read() as db:
            head = feed.read_head(db, self._here)
            loaded = store.load_center(db, self._here)
            assert loaded is not None
            changed = select(t.c.state, t.c.position).where(t.c.position > after)
            rows = db.execute(changed.order_by(t.c.position)).all()
        states = tuple((bytes(row.state), row.position) for row in rows)
        return News(head.position, loaded[0], loaded[1], states)

    def place(self, cursor: str, center: Center) -> Place | None:
        """Return where ``cursor`` stands; None when it is of another epoch or of a lost history.

        Raises ``ValueError`` when the platform never made it.
        """
        place = feed.unseal(cursor, self._platform._key)
        if place is None:
            raise ValueError("the cursor cannot be read")
        with self._platform.database.read() as db:
            if not self._holds(db, place):
                return None
        for person in center.people:
            for deputy in (False, True):
                scope = feed.scope_of(self._here, person.id, person.role.value, deputy=deputy)
                if scope == place.scope:
                    return Place(place.position, person.id, person.role)
        return None

    def _holds(self, db: Connection, place: feed.Place) -> bool:
        head = feed.read_head(db, self._here)
        return place.epoch == head.epoch and not feed.lost_history(db, self._here, place, head)

    def judged(self) -> dict[str, Judged]:
        """Return every act of a person that was ever judged."""
        t = tables.acts
        chosen = select(t.c.act_id, t.c.digest, t.c.outcome, t.c.code)
        with self._platform.database.read() as db:
            rows = db.execute(chosen.where(t.c.person_id != PLATFORM_ACTOR.person_id)).all()
        return {r.act_id: Judged(r.digest, Outcome(r.outcome), r.code) for r in rows}

    def files(self) -> set[str]:
        """Return the SHA-256 of every complete file."""
        t = tables.files
        with self._platform.database.read() as db:
            return set(db.execute(select(t.c.sha256).where(t.c.complete.is_(True))).scalars())
