"""Several seats, each on its own bad line, doing whatever the rules let them: in the end all agree.

``JIBAN_SEEDS=200 pytest tests/e2e/test_sync_converge.py`` runs more; the seed is in the test's name.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import ActId, OrderId
from desktop_app.domain.orders import Order
from desktop_app.domain.payloads import Empty, Propose, Resolve, Text
from desktop_app.domain.refusals import Refusal
from tests.support.acts import PAYLOADS
from tests.support.canned import response
from tests.support.center import HANDLERS, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy, fault_proxy
from tests.support.synced import SyncedSeat

SEEDS = int(os.environ.get("JIBAN_SEEDS", "6"))
PEOPLE = ("dispatcher", "dispatcher2", "secretary", "leader", "village", "station")
KINDS = [
    k
    for k in ActKind
    if k
    not in (
        ActKind.DISPATCH, ActKind.CALL_BACK, ActKind.SECOND_ROUND, ActKind.WITHDRAW, ActKind.CORRECT,
        ActKind.AUTHORISE_DEPUTY, ActKind.REVOKE_DEPUTY, ActKind.SET_ASIDE,
    )
]  # fmt: skip
PLATFORM_KINDS = (ActKind.CALL_BACK, ActKind.SECOND_ROUND, ActKind.WITHDRAW, ActKind.STOP_CLOCK)
FAULTS = (
    Fault(cut_response=0),
    Fault(cut_response=250),
    Fault(cut_request=120),
    Fault(cut_response=900, reset=True),
    Fault(flip=600),
    Fault(answer=response(b"oops", "502 Bad", "text/html")),
    Fault(answer=response(b"<html>", media="text/html")),
)


@dataclass
class World:
    """All that a run needs. ``recorded``: every act any seat has saved."""

    dice: random.Random
    clock: ManualClock
    running: RunningPlatform
    lines: dict[str, FaultProxy]
    seats: dict[str, SyncedSeat]
    recorded: dict[ActId, OrderId] = field(default_factory=dict)

    def record(self, name: str) -> None:
        seat = self.seats[name]
        orders = seat.orders()
        if not orders:
            return
        order_id = self.dice.choice(orders)
        order = seat.seat.order(order_id)
        wanted = [k for k in KINDS if not seat.seat.why_not(order, k)]
        if not wanted:
            return
        kind = self.dice.choice(wanted)
        base_hash = order.proposal.hash if order.proposal and kind is ActKind.SIGN else ""
        before = {item.act.id for item in seat.store.outbox()}
        try:
            seat.seat.record(order_id, kind, self.payload(kind, order), base_hash=base_hash)
        except Refusal:
            return
        for item in seat.store.outbox():
            if item.act.id not in before:
                self.recorded[item.act.id] = order_id

    def payload(self, kind: ActKind, order: Order) -> object:
        if kind is ActKind.RESOLVE_CONFLICT and order.open_conflicts:
            conflict = self.dice.choice(order.open_conflicts)
            return Resolve(conflict.id, self.dice.choice(("first", "second")), "核过")
        if kind is ActKind.PROPOSE:
            return Propose(HANDLERS, self.dice.choice(("先看现场", "请抓紧")))
        if kind in (ActKind.NOTE, ActKind.PROGRESS):
            return Text(f"记一笔 {self.dice.random()}")
        return PAYLOADS.get(kind, Empty())

    def platform_acts(self) -> None:
        kind = self.dice.choice(PLATFORM_KINDS)
        number = sample_intake(self.dice.randrange(1, 4)).number
        payload: dict[str, object] = {"reason": "平台"}
        if kind is ActKind.CALL_BACK:
            payload = {"resolved": self.dice.random() < 0.5}
        self.running.platform.act_as_platform(kind, number, payload)

    def step(self) -> None:
        name = self.dice.choice(PEOPLE)
        roll = self.dice.random()
        self.clock.advance(timedelta(seconds=self.dice.expovariate(1 / 120)))
        if roll < 0.5:
            self.record(name)
        elif roll < 0.75:
            self.seats[name].try_once()
        elif roll < 0.83:
            self.dice.choice((self.lines[name].down, self.lines[name].up))()
        elif roll < 0.93:
            self.lines[name].arm(self.dice.choice(FAULTS))
        elif roll < 0.96:
            self.seats[name].reopen()
        else:
            self.platform_acts()

    def quiet(self) -> None:
        """Good lines for everybody until nothing waits and nobody gets anything new."""
        for line in self.lines.values():
            line.clear()
            line.up()
        for _ in range(3):
            self.clock.advance(timedelta(minutes=20))
            for seat in self.seats.values():
                seat.sync(400)


@pytest.fixture
def world(
    request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock, running: RunningPlatform
) -> Iterator[World]:
    dice = random.Random(request.param)
    with ExitStack() as stack:
        lines = {name: stack.enter_context(fault_proxy(running.url)) for name in PEOPLE}
        seats = {}
        for name in PEOPLE:
            seat = SyncedSeat(tmp_path / name, clock, name, lines[name].url, dice.random)
            stack.callback(seat.close)
            seat.sign_in()
            seats[name] = seat
        yield World(dice, clock, running, lines, seats)


@pytest.mark.slow
@pytest.mark.parametrize("world", range(SEEDS), indirect=True, ids=lambda n: f"seed{n}")
def test_whatever_the_lines_do_in_the_end_all_agree(world: World) -> None:
    world.running.platform.dispatch([sample_intake(n) for n in range(1, 4)])
    for seat in world.seats.values():
        seat.sync()
    for _ in range(120):
        world.step()
    world.quiet()
    platform = world.running.platform
    held: Counter[str] = Counter()
    for seat in world.seats.values():
        assert seat.store.pending_count() == 0, [
            (i.act.kind, i.status, i.reason) for i in seat.store.outbox()
        ]
        for order_id in seat.orders():
            order = platform.order_by_id(order_id)
            assert order is not None
            assert seat.store.base(order_id) == order
            assert seat.store.view(order_id) == order
    for order_id in world.seats["dispatcher"].orders():
        order = platform.order_by_id(order_id)
        assert order is not None
        held.update(entry.act_id for entry in order.history)
        assert [e.rev for e in order.history] == list(range(1, order.rev + 1))
    rejected = {r.act.id for r in platform.rejected()}
    for act_id in world.recorded:
        assert held[act_id] + (act_id in rejected) == 1, "once in the order, or refused and visible"
    shown = {
        d.act.id
        for seat in world.seats.values()
        for d in seat.store.decisions(seat.seat.person)
        if d.act is not None
    }
    assert rejected <= shown, "what was refused is in front of who recorded it"
