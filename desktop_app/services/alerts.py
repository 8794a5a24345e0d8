"""What a person does with alerts: seen, put off. Each is an act and a mark of this seat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.alert_values import AlertMark
from desktop_app.domain.ids import OrderId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet

AlertRef = tuple[OrderId, str]
"""(order id, alert id)"""


def shown(seat: Seat, alert_ids: Iterable[str]) -> None:
    """Remember that these came up (the first time counts)."""
    now = seat.now()
    marks = seat.store.alert_marks()
    known = {key: marks.get(key, AlertMark()) for key in alert_ids}
    fresh = {
        key: replace(mark, shown_at=now) for key, mark in known.items() if mark.shown_at is None
    }
    if fresh:
        seat.store.mark_alerts(fresh)


def acknowledge(seat: Seat, alerts: Iterable[AlertRef]) -> ChangeSet:
    """知道了: one act per order, and the marks."""
    now = seat.now()
    return _record(seat, alerts, ActKind.ACKNOWLEDGE, lambda m: replace(m, acknowledged_at=now))


def snooze(seat: Seat, alerts: Iterable[AlertRef], until: datetime) -> ChangeSet:
    """稍后: one act per order, and the marks. Whether it is allowed is decided in ``domain.alerts``."""
    return _record(
        seat,
        alerts,
        ActKind.SNOOZE,
        lambda m: replace(m, snoozed_until=until, snoozes=m.snoozes + 1),
    )


def _record(
    seat: Seat,
    alerts: Iterable[AlertRef],
    kind: ActKind,
    change: Callable[[AlertMark], AlertMark],
) -> ChangeSet:
    """Record one act per order. An order that has left this seat is only marked."""
    by_order: dict[OrderId, list[str]] = {}
    for order_id, alert_id in alerts:
        by_order.setdefault(order_id, []).append(alert_id)
    changes = ChangeSet()
    marks: Mapping[str, AlertMark] = seat.store.alert_marks()
    for order_id, alert_ids in by_order.items():
        if seat.store.row(order_id) is not None:
            changes |= seat.record(order_id, kind, p.Alerts(tuple(alert_ids)))
        seat.store.mark_alerts({key: change(marks.get(key, AlertMark())) for key in alert_ids})
    return changes
