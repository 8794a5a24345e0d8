"""The stage of the tour: the platform, the village's line, the three seats, and time that can be moved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.clock import Clock
from desktop_app.domain.ids import OrderId, UnitId
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Order, Petitioner, Place, Stage
from desktop_app.tour.forwarder import Forwarder
from desktop_app.tour.seat import Seat, TourError
from resources.sample import sample_intake
from resources.sample.township import SAMPLE_PASSWORD
from sync.platform.server import background_server

if TYPE_CHECKING:
    from sync.platform.platform import Platform

ORDER = "20261118-0901"
OTHER = "20261118-0902"
ROAD, WATER = 0, 3  # rows of the sample township's matters
WAIT_SECONDS = 20.0


class TourClock:
    """The machine's clock, which the tour may move on by hours."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._base.now() + self._ahead

    def monotonic(self) -> float:
        return self._base.monotonic()

    def advance(self, delta: timedelta) -> None:
        """Let platform time jump ahead; seats hear of it with the next answer."""
        self._ahead += delta


@dataclass
class StageSet:
    """Everything the parts of the tour play with."""

    folder: Path
    clock: TourClock
    platform: Platform
    address: str
    line: Forwarder
    desk: Seat
    secretary: Seat
    village: Seat

    def dispatch(self, number: str) -> None:
        """Dispatch one of the tour's two orders as the 12345 center would."""
        matter, village = (ROAD, "wjw") if number == ORDER else (WATER, "btm")
        (result,) = self.platform.dispatch([_intake(number, matter, village, self.platform.now())])
        if not result.order_id:
            raise TourError(f"平台没有派出 {number}：{result}")

    def order(self, number: str) -> Order:
        """Return the order as the platform has it."""
        order = self.platform.order(number)
        assert order is not None, number
        return order

    def settled(self, seat: Seat, number: str, stage: Stage, or_press: str = "") -> None:
        """Wait until the platform has the order at ``stage``. Raises ``TourError``."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.order(number).stage is not stage:
            if time.monotonic() > deadline:
                now = self.order(number).stage
                raise TourError(f"{seat.name}：{number} 应到 {stage}，现在 {now}")
            if or_press and time.monotonic() > deadline - WAIT_SECONDS + 2:
                seat.do("key", keys=or_press)
                or_press = ""
            time.sleep(0.02)

    def sign_in(self, seat: Seat, account: str) -> None:
        """Start a seat for the first time and sign in."""
        seat.start()
        seat.do("resize", width=1440, height=900)
        address = self.line.address if seat is self.village else self.address
        seat.do("wait", name="addressEdit")
        seat.do("type", name="addressEdit", text=address, clear=True)
        seat.do("type", name="accountEdit", text=account, clear=True)
        seat.do("type", name="passwordEdit", text=SAMPLE_PASSWORD)
        seat.do("key", keys="Ctrl+Enter")
        seat.do("wait_state", ready=True, online=True, timeout=30)
        self.quiet(seat)

    def quiet(self, seat: Seat) -> None:
        """Take what rings and acknowledge what is due, as a person would before going on."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            names = seat.do("names")["names"]
            if "alarmPopup" in names:
                taken = "takeButton" if seat.do("read", name="takeButton")["enabled"] else ""
                seat.do("click", name=taken or "alarmKnownButton")
            elif "reminderPopup" in names:
                seat.do("click", name="ackAllButton")
            else:
                return
            time.sleep(0.3)
        raise TourError(f"{seat.name}：提醒关不掉")

    def until_waiting(self, seat: Seat) -> int:
        """Return how many records wait, once the window has counted them."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (waiting := int(seat.do("state")["waiting"])) < 4:
            if time.monotonic() > deadline:
                raise TourError(f"{seat.name}：只有 {waiting} 条等网络")
            time.sleep(0.05)
        return waiting

    def photos_arrived(self, order: Order) -> None:
        """Wait until every photo that the acts name lies on the platform, whole."""
        wanted = {sha for entry in order.history for sha in entry.files}
        assert wanted, "no act names a photo"
        deadline = time.monotonic() + WAIT_SECONDS
        while not all(self._arrived(sha) for sha in wanted):
            if time.monotonic() > deadline:
                raise TourError("照片没有传到平台")
            time.sleep(0.05)

    def _arrived(self, sha256: str) -> bool:
        from sync.platform.uploads import arrived

        with self.platform.database.read() as db:
            return arrived(db, self.platform.township(), sha256)

    def same_order(self, seat: Seat) -> None:
        """Wait until the seat has drawn level with the platform."""
        deadline = time.monotonic() + WAIT_SECONDS
        order = self.order(ORDER)
        while self.stored(seat, order.id) != order:
            if time.monotonic() > deadline:
                raise TourError(f"{seat.name}：和平台对不上")
            time.sleep(0.1)

    def stored(self, seat: Seat, order_id: OrderId) -> Order | None:
        """Return the order as the seat's own store has it."""
        from local_store import keys
        from local_store.store import Store

        store = Store.reading(seat.profile, keys.load_or_create(seat.profile).value)
        try:
            return store.view(order_id)
        finally:
            store.close()


def _intake(number: str, matter: int, village: str, at: datetime) -> Intake:
    intake = sample_intake(matter, at)
    names = {"wjw": "魏家湾村", "btm": "北土门村"}
    spot = intake.place.address
    return replace(
        intake,
        number=number,
        petitioner=Petitioner("张女士", "13800001234", f"{names[village]}{spot}"),
        place=Place(UnitId(village), names[village], spot),
        called_at=at - timedelta(minutes=6),
    )


@contextmanager
def staged(folder: Path, clock: TourClock) -> Iterator[StageSet]:
    """Set the stage up and clear it, whatever happened on it."""
    from sync.platform.platform import Platform
    from sync.platform.sample import load_sample

    platform = Platform(f"sqlite:///{folder / 'platform.db'}", clock)
    load_sample(platform)
    seats = [
        Seat("desk", "派单员", folder / "seats" / "desk"),
        Seat("secretary", "乡党委书记", folder / "seats" / "secretary"),
        Seat("village", "魏家湾村书记", folder / "seats" / "village"),
    ]
    try:
        with background_server(platform) as address:
            host, port = address.removeprefix("http://").split(":")
            line = Forwarder((host, int(port)))
            try:
                yield StageSet(folder, clock, platform, address, line, *seats)
            finally:
                for seat in seats:
                    seat.quit()
                line.cut()
    finally:
        platform.close()
