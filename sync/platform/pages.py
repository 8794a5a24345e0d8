"""Pages of the feed: what changed after a place in it, as whoever asks may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from desktop_app.domain.center import Person
from desktop_app.domain.intake import redacted
from desktop_app.domain.roles import CENTER_ROLES
from sync.platform import feed, page_store, store
from sync.platform.proofs import LeftOut
from sync.platform.shelf import Shelf, key_of
from sync.protocol import packing
from sync.protocol.codec import decode_order, encode
from sync.protocol.messages import ActResult

PAGE_BYTES = 6 * 1024 * 1024
LATE = timedelta(days=30)
"""How long after the end a deputy still learns what became of what he did."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``SyncAnswer`` with the states spliced in as the bytes they are stored as."""

    server_id: str
    epoch: str
    now: datetime
    pace: float
    cursor: str
    more: bool
    ack: int
    results: tuple[ActResult, ...]
    received_at: datetime | None
    orders: list[msgspec.Raw]
    packs: list[bytes]
    center: msgspec.Raw | None
    end: str


@dataclass(frozen=True, slots=True)
class Page:
    """What changed after a place in the feed, and the place to go on from."""

    epoch: str
    place: feed.Place
    more: bool
    orders: list[msgspec.Raw]
    center: msgspec.Raw | None
    packs: list[bytes] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.orders and not self.packs and self.center is None


def read_page(
    db: Connection,
    township: str,
    person: Person,
    place: feed.Place | None,
    head: feed.Head,
    limit: int,
    *,
    deputy: bool = False,
    left_out: LeftOut | None = None,
    shelf: Shelf | None = None,
) -> Page:
    """Return up to ``limit`` changed orders after ``place`` (None or another epoch: from the start).

    ``deputy``: the secretary's authorisation holds now, which opens all orders to this person. Who
    goes on from a place this side of ``left_out`` has those orders. ``shelf``: where packed pages lie,
    for who takes packs.
    """
    scope = feed.scope_of(township, person.id, person.role.value, deputy=deputy)
    fits = place is not None and place.epoch == head.epoch and place.scope == scope
    start = place.position if place is not None and fits else 0
    if place is not None and fits and start == head.position:
        return Page(head.epoch, place, False, [], None)
    own = None if deputy or person.role in CENTER_ROLES else person.id
    beside = (left_out.first, left_out.last) if left_out and fits else (0, 0)
    whole = shelf if person.role in CENTER_ROLES else None
    packed = _packed(db, township, head, start, limit, beside, whole) if whole else None
    states: list[msgspec.Raw] = []
    if packed is not None:
        packs, reached, more = packed
    else:
        packs = []
        rows = _rows(db, township, start, head.position, limit, own, beside)
        states, reached = _states(rows[:limit], person, start)
        more = len(rows) > len(states) if limit else head.position > start
    if not more:
        reached = head.position
    with_center = limit > 0 and (start == 0 or start < head.center_position <= reached)
    center = msgspec.Raw(store.center_bytes(db, township)) if with_center else None
    nonce = feed.nonce_at(db, township, reached)
    reached_place = feed.Place(head.epoch, reached, nonce, scope)
    return Page(head.epoch, reached_place, more, states, center, packs)


def _states(
    rows: Sequence[Row[*tuple[Any, ...]]], person: Person, start: int
) -> tuple[list[msgspec.Raw], int]:
    """Return as many states as a page holds, and the position of the last of them."""
    states: list[msgspec.Raw] = []
    size, reached = 0, start
    for row in rows:
        state = _for_role(row.state, person) if row.secret else bytes(row.state)
        size += len(state)
        if states and size > PAGE_BYTES:
            break
        states.append(msgspec.Raw(state))
        reached = row.position
    return states, reached


def _packed(
    db: Connection,
    township: str,
    head: feed.Head,
    start: int,
    limit: int,
    beside: tuple[int, int],
    shelf: Shelf,
) -> tuple[list[bytes], int, bool] | None:
    """Return a page's packs, the position of its last order, and whether more follow; None when
    there are too few orders to pack.
    """
    if limit < packing.FROM:
        return None
    age = shelf.age
    places = page_store.places(db, township, start, head.position, limit + 1, beside)
    sizes = accumulate(place.size for place in places[:limit])
    count = max(1, sum(size <= PAGE_BYTES for size in sizes))
    if len(places) < packing.FROM or count < packing.FROM:
        return None
    positions = [place.position for place in places[:count]]
    key = key_of(township, head.epoch, positions)
    packs = shelf.get(key)
    if packs is None:
        rows = page_store.page(db, township, start, positions[-1], count, None, beside)
        packs = list(packing.packed(bytes(row.state) for row in rows))
        if len(rows) == count:  # else one has moved on meanwhile, and comes with a later page
            shelf.put(key, packs, age)
    return packs, positions[-1], len(places) > count


def _rows(
    db: Connection,
    township: str,
    start: int,
    last: int,
    limit: int,
    own: str | None,
    beside: tuple[int, int],
) -> Sequence[Row[*tuple[Any, ...]]]:
    if not limit or (beside[0] <= start + 1 and beside[1] == last):
        return []
    return page_store.page(db, township, start, last, limit + 1, own, beside)


def judged_orders(
    db: Connection,
    township: str,
    person: Person,
    deputy_until: datetime | None,
    results: Sequence[ActResult],
    page: Page,
    now: datetime,
) -> list[msgspec.Raw]:
    """Return the orders of these results that the person's own feed does not bring.

    A deputy's signature may arrive when the authorisation is over; his seat still has to learn what
    became of it. Not for ever, and nobody else: acts can be sent again, and each would show how its
    order stands now to somebody whom it no longer concerns.
    """
    if person.role in CENTER_ROLES or deputy_until is None or now - deputy_until > LATE:
        return []
    taken = [result.act_id for result in results if result.rev]
    sent = {bytes(order) for order in page.orders}
    rows = page_store.orders_of_acts(db, township, taken, person.id)
    states = (_for_role(row.state, person) if row.secret else bytes(row.state) for row in rows)
    return [msgspec.Raw(state) for state in states if state not in sent]


def _for_role(state: bytes, person: Person) -> bytes:
    if person.role in CENTER_ROLES:
        return bytes(state)
    return encode(redacted(decode_order(state), person.role))
