"""What a person does with alerts: seen, put off. Each is an act and a mark of this seat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.alert_sources import marks_in
from desktop_app.domain.alert_values import AlertMark
from desktop_app.domain.alerts import snoozes_of
from desktop_app.domain.ids import OrderId
from desktop_app.services.seat import Seat
from local_store.changes import NOTHING, ChangeSet

AlertRef = tuple[OrderId, str]
"""(order id, alert id)"""


def shown(seat: Seat, alert_ids: Iterable[str]) -> None:
    """Remember that these came up (only the first time counts)."""
    known, now = seat.store.alert_marks(), seat.now()
    marks = {key: known.get(key, AlertMark()) for key in alert_ids}
    seat.store.mark_alerts(
        {k: replace(m, shown_at=now) for k, m in marks.items() if m.shown_at is None}
    )


def acknowledge(seat: Seat, alerts: Iterable[AlertRef]) -> ChangeSet:
    """知道了: one act per order, and the marks."""
    changes, now = NOTHING, seat.now()
    for order_id, ids in _by_order(alerts).items():
        changes |= seat.record(order_id, ActKind.ACKNOWLEDGE, p.Alerts(ids))
        known = seat.store.alert_marks()
        marks = {key: known.get(key, AlertMark(now)) for key in ids}
        seat.store.mark_alerts({k: replace(m, acknowledged_at=now) for k, m in marks.items()})
    return changes


def snooze(seat: Seat, alerts: Iterable[AlertRef], until: datetime) -> ChangeSet:
    """稍后: one act per order, and the marks. Whether it is allowed is ``domain.alerts``' business."""
    changes, now = NOTHING, seat.now()
    for order_id, ids in _by_order(alerts).items():
        count = _snoozes(seat, order_id) + 1
        changes |= seat.record(order_id, ActKind.SNOOZE, p.Alerts(ids))
        known = seat.store.alert_marks()
        marks = {key: known.get(key, AlertMark(now)) for key in ids}
        seat.store.mark_alerts(
            {k: replace(m, snoozed_until=until, snoozes=count) for k, m in marks.items()}
        )
    return changes


def _snoozes(seat: Seat, order_id: OrderId) -> int:
    """How often this person put the order off, on any seat."""
    history = marks_in(seat.order(order_id), seat.person_id, seat.center.policy)
    here = seat.store.alert_marks()
    return max(snoozes_of(order_id, history), snoozes_of(order_id, here))


def _by_order(alerts: Iterable[AlertRef]) -> dict[OrderId, tuple[str, ...]]:
    found: dict[OrderId, tuple[str, ...]] = {}
    for order_id, key in alerts:
        found[order_id] = (*found.get(order_id, ()), key)
    return found
