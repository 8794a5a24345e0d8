"""What a write changed. Every verb and every sync answer returns one; screens decide what to redraw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from desktop_app.domain.ids import OrderId


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """``orders``: whose state changed; ``center``: roster, policy or deputies; ``outbox``: acts waiting
    or to be decided; ``everything``: a bulk load, look at it all again; ``naming``: orders that came
    and name files.
    """

    orders: frozenset[OrderId] = frozenset()
    center: bool = False
    outbox: bool = False
    everything: bool = False
    naming: frozenset[OrderId] = frozenset()

    @staticmethod
    def of(orders: Iterable[OrderId], *, outbox: bool = False) -> ChangeSet:
        return ChangeSet(frozenset(orders), outbox=outbox)

    def __or__(self, other: ChangeSet) -> ChangeSet:
        return ChangeSet(
            self.orders | other.orders,
            self.center or other.center,
            self.outbox or other.outbox,
            self.everything or other.everything,
            self.naming | other.naming,
        )

    def __bool__(self) -> bool:
        return bool(self.orders) or self.center or self.outbox or self.everything

    def touches(self, order_id: OrderId) -> bool:
        """Whether this order has to be read again."""
        return self.everything or order_id in self.orders


NOTHING = ChangeSet()
