"""After the conclusion: follow-up review, report to the platform, archive."""

from __future__ import annotations

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.services.intake import form
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet


def review(
    seat: Seat, order_id: OrderId, *, settled: bool, text: str = "", drops: str = ""
) -> ChangeSet:
    """回访复查. ``settled`` False sends the order back to handling."""
    payload = p.Review(settled, text)
    return seat.record(order_id, ActKind.REVIEW, payload, drops=form(order_id, drops))


def report_back(
    seat: Seat,
    order_id: OrderId,
    text: str,
    *,
    contacted: bool = True,
    resolved: bool = True,
    satisfied: bool | None = None,
    truthful: bool | None = None,
    drops: str = "",
) -> ChangeSet:
    """反馈平台."""
    payload = p.ReportBack(text, contacted, resolved, satisfied, truthful)
    return seat.record(order_id, ActKind.REPORT_BACK, payload, drops=form(order_id, drops))


def archive(seat: Seat, order_id: OrderId) -> ChangeSet:
    """归档."""
    return seat.record(order_id, ActKind.ARCHIVE, p.Empty())
