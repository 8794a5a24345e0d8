"""What the gateway asks of the platform: the one place that knows its methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Order
from sync.platform.database import Database
from sync.platform.dispatching import DispatchResult
from sync.platform.order_files import OrderFile, read_orders
from sync.platform.order_lines import Line
from sync.platform.platform import Platform
from sync.platform.tables import orders
from sync.protocol.messages import ActResult

READ_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Changed:
    """Orders that changed, as (number, stored state), and the place in the feed up to which these
    are all.
    """

    orders: tuple[tuple[str, bytes], ...]
    place: int


class Desk:
    """One township of one platform; it need not be named where it is the only one.

    Raises ``PlatformProblem``: there is none, no such one, or several and none named.
    """

    def __init__(self, platform: Platform, township: str | None = None) -> None:
        self._platform = platform
        self.township = platform.township(township)

    @property
    def owner(self) -> str:
        """Return by what an exchange folder is known to be this township's on this platform."""
        return f"{self._platform.server_id}/{self.township}"

    @property
    def database(self) -> Database:
        return self._platform.database

    def now(self) -> datetime:
        """Return real time: what the foreign system does knows nothing of a demonstration's pace."""
        return self._platform.wall.now()

    def monotonic(self) -> float:
        return self._platform.wall.monotonic()

    def center(self) -> Center:
        return self._platform.center(self.township)

    def read_orders(self, lines: Iterable[Line]) -> OrderFile:
        return read_orders(lines, self.center(), self._platform.now())

    def dispatch(self, intakes: Sequence[Intake]) -> list[DispatchResult]:
        return self._platform.dispatch(intakes, township=self.township)

    def order(self, number: str) -> Order | None:
        return self._platform.order(number, township=self.township)

    def act(
        self, kind: ActKind, number: str, payload: Mapping[str, object], act_id: str
    ) -> ActResult:
        """Record an act of 12345. Raises ``LookupError`` for an unknown number."""
        return self._platform.act_as_platform(
            kind, number, dict(payload), act_id, township=self.township
        )

    def changed_orders(self, after: int) -> Changed:
        """Return the orders that changed after this place in the feed, in the order of their changes.

        Positions are given out in the order of commits, so nothing at or before the place is missed.
        """
        statement = (
            select(orders.c.number, orders.c.state, orders.c.position)
            .where(orders.c.township == self.township, orders.c.position > after)
            .order_by(orders.c.position)
            .limit(READ_AT_ONCE)
        )
        with self.database.read() as db:
            rows = db.execute(statement).all()
        place = int(rows[-1].position) if rows else after
        return Changed(tuple((row.number, bytes(row.state)) for row in rows), place)
