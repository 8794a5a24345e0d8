"""Orders that need not go back to who changed them: the sender has folded them, and gets a digest.

See ``sync.protocol.folding``. An order qualifies when the batch alone changed it, act after act, on the
very state its sender had; it then stands at a position of the feed that this sender's page leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from desktop_app.domain.center import Person
from desktop_app.domain.ids import OrderId
from desktop_app.domain.intake import redacted
from desktop_app.domain.orders import Order, Outcome
from sync.platform.judging import Bench
from sync.protocol.folding import as_folded, state_digest
from sync.protocol.messages import ActResult


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The feed positions ``first`` to ``last`` hold orders whose digests are in the results."""

    first: int
    last: int
    received_at: datetime


def folded(bench: Bench, before: Mapping[str, Order]) -> dict[OrderId, int]:
    """Return order id → number of acts of the orders whose sender has the state already."""
    counts: dict[OrderId, int] = {}
    spoilt: set[OrderId] = set()
    for verdict in bench.verdicts:
        act, result = verdict.submitted.act, verdict.result
        order = before.get(act.subject)
        if order is None:
            continue
        counts[order.id] = counts.get(order.id, 0) + 1
        follows = act.base_rev == order.rev and result.rev == order.rev + counts[order.id]
        if not (verdict.store and follows and result.outcome is Outcome.APPLIED):
            spoilt.add(order.id)
    person = bench.person
    return {
        order_id: count
        for order_id, count in counts.items()
        if order_id not in spoilt and person is not None and _whole(bench.orders[order_id], person)
    }


def _whole(order: Order, person: Person) -> bool:
    """Whether this person is sent the order as it is."""
    return redacted(order, person.role) is order


def with_digests(
    bench: Bench,
    results: Sequence[ActResult],
    states: Mapping[OrderId, bytes],
    counts: Mapping[OrderId, int],
) -> list[ActResult]:
    """Return the results; the last one of each order in ``counts`` carries its digest."""
    last = {v.submitted.act.subject: n for n, v in enumerate(bench.verdicts)}
    proved = list(results)
    for order_id, count in counts.items():
        n = last[order_id]
        digest = state_digest(as_folded(states[order_id], count))
        proved[n] = replace(proved[n], state=digest)
    return proved
