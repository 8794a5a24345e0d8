"""A real store filled with the sample township, for tests and pictures of the screens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center
from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import ActId, OrderId, PersonId
from desktop_app.domain.intake import new_order
from desktop_app.domain.orders import Order
from desktop_app.services.seat import Seat
from local_store.store import Store
from resources.sample import sample_center, sample_lives
from sync.protocol.messages import SyncAnswer
from tests.support.clock import ManualClock

NOW = datetime(2026, 11, 20, 1, 42, tzinfo=UTC)  # 09:42 in Shanghai, a Friday
KEY = bytes(range(32))
SERVER, EPOCH = "server-1", "epoch-1"


def sample_orders(center: Center, now: datetime, count: int) -> list[Order]:
    """Return ``count`` sample orders over all stages, by the rules themselves."""
    orders = []
    for n, life in enumerate(sample_lives(center, now, count)):
        order = new_order(
            life.intake, center, OrderId(f"order-{n}"), ActId(f"dispatch-{n}"), life.dispatched_at
        )
        for act in life.acts(order, center):
            if act.occurred_at > now:
                break
            order = decide(order, replace(act, subject=order.id), center, act.occurred_at).order
        orders.append(order)
    return orders


def answer(
    orders: Iterable[Order], now: datetime, center: Center | None = None, cursor: str = "1"
) -> SyncAnswer:
    """Return what the platform would answer with these orders in it."""
    return SyncAnswer(
        server_id=SERVER, epoch=EPOCH, now=now, cursor=cursor, ack=0, orders=tuple(orders),
        center=center, end="end",
    )  # fmt: skip


class Desk:
    """A store with ``count`` orders, and seats on it."""

    def __init__(self, profile: Path, count: int = 60, now: datetime = NOW) -> None:
        profile.mkdir(parents=True, exist_ok=True)
        self.clock = ManualClock(now)
        self.center = sample_center("pinggu", now)
        self.store = Store.open(profile, KEY)
        self.orders = sample_orders(self.center, now, count)
        self.cursor = 1
        self.store.apply_answer(answer(self.orders, now, self.center))
        while self.store.index_some(500):
            pass

    def seat(self, person_id: str = "zhou") -> Seat:
        """Return a seat of this store; platform time stands at the desk's clock."""
        time = PlatformTime(self.clock)
        time.hear(self.clock.now())
        return Seat(self.store, time, PersonId(person_id))

    def receive(self, *orders: Order) -> object:
        """Let the platform send new states; returns the ChangeSet."""
        self.cursor += 1
        return self.store.apply_answer(answer(orders, self.clock.now(), cursor=str(self.cursor)))

    def close(self) -> None:
        self.store.close()
