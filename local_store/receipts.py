"""Own acts that the platform took exactly as this seat folded them: their orders did not come back.

The view kept beside an order (``states.own``) then is the platform's state, but for the times of
receipt (see ``sync.protocol.folding``). Those are noted on the narrow row, and put into the bytes when
the order is next written, or in the background: an answer to 500 acts rewrites no order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.ids import CENTER
from local_store.tx import Tx
from sync.protocol import codec
from sync.protocol.folding import as_received, wire_time
from sync.protocol.messages import ActResult


@dataclass(frozen=True, slots=True)
class Settled:
    """Orders taken as folded here, and those whose whole state has to come: their digest differs."""

    taken: frozenset[str]
    wanted: frozenset[str]


def resolved(base: bytes, own: bytes | None, receipt: str) -> tuple[bytes, bytes | None]:
    """Return base and view as they are once the times of receipt are put in."""
    if not receipt or own is None:
        return base, own
    count, _, at = receipt.partition(" ")
    return as_received(own, int(count), at), None


def settle(
    tx: Tx,
    results: Sequence[ActResult],
    known: Mapping[str, tuple[str, int]],
    received_at: datetime | None,
) -> Settled:
    """Take the orders whose digest in ``results`` is that of the view kept here.

    ``known``: act id → (subject, seq) of the acts that were sent and wait for their result.
    """
    counts: Counter[str] = Counter()
    proofs: dict[str, ActResult] = {}
    for result in results:
        subject, _ = known.get(result.act_id, (CENTER, 0))
        counts[subject] += 1
        if result.state:
            proofs[subject] = result
    if not proofs or received_at is None:
        return Settled(frozenset(), frozenset(proofs))
    at = wire_time(received_at)
    rows = _views(tx, proofs)
    tx.many(
        "UPDATE orders SET rev = ?, pending = 0, own_digest = '', receipt = ?, stamp = stamp + 1"
        " WHERE id = ?",
        ((proofs[s].rev, f"{counts[s]} {at}", rowid) for s, rowid in rows.items()),
    )
    tx.many(
        "UPDATE acts SET status = 'done', pending = 0, outcome = ?, rev = ? WHERE seq = ?",
        (
            ((result.original or result.outcome).value, result.rev, known[result.act_id][1])
            for result in results
            if result.act_id in known and known[result.act_id][0] in rows
        ),
    )
    tx.wrote(2 * len(rows))
    return Settled(frozenset(rows), frozenset(proofs.keys() - rows.keys()))


def _views(tx: Tx, proofs: Mapping[str, ActResult]) -> dict[str, int]:
    """Return order id → row id of the orders whose view is what the platform says it has."""
    found = tx.all(
        "SELECT o.order_id, o.id, o.own_digest FROM json_each(?) j"
        " JOIN orders o ON o.order_id = j.value",
        (codec.encode(list(proofs)).decode(),),
    )
    return {
        order_id: rowid for order_id, rowid, digest in found if digest == proofs[order_id].state
    }


def put_in(tx: Tx, limit: int) -> int:
    """Put times of receipt into the bytes of up to ``limit`` orders; return of how many."""
    rows = tx.all(
        "SELECT o.id, o.receipt, s.base, s.own FROM orders o JOIN states s ON s.id = o.id"
        " WHERE o.receipt <> '' LIMIT ?",
        (limit,),
    )
    tx.many(
        "UPDATE states SET base = ?, own = ? WHERE id = ?",
        ((*resolved(base, own, receipt), rowid) for rowid, receipt, base, own in rows),
    )
    tx.many("UPDATE orders SET receipt = '' WHERE id = ?", ((row[0],) for row in rows))
    tx.wrote(2 * len(rows))
    return len(rows)
