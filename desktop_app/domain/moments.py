"""When an act was done as far as the rules go, in which round, and what its author could know."""

from __future__ import annotations

from datetime import datetime, timedelta

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.orders import HistoryEntry, Order
from desktop_app.domain.roles import Role


def effective_time(act: Act, received_at: datetime, not_before: datetime) -> tuple[datetime, bool]:
    """Return the time that counts for the clocks, and whether it is doubtful.

    The occurrence counts where the seat's clock was good; else the arrival, flagged.
    """
    if act.occurred_at > received_at + timedelta(minutes=2) or act.occurred_at < not_before:
        return received_at, True
    if act.clock is ClockQuality.SUSPECT:
        return received_at, True
    return min(act.occurred_at, received_at), False


def round_of(order: Order, act: Act) -> int:
    """Return the round the act was made in: the one its author could know of."""
    if order.round == 1 or act.actor.role is Role.PLATFORM:
        return order.round
    return order.round - sum(
        e.kind is ActKind.SECOND_ROUND and unseen(e, act) for e in order.history
    )


def began(order: Order, round_: int) -> datetime:
    started = (c.started_at for c in order.clocks if c.round == round_)
    return min(started, default=order.dispatched_at)


def unseen(entry: HistoryEntry, act: Act) -> bool:
    """Whether the author of ``act`` could not know ``entry``: newer than what the seat had from the
    platform, and not made on that seat itself.
    """
    if entry.rev <= act.base_rev:
        return False
    device = act.actor.device_id
    return not device or entry.actor.device_id != device
