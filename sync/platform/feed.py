"""The feed: positions in commit order, cursors nobody else can make, and proof of a lost history.

Every township has a feed of its own: positions, marks, epoch. A position is given out as the last
thing a transaction does, under the lock of the township's one row, so that whoever has read up to n
has everything up to n. Each commit leaves a random number beside its last position. A cursor carries
the number of the commit it stands on; when the platform does not know that number, its history is
not the one the cursor came from: the database was restored from a backup. The township then takes a
new epoch, and its seats send again what they kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from sync.platform.database import note_moved
from sync.platform.tables import center, feed_head, feed_marks

_MAC = 12


@dataclass(frozen=True, slots=True)
class Head:
    """Where the feed stands. ``center_position`` is 0 while no center is set up."""

    position: int
    epoch: str
    center_position: int


@dataclass(frozen=True, slots=True)
class Place:
    """What a cursor says: ``scope`` is the township, person, role and reach it was made for."""

    epoch: str
    position: int
    nonce: int
    scope: str


def new_epoch() -> str:
    return secrets.token_hex(8)


def scope_of(township: str, person_id: str, role: str, *, deputy: bool = False) -> str:
    """Return the short mark of who sees what: a changed role begins from the start, and so does
    the secretary's deputy when the authorisation begins and when it ends.
    """
    text = f"{township}\0{person_id}\0{role}" + ("\0deputy" if deputy else "")
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def seal(place: Place, key: bytes) -> str:
    """Return the opaque cursor of ``place``."""
    text = f"{place.epoch}.{place.position}.{place.nonce}.{place.scope}".encode()
    mac = hmac.digest(key, text, "sha256")[:_MAC]
    return base64.urlsafe_b64encode(mac + text).decode().rstrip("=")


def unseal(cursor: str, key: bytes) -> Place | None:
    """Return what ``cursor`` says, or None when it was not made with ``key``."""
    if not cursor or len(cursor) > 300:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mac, text = raw[:_MAC], raw[_MAC:]
        if not hmac.compare_digest(mac, hmac.digest(key, text, "sha256")[:_MAC]):
            return None
        epoch, position, nonce, scope = text.decode().split(".")
        return Place(epoch, int(position), int(nonce), scope)
    except ValueError:
        return None


_HERE = feed_head.c.township == bindparam("here")
_HEAD = (
    select(feed_head.c.position, feed_head.c.epoch, center.c.position)
    .select_from(feed_head.outerjoin(center, center.c.township == feed_head.c.township))
    .where(_HERE)
)
_POSITIONS = select(feed_head.c.township, feed_head.c.position)
_ADVANCE = (
    update(feed_head)
    .where(_HERE)
    .values(position=feed_head.c.position + bindparam("count"))
    .returning(feed_head.c.position)
)
_NONCE = (
    select(feed_marks.c.nonce)
    .where(feed_marks.c.township == bindparam("here"), feed_marks.c.position <= bindparam("at"))
    .order_by(feed_marks.c.position.desc())
    .limit(1)
)


def begin(db: Connection, township: str) -> None:
    """Make the feed of a new township."""
    db.execute(insert(feed_head), {"township": township, "position": 0, "epoch": new_epoch()})


def read_head(db: Connection, township: str) -> Head:
    position, epoch, center_position = db.execute(_HEAD, {"here": township}).one()
    return Head(position, epoch, center_position or 0)


def read_positions(db: Connection) -> dict[str, int]:
    """Return how far the feed of each township has come."""
    return {row.township: row.position for row in db.execute(_POSITIONS)}


def allocate(db: Connection, township: str, count: int) -> range:
    """Give out ``count`` positions. The last statements of a transaction but for their use."""
    last = int(db.execute(_ADVANCE, {"here": township, "count": count}).scalar_one())
    note_moved(db, township)
    mark = {"township": township, "position": last, "nonce": secrets.randbits(62)}
    db.execute(insert(feed_marks), mark)
    return range(last - count + 1, last + 1)


def renew_epoch(db: Connection, township: str, lost: str) -> None:
    """Take a new epoch in place of ``lost``, once however many notice at the same time."""
    renew = update(feed_head).where(_HERE, feed_head.c.epoch == bindparam("lost"))
    db.execute(renew.values(epoch=new_epoch()), {"here": township, "lost": lost})


def nonce_at(db: Connection, township: str, position: int) -> int:
    """Return the number of the commit that ``position`` stands on; 0 at the very beginning."""
    return int(db.execute(_NONCE, {"here": township, "at": position}).scalar() or 0)


def lost_history(db: Connection, township: str, place: Place, head: Head) -> bool:
    """Whether ``place`` stands on a commit that this database has never made."""
    if place.epoch != head.epoch or place.position == 0:
        return False
    return place.position > head.position or nonce_at(db, township, place.position) != place.nonce
