"""Push: a batch of acts in one transaction.

It locks the orders in the order of their ids, looks up what is already known, judges act by act in
memory, writes acts, orders and holders, gives out feed positions last, and commits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Center, Person
from desktop_app.domain.ids import CENTER
from desktop_app.domain.orders import Order, Outcome
from sync.platform import act_store, chain, claims, feed, order_store, problems, store
from sync.platform.judging import Bench, Submitted
from sync.platform.order_cache import OrderCache
from sync.platform.proofs import LeftOut, folded, with_digests
from sync.protocol.codec import encode
from sync.protocol.messages import ActResult


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
    locked = order_store.lock_orders(db, township, subjects - {CENTER}, memory.orders)
    bench = Bench(
        person=person,
        center=center,
        received_at=received_at,
        known=act_store.known_acts(
            db, township, (s.act.id for s in batch if s.act.id.isprintable())
        ),
        orders=dict(locked),
        own_rejected=act_store.rejected_owners(db, township, _set_aside_targets(batch)),
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
    rows = act_store.save_acts(db, township, bench.verdicts, device_id, bench.received_at)
    act_store.settle_rejections(db, township, bench.settled)
    ids = sorted(bench.touched - {CENTER}, key=lambda i: (i not in first, i))
    changed = [bench.orders[i] for i in ids]
    claims.name(db, township, _new_files(changed, before))
    order_store.add_holders(db, township, _new_holders(changed, before))
    moved = (o for o in changed if o.matter.category != before[o.id].matter.category)
    order_store.save_matters(db, township, moved)
    if not bench.touched:
        chain.extend(db, township, chain.act_links(rows, {}))
        return []
    states = [encode(order) for order in changed]
    made: dict[str, bytes] = dict(zip(ids, states, strict=True))
    positions = feed.allocate(db, township, len(bench.touched))
    if CENTER in bench.touched:
        made[CENTER] = store.save_center(db, township, bench.center, positions[-1])
    written = list(zip(changed, positions, states, strict=False))
    order_store.save_orders(db, township, written)
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
