"""A township in one process: a real platform on a real database, real stores, and no network between.

``sync`` does for a seat what its sync thread would do: push what waits, pull what changed.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Handler
from desktop_app.services import handling, intake, signoff
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.store import Store
from sync.platform.platform import Platform
from sync.protocol import codec
from sync.protocol.messages import RawSyncAnswer
from tests.support.center import HANDLERS, sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import make_platform

KEY = bytes(range(32))


class Township:
    """Seats by person id, all on one clock that stands still until it is moved."""

    def __init__(self, folder: Path, center: Center | None = None) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.center = center or sample_center()
        self.platform: Platform = make_platform(
            f"sqlite:///{folder / 'platform.db'}", self.clock, self.center
        )
        self.seats: dict[str, Seat] = {}

    def close(self) -> None:
        for seat in self.seats.values():
            seat.store.close()
        self.platform.close()

    def seat(self, person_id: str) -> Seat:
        """The seat of this person, signed in and synced when it is made."""
        if person_id not in self.seats:
            profile = self.folder / person_id
            profile.mkdir()
            time = PlatformTime(self.clock)
            time.hear(self.clock.now())
            seat = Seat(Store.open(profile, KEY), time, PersonId(person_id))
            self.seats[person_id] = seat
            self.sync(person_id)
        return self.seats[person_id]

    def sync(self, *people: str) -> ChangeSet:
        """Push and pull for these seats, in this order."""
        changes = ChangeSet()
        for person_id in people:
            seat = self.seats[person_id]
            changes |= self._sync(seat)
        return changes

    def _sync(self, seat: Seat) -> ChangeSet:
        caller = self.platform.caller(seat.person_id, seat.store.device_id)
        acts = seat.store.next_batch(500, seat.person_id)
        cursor = seat.store.sync_point().cursor
        answer = self.platform.sync(caller, cursor, acts)
        seat.time.hear(self.clock.now())
        body = codec.encode(answer)
        return seat.store.apply_answer(codec.decode(body, RawSyncAnswer), acts)

    def dispatch(self, *intakes: Intake) -> list[OrderId]:
        """Dispatch from above; returns the ids in the same order."""
        made = intakes or (sample_intake(),)
        self.platform.dispatch(made)
        found = (self.platform.order(each.number) for each in made)
        return [order.id for order in found if order is not None]

    def pass_time(self, **kwargs: float) -> None:
        """Let so much time go by, as in ``timedelta``."""
        self.clock.advance(timedelta(**kwargs))

    # --- the path, by the services of the people who walk it -------------------------------------

    def proposed(
        self,
        *intakes: Intake,
        handlers: tuple[Handler, ...] = HANDLERS,
        note: str = "请村里先看现场。",
    ) -> list[OrderId]:
        """Orders that wait for the secretary."""
        ids = self.dispatch(*intakes)
        desk = self.seat("dispatcher")
        self.sync("dispatcher")
        for order_id in ids:
            intake.accept(desk, order_id)
            self.pass_time(minutes=1)
            intake.verify(desk, order_id, "matches", "电话核实，路面塌了约两米。")
            intake.propose(desk, order_id, handlers, note)
        self.sync("dispatcher")
        return ids

    def signed(self, *intakes: Intake) -> list[OrderId]:
        """Orders that are with their handlers."""
        ids = self.proposed(*intakes)
        office = self.seat("secretary")
        self.sync("secretary")
        self.pass_time(minutes=2)
        for order_id in ids:
            order = office.order(order_id)
            assert order.proposal is not None
            signoff.sign(office, order_id, order.proposal.hash, "同意。村里今天见面。")
        self.sync("secretary")
        return ids

    def met(self, order_id: OrderId, person_id: str = "village") -> None:
        """The village takes it, meets the petitioner and explains."""
        seat = self.seat(person_id)
        self.sync(person_id)
        handling.accept(seat, order_id)
        self.pass_time(minutes=20)
        handling.meet(seat, order_id, "东街 12 号门前", "张女士本人", "临沟一侧塌了约 2 米。")
        handling.explain(seat, order_id, "魏家湾村书记", "已报修缮计划，先垫平。", "objects")
        handling.determine(seat, order_id, "reasonable")
        self.sync(person_id)

    def from_platform(self, kind: ActKind, number: str, payload: dict[str, object]) -> None:
        """An act of the central platform."""
        self.platform.act_as_platform(kind, number, payload)
