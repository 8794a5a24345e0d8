"""Push and pull: a batch of acts in one transaction, then a page of the feed.

The transaction: lock the orders in the order of their ids, look up what is already known, judge
act by act in memory, write acts, orders and holders, give out feed positions last, commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Center, Person
from desktop_app.domain.ids import CENTER
from desktop_app.domain.intake import redacted
from desktop_app.domain.orders import Order, Outcome
from desktop_app.domain.roles import CENTER_ROLES
from sync.platform import chain, claims, feed, problems, store
from sync.platform.judging import Bench, Submitted
from sync.platform.order_cache import OrderCache
from sync.platform.proofs import LeftOut, folded, with_digests
from sync.platform.shelf import Shelf, key_of
from sync.protocol import packing
from sync.protocol.codec import decode_order, encode
from sync.protocol.messages import ActResult

PAGE_BYTES = 6 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process remembers between transactions: decoded centers (by township) and orders."""

    center_of: Callable[[Connection, str], Center]
    orders: OrderCache


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a batch. ``changed`` goes into the memory once the transaction is committed.

    ``held``: the highest device_seq held of the sender's device before it. What this batch brings must
    not hide from the seat that a backup has lost what came before it.
    """

    results: list[ActResult]
    changed: list[tuple[Order, int]]
    left_out: LeftOut | None = None
    held: int | None = None


def judge_batch(
    db: Connection,
    township: str,
    person: Person | None,
    device_id: str,
    batch: Sequence[Submitted],
    memory: Memory,
    received_at: datetime,
    *,
    folds: bool = False,
) -> Judged:
    """Judge ``batch`` in this transaction and write everything that came of it.

    ``folds``: the sender takes a digest for an order that these acts alone changed.
    """
    subjects = {s.act.subject for s in batch if s.act.subject.isprintable()}
    here = (db, township)
    center = fresh_center(*here, lock=True) if CENTER in subjects else memory.center_of(*here)
    locked = store.lock_orders(db, township, subjects - {CENTER}, memory.orders)
    bench = Bench(
        person=person,
        center=center,
        received_at=received_at,
        known=store.known_acts(db, township, (s.act.id for s in batch if s.act.id.isprintable())),
        orders=dict(locked),
        own_rejected=store.rejected_owners(db, township, _set_aside_targets(batch)),
    )
    results = [bench.judge(submitted) for submitted in batch]
    if person is not None:
        note_sender(db, township, bench, person, device_id)
    counts = folded(bench, locked) if folds else {}
    written = write(db, township, bench, locked, device_id, first=counts)
    changed = [(order, position) for order, position, _ in written]
    if not counts:
        return Judged(results, changed)
    states = {order.id: state for order, _, state in written[: len(counts)]}
    left_out = LeftOut(written[0][1], written[len(counts) - 1][1], received_at)
    return Judged(with_digests(bench, results, states, counts), changed, left_out)


def fresh_center(db: Connection, township: str, *, lock: bool = False) -> Center:
    """Return the center as this transaction sees it. Raises ``PlatformProblem`` when there is none."""
    loaded = store.load_center(db, township, lock=lock)
    if loaded is None:
        raise problems.no_center()
    return loaded[0]


def _set_aside_targets(batch: Sequence[Submitted]) -> Iterable[str]:
    for submitted in batch:
        target = submitted.act.payload.get("act_id")
        if submitted.act.kind is ActKind.SET_ASIDE and isinstance(target, str):
            yield target.replace("\0", "")


def note_sender(
    db: Connection, township: str, bench: Bench, person: Person, device_id: str
) -> None:
    """Remember up to which sequence number this device's acts are held, whoever brought them: a copy of
    its store may have. A device that is told of fewer than it knows takes this for a restored platform.
    """
    held = [
        v.submitted.act.device_seq
        for v in bench.verdicts
        if v.store or v.result.outcome is Outcome.DUPLICATE
    ]
    if held:
        highest = max(0, min(max(held), 2**53))
        store.note_device(db, township, device_id, person.id, highest)


def write(
    db: Connection,
    township: str,
    bench: Bench,
    before: dict[str, Order],
    device_id: str,
    *,
    first: Collection[str] = (),
) -> list[tuple[Order, int, bytes]]:
    """Write the acts, then what they changed; feed positions come last, those of ``first`` in a row.

    Return each changed order with its position and its bytes.
    """
    rows = store.save_acts(db, township, bench.verdicts, device_id, bench.received_at)
    store.settle_rejections(db, township, bench.settled)
    ids = sorted(bench.touched - {CENTER}, key=lambda i: (i not in first, i))
    changed = [bench.orders[i] for i in ids]
    claims.name(db, township, _new_files(changed, before))
    store.add_holders(db, township, _new_holders(changed, before))
    moved = (o for o in changed if o.matter.category != before[o.id].matter.category)
    store.save_matters(db, township, moved)
    if not bench.touched:
        chain.extend(db, township, chain.act_links(rows, {}))
        return []
    positions = feed.allocate(db, township, len(bench.touched))
    states = [encode(order) for order in changed]
    made: dict[str, bytes] = dict(zip(ids, states, strict=True))
    if CENTER in bench.touched:
        made[CENTER] = store.save_center(db, township, bench.center, positions[-1])
    written = list(zip(changed, positions, states, strict=False))
    store.save_orders(db, township, written)
    chain.extend(db, township, chain.act_links(rows, made))
    return written


def _new_holders(changed: Iterable[Order], before: dict[str, Order]) -> list[tuple[str, str]]:
    return [
        (order.id, person_id)
        for order in changed
        for person_id in order.past_handlers
        if person_id not in before[order.id].past_handlers
    ]


def _new_files(changed: Iterable[Order], before: dict[str, Order]) -> Iterable[claims.Named]:
    """Yield what the history names now: a refused act makes nothing readable."""
    for order in changed:
        known = {entry.act_id for entry in before[order.id].history}
        for entry in order.history:
            if entry.act_id not in known:
                by = entry.actor
                for sha256 in entry.files:
                    yield claims.Named(sha256, order.id, by.person_id, by.role)


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
    places = store.places(db, township, start, head.position, limit + 1, beside)
    sizes = accumulate(place.size for place in places[:limit])
    count = max(1, sum(size <= PAGE_BYTES for size in sizes))
    if len(places) < packing.FROM or count < packing.FROM:
        return None
    positions = [place.position for place in places[:count]]
    key = key_of(township, head.epoch, positions)
    packs = shelf.get(key)
    if packs is None:
        rows = store.page(db, township, start, positions[-1], count, None, beside)
        packs = list(packing.packed(bytes(row.state) for row in rows))
        if len(rows) == count:  # else one has moved on meanwhile, and comes with a later page
            shelf.put(key, packs)
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
    return store.page(db, township, start, last, limit + 1, own, beside)


def judged_orders(
    db: Connection, township: str, person: Person, results: Sequence[ActResult], page: Page
) -> list[msgspec.Raw]:
    """Return the orders of these results that the person's own feed does not bring.

    A deputy's signature may arrive when the authorisation is over; his seat still has to learn what
    became of it, or it would wait for that for ever.
    """
    if person.role in CENTER_ROLES:
        return []
    taken = [result.act_id for result in results if result.rev]
    sent = {bytes(order) for order in page.orders}
    rows = store.orders_of_acts(db, township, taken, person.id)
    states = (_for_role(row.state, person) if row.secret else bytes(row.state) for row in rows)
    return [msgspec.Raw(state) for state in states if state not in sent]


def _for_role(state: bytes, person: Person) -> bytes:
    if person.role in CENTER_ROLES:
        return bytes(state)
    return encode(redacted(decode_order(state), person.role))
