"""代签: the secretary authorises a deputy for a period, or takes it back."""

from __future__ import annotations

from datetime import datetime

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import CENTER, ActId, PersonId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet


def authorise(
    seat: Seat, deputy: PersonId, starts_at: datetime, ends_at: datetime, reason: str
) -> ChangeSet:
    """授权代签 from ``starts_at`` to ``ends_at`` (aware)."""
    payload = p.AuthoriseDeputy(deputy, starts_at, ends_at, reason)
    return seat.record(CENTER, ActKind.AUTHORISE_DEPUTY, payload)


def revoke(seat: Seat, delegation: ActId, reason: str = "") -> ChangeSet:
    """收回代签."""
    return seat.record(CENTER, ActKind.REVOKE_DEPUTY, p.RevokeDeputy(delegation, reason))
