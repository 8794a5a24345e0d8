"""What may be signed together: ordinary orders that were ticked while their proposal was on the screen."""

from __future__ import annotations

from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Order
from desktop_app.services import signoff
from desktop_app.services.seat import Seat
from local_store.rows import OrderRow, SavedView
from ui.signoff.queue import QueueCard


def why_may_not_sign(seat: Seat) -> str:
    """Return "" for the secretary and whoever stands in, else who signs."""
    if seat.center.may_sign(seat.person, seat.now()):
        return ""
    return "签批由乡党委书记来签"


class Batch:
    """The ticks: order id → hash of the proposal that was shown when it was ticked."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._ticks: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._ticks)

    def shown(self) -> list[tuple[OrderId, str]]:
        """Return what is ticked, with the proposals that were seen."""
        return [(OrderId(key), digest) for key, digest in self._ticks.items()]

    def clear(self) -> None:
        """Take all ticks away."""
        self._ticks.clear()

    def drop(self, order_id: str) -> None:
        """Take one tick away."""
        self._ticks.pop(order_id, None)

    def lock(self, order: Order) -> str:
        """Return why an order has to be signed by itself; "": it need not."""
        policy = self._seat.center.policy
        return signoff.why_not_batch(order, policy, self._ticks.get(order.id))

    def toggle(self, order: Order) -> str:
        """Tick an order or take its tick away. Returns why it cannot be ticked."""
        if self._ticks.pop(order.id, None) is not None:
            return ""
        lock = self.lock(order)
        if not lock and order.proposal is not None:
            self._ticks[order.id] = order.proposal.hash
        return lock

    def card(self, row: OrderRow, view: SavedView) -> QueueCard:
        """Return the card of an order in ``view``. A tick that does not hold any more goes."""
        if view is not SavedView.TO_SIGN or why_may_not_sign(self._seat):
            return QueueCard(row, waiting=False)
        order = self._seat.store.view(row.order_id)
        lock = self.lock(order) if order is not None else "单已不在"
        if lock:
            self.drop(row.order_id)
        return QueueCard(row, lock, row.order_id in self._ticks)
