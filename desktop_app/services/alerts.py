"""What a person does with alerts: seen, put off. Each is an act and a mark of this seat."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from desktop_app.domain.ids import OrderId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet

AlertRef = tuple[OrderId, str]
"""(order id, alert id)"""


def shown(seat: Seat, alert_ids: Iterable[str]) -> None:
    """Remember that these came up (only the first time counts)."""
    raise NotImplementedError


def acknowledge(seat: Seat, alerts: Iterable[AlertRef]) -> ChangeSet:
    """知道了: one act per order, and the marks."""
    raise NotImplementedError


def snooze(seat: Seat, alerts: Iterable[AlertRef], until: datetime) -> ChangeSet:
    """稍后: one act per order, and the marks. Whether it is allowed is ``domain.alerts``' business."""
    raise NotImplementedError
