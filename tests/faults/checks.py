"""What every promise comes down to: nothing lost, nothing twice, everybody holds the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from tests.support.platform import RunningPlatform
from tests.support.synced import SyncedSeat

SYNC = b"POST /v1/sync"


def kinds(running: RunningPlatform, order_id: OrderId) -> list[ActKind]:
    """Return what the platform's history of an order consists of."""
    order = running.platform.order_by_id(order_id)
    assert order is not None
    return [entry.kind for entry in order.history]


def all_once(running: RunningPlatform, seat: SyncedSeat, most: int = 400) -> None:
    """Everything recorded is at the platform, once; revisions are gap-free; the seat holds the same."""
    seat.sync(most)
    for _ in range(5):  # what was just put off goes again within seconds
        if seat.store.pending_count():
            seat.clock.advance(timedelta(seconds=2))
            seat.sync(most)
    assert seat.store.pending_count() == 0
    for order_id in seat.orders():
        order = running.platform.order_by_id(order_id)
        assert order is not None
        ids = [entry.act_id for entry in order.history]
        assert len(ids) == len(set(ids))
        assert [entry.rev for entry in order.history] == list(range(1, order.rev + 1))
        assert seat.store.base(order_id) == order
        assert seat.store.view(order_id) == order


def backup(running: RunningPlatform, target: Path) -> str:
    """Copy the platform's database as an administrator would; return the copy's address."""
    source = running.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
    return f"sqlite:///{target}"


def standing(seat: SyncedSeat) -> tuple[object, ...]:
    """Return everything an answer that does not count must leave as it is."""
    store = seat.store
    return (
        store.sync_point(),
        [act.id for act in store.next_batch(10_000, seat.seat.person_id)],
        [store.base(order_id) for order_id in seat.orders()],
    )
