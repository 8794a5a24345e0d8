"""A seat that signed in once and then lost the line, and the center with its platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.services import outbox_export
from desktop_app.services.outbox_export import Exported
from sync.platform.stick_import import StickImport, Taken
from sync.platform.uploads import Uploads
from tests.support.acts import PATH, make_act
from tests.support.center import sample_center, sample_intake
from tests.support.clock import START, ManualClock
from tests.support.platform import RunningPlatform, running_platform
from tests.support.synced import KEY, SyncedSeat

K = ActKind


@dataclass
class Town:
    """The center, and seats in villages."""

    folder: Path
    clock: ManualClock
    center: RunningPlatform
    files: Path
    seats: list[SyncedSeat] = field(default_factory=list)

    def seat(self, person_id: str = "village", name: str = "", key: bytes = KEY) -> SyncedSeat:
        """Return a seat that has signed in and synced."""
        folder = self.folder / (name or person_id)
        seat = SyncedSeat(folder, self.clock, person_id, self.center.url, key=key)
        self.seats.append(seat)
        seat.sign_in()
        seat.sync()
        return seat

    def handled_orders(self, count: int) -> list[OrderId]:
        """Dispatch orders and bring them into the hands of the sample's handlers."""
        platform = self.center.platform
        results = platform.dispatch([sample_intake(n) for n in range(1, count + 1)])
        ids = [OrderId(r.order_id or "") for r in results]
        for kind, person in PATH[:5]:
            acts = []
            for order_id in ids:
                order = platform.order_by_id(order_id)
                assert order is not None
                acts.append(make_act(order, sample_center(), person, kind, self.clock.now()))
            platform.sync(platform.caller(person, f"desk-{person}"), "", acts, 0)
        return ids

    def take(self, file: Path) -> Taken:
        """Take a file in at the center."""
        uploads = Uploads(self.center.platform, self.files)
        with file.open("rb") as source:
            return StickImport(self.center.platform, uploads).take(source)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    clock = ManualClock(START)
    with running_platform(tmp_path, clock) as center:
        made = Town(tmp_path, clock, center, tmp_path / "platform-files")
        yield made
        for seat in made.seats:
            seat.close()


def visit(seat: SyncedSeat, order_id: OrderId, text: str, photos: tuple[bytes, ...] = ()) -> None:
    """Record a visit without a network."""
    files = tuple(seat.store.add_file(data, f"照片{n}.jpg").sha256 for n, data in enumerate(photos))
    seat.seat.record(order_id, K.MEET, p.Meet("门口", "张女士本人", text), files=files)


def export(seat: SyncedSeat, file: Path) -> Exported:
    return outbox_export.export(seat.seat, file)
