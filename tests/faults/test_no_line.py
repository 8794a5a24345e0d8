"""A month without any line, and 5,000 records made meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.services import notes
from sync.client import events as ev
from sync.client.failures import FailureKind
from tests.e2e.conftest import MakeSeat
from tests.faults.checks import all_once, kinds
from tests.faults.scale import scaled
from tests.support.center import sample_intake
from tests.support.platform import RunningPlatform
from tests.support.proxy import FaultProxy
from tests.support.synced import SyncedSeat

HOST = "platform.localhost"
DAYS = 30
HOURS = scaled(9.0, 0.5)  # a day that the seat is on
ACTS = scaled(5000, 1000)
ORDERS = 50
MOST_TRIES = DAYS * (60 + HOURS * 24)  # most of them soon after a start, then every 150 s


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names that are found; the machine's own resolver has to do with the others."""
    found = {HOST}
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host != HOST:
            return real(host, *args, **kwargs)
        if host not in found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return found


def a_month_alone(seat: SyncedSeat) -> int:
    """Start the seat every morning for 30 days, record and let it try; return how often it tried."""
    orders, tries, done = seat.orders(), 0, 0
    for day in range(DAYS):
        seat.reopen()
        evening = seat.clock.monotonic() + HOURS * 3600
        while done < ACTS * (day + 1) // DAYS:
            notes.note(seat.seat, orders[done % len(orders)], f"第 {done} 条：等线路")
            done += 1
        while seat.clock.monotonic() < evening:
            tries += not isinstance(seat.runner.task, ev.Wait)
            seat.runner.turn()
        assert seat.runner.state.problem is not None
        seat.clock.advance(timedelta(hours=24 - HOURS))
    assert done == ACTS
    return tries


def the_month_and_after(
    running: RunningPlatform, seat: SyncedSeat, line: FaultProxy, kind: FailureKind, back: Callable[[], object]
) -> None:  # fmt: skip
    tries = a_month_alone(seat)
    assert tries <= MOST_TRIES
    assert seat.runner.state.problem is not None
    assert seat.runner.state.problem.kind is kind
    assert seat.runner.state.waiting == ACTS
    seat.reopen()
    back()
    line.exchanges.clear()
    all_once(running, seat)
    count = sum(kinds(running, order_id).count(ActKind.NOTE) for order_id in seat.orders())
    assert count == ACTS
    pushes = [e for e in line.exchanges if e.startswith(b"POST /v1/sync ")]
    assert len(pushes) <= ACTS / 500 + 4, "in batches"


@pytest.mark.slow
@pytest.mark.fault("network.refused_30_days")
def test_a_month_of_refused_connections(
    running: RunningPlatform, line: FaultProxy, make_seat: MakeSeat
) -> None:
    running.platform.dispatch([sample_intake(n) for n in range(1, ORDERS + 1)])
    seat = make_seat()
    seat.sync()
    line.down()
    the_month_and_after(running, seat, line, FailureKind.REFUSED, line.up)


@pytest.mark.slow
@pytest.mark.fault("network.dns_30_days")
def test_a_month_without_names(
    running: RunningPlatform,
    line: FaultProxy,
    names: set[str],
    make_seat: MakeSeat,
) -> None:
    running.platform.dispatch([sample_intake(n) for n in range(1, ORDERS + 1)])
    seat = make_seat(address=f"http://{HOST}:{line.port}")
    seat.sync()
    line.drop()
    names.clear()
    the_month_and_after(running, seat, line, FailureKind.NAME, lambda: names.add(HOST))
