"""What a step achieves for the clocks, and when it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.deadlines import close_clocks
from desktop_app.domain.moments import round_of
from desktop_app.domain.orders import Order
from desktop_app.domain.policy import Milestone
from desktop_app.domain.roles import HANDLER_ROLES


def counts(order: Order, act: Act) -> bool:
    """In a later round only its own handlers close a node; others' records are kept beside."""
    return (
        order.round == 1
        or act.actor.role not in HANDLER_ROLES
        or order.assignment_of(act.actor.person_id) is not None
        or act.kind is ActKind.SIGN  # by a deputy
    )


def achieves(payload: object) -> bool:
    if isinstance(payload, p.Conclude):
        return payload.finished
    if isinstance(payload, p.Review):
        return payload.settled
    return True


def achieve(order: Order, milestone: Milestone, at: datetime, act: Act, doubtful: bool) -> Order:
    """Note a milestone and close the clocks that wait for it."""
    achieved = tuple(dict.fromkeys((*order.achieved, milestone)))
    return replace(close(order, milestone, at, act, doubtful), achieved=achieved)


def close(order: Order, milestone: Milestone, at: datetime, act: Act, doubtful: bool) -> Order:
    round_ = round_of(order, act)
    clocks = close_clocks(order.clocks, milestone, at, act.id, round_, doubtful=doubtful)
    return replace(order, clocks=clocks)
