"""Running clocks of all open orders, for alerts and countdowns. Decoded once per change."""

from __future__ import annotations

import threading
from datetime import datetime

from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import ClockRun
from local_store import packs
from local_store.columns import NEVER
from local_store.heads import AlertHead, read_alert_head
from local_store.rows import ClockDue
from local_store.times import to_us
from local_store.tx import Tx
from sync.protocol import codec

_BODIES = (
    f"SELECT o.id, {packs.SHOWN} FROM json_each(?) j"  # noqa: S608 - own text
    f" JOIN orders o ON o.id = j.value{packs.JOIN}"
)
_OPEN = "SELECT id, stamp FROM orders WHERE open = 1 AND cur_safe <= ?"


class ClockBook:
    """Keeps the decoded clocks of each open order until its ``stamp`` changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[int, tuple[ClockDue, ...]]] = {}

    def due(self, tx: Tx, until: datetime | None) -> list[ClockDue]:
        """Return the running clocks whose internal due time is at or before ``until``."""
        bound = NEVER if until is None else to_us(until)
        wanted = tx.all(_OPEN, (bound,))
        with self._lock:
            self._read(tx, [w for w in wanted if self._stamp(w[0]) != w[1]])
            found = [due for rowid, _ in wanted for due in self._known[rowid][1]]
            if until is None:
                ids = {rowid for rowid, _ in wanted}
                self._known = {k: v for k, v in self._known.items() if k in ids}
        if until is not None:
            found = [due for due in found if due.clock.safe_due_at <= until]
        found.sort(key=lambda due: (due.clock.safe_due_at, due.number, due.clock.id))
        return found

    def _stamp(self, rowid: int) -> int | None:
        known = self._known.get(rowid)
        return known[0] if known is not None else None

    def _read(self, tx: Tx, changed: list[tuple[int, int]]) -> None:
        stamps = dict(changed)
        for rowid, data in tx.execute(_BODIES, (codec.encode(list(stamps)).decode(),)):
            head = read_alert_head(data)
            clocks = tuple(_due(head, clock) for clock in head.running)
            self._known[rowid] = (stamps[rowid], clocks)


def _due(head: AlertHead, clock: ClockRun) -> ClockDue:
    return ClockDue(
        order_id=OrderId(head.id),
        number=head.number,
        title=head.matter.title,
        village=head.place.village,
        tier=head.tier,
        tier_title=head.tier_title,
        tier_style=head.tier_style,
        stage=head.stage,
        holder=head.holder,
        clock=clock,
        paused=head.paused,
        insistent=head.insistent,
        dispatched_at=head.dispatched_at,
        round=head.round,
        people=tuple(PersonId(a.handler.person_id) for a in head.assignments),
        holders=tuple(map(PersonId, head.past_handlers)),
        to_sign=head.to_sign,
    )
