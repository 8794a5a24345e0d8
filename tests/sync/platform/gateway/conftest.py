"""A platform, a foreign system and gateways between them, on one clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import ActId
from desktop_app.domain.orders import Order
from sync.platform import order_store
from sync.platform.dispatching import order_id_of
from sync.platform.gateway.courier import Terms
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.exchange import Line, check_address
from sync.platform.gateway.gateway import Gateway
from sync.platform.gateway.http_port import HttpPort
from sync.platform.gateway.port import OrderReader
from sync.platform.platform import Platform
from sync.platform.townships import LOCAL
from tests.support.acts import walk
from tests.support.center import sample_center, sample_order
from tests.support.clock import START, ManualClock
from tests.support.foreign import TOKEN, Foreign, foreign_system
from tests.support.platform import make_platform

CENTER = sample_center()
TERMS = Terms(settle=timedelta(minutes=10))


def reported_orders(count: int, first: int = 1) -> list[Order]:
    """Return orders of which each has been reported back once."""
    made = walk(sample_order(START, 1, center=CENTER), CENTER, ActKind.REPORT_BACK)
    numbers = [f"20261120-{first + n:04d}" for n in range(count)]
    return [replace(made, id=order_id_of(LOCAL, number), number=number) for number in numbers]


def put_orders(platform: Platform, orders: list[Order]) -> None:
    """Put whole orders into the platform, as a restored database would hold them."""
    platform.database.write(lambda db: order_store.insert_orders(db, LOCAL, orders))


def http_port(
    read: OrderReader,
    url: str,
    *,
    deadline: float = 5.0,
    token: str = TOKEN,
    authorities: str | None = None,
) -> HttpPort:
    parts = check_address(url)
    line = Line(parts, token, deadline=deadline, authorities=authorities)
    return HttpPort(line, read, "模拟 12345")


def rounds(gateway: Gateway, clock: ManualClock, count: int, minutes: float = 1) -> None:
    """Run ``count`` rounds, a while apart."""
    for _ in range(count):
        gateway.round()
        clock.advance(timedelta(minutes=minutes))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def platform(tmp_path: Path, clock: ManualClock) -> Iterator[Platform]:
    made = make_platform(str(tmp_path / "platform.db"), clock)
    yield made
    made.close()


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)


@pytest.fixture
def foreign(clock: ManualClock) -> Iterator[Foreign]:
    with foreign_system(clock) as running:
        yield running


@pytest.fixture
def gateway(desk: Desk, foreign: Foreign) -> Gateway:
    return Gateway(desk, http_port(desk.read_orders, foreign.url), TERMS, "one")


@pytest.fixture
def act_ids() -> Callable[[Order, ActKind], ActId]:
    def find(order: Order, kind: ActKind) -> ActId:
        return next(e.act_id for e in order.history if e.kind is kind)

    return find
