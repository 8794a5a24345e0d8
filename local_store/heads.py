"""The part of an order that lists need, read straight from its bytes.

Decoding a whole order costs several times as much (its history is the bulk of it). A ``Head`` has the
same attribute names as ``domain.orders.Order``, so the domain's own questions can be asked of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec

from desktop_app.domain.deadlines import current_clock, open_clocks
from desktop_app.domain.lifecycle import holder, waits_for_signature
from desktop_app.domain.orders import CLOSED_STAGES, ClockRun, Order, Stage


class _Part(msgspec.Struct, frozen=True, gc=False):
    """Base of the parts. No reference cycles are possible, so the collector need not look."""


class HeadPetitioner(_Part, frozen=True, gc=False):
    name: str = ""
    phone: str = ""
    address: str = ""


class HeadPlace(_Part, frozen=True, gc=False):
    village_id: str | None = None
    village: str = ""
    address: str = ""


class HeadMatter(_Part, frozen=True, gc=False):
    title: str
    text: str = ""
    category: tuple[str, ...] = ()


class HeadClock(_Part, frozen=True, gc=False):
    id: str
    label: str
    node: str
    closed_by: str
    started_at: datetime
    due_at: datetime
    safe_due_at: datetime
    round: int = 1
    met_at: datetime | None = None


class HeadPause(_Part, frozen=True, gc=False):
    ended_at: datetime | None = None


class HeadHandler(_Part, frozen=True, gc=False):
    duty: str
    person_id: str
    title: str


class HeadAssignment(_Part, frozen=True, gc=False):
    handler: HeadHandler
    accepted_at: datetime | None = None


class HeadProposal(_Part, frozen=True, gc=False):
    hash: str = ""
    withdrawn: bool = False


class HeadEmergency(_Part, frozen=True, gc=False):
    signed_at: datetime | None = None


class HeadSignature(_Part, frozen=True, gc=False):
    act_id: str


class HeadConflict(_Part, frozen=True, gc=False):
    choice: str = ""


class HeadLink(_Part, frozen=True, gc=False):
    order_id: str
    again: bool = True


class HeadVerification(_Part, frozen=True, gc=False):
    text: str = ""
    corrections: tuple[tuple[str, str, str], ...] = ()


class HeadCallBack(_Part, frozen=True, gc=False):
    resolved: bool | None = None
    satisfied: bool | None = None


class Head(_Part, frozen=True, gc=False):
    """What lists, search and filters need of an order."""

    id: str
    number: str
    petitioner: HeadPetitioner
    place: HeadPlace
    matter: HeadMatter
    tier: str
    tier_title: str
    tier_style: str
    insistent: bool
    dispatched_at: datetime
    stage: Stage = Stage.DISPATCHED
    rev: int = 1
    round: int = 1
    clocks: tuple[HeadClock, ...] = ()
    pauses: tuple[HeadPause, ...] = ()
    links: tuple[HeadLink, ...] = ()
    conclude_needs: tuple[str, ...] = ()
    verification: HeadVerification | None = None
    proposal: HeadProposal | None = None
    returned: str = ""
    signature: HeadSignature | None = None
    emergency: HeadEmergency | None = None
    assignments: tuple[HeadAssignment, ...] = ()
    achieved: tuple[str, ...] = ()
    callbacks: tuple[HeadCallBack, ...] = ()
    conflicts: tuple[HeadConflict, ...] = ()

    @property
    def closed(self) -> bool:
        return self.stage in CLOSED_STAGES

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].ended_at is None

    @property
    def signature_pending(self) -> bool:
        return self.emergency is not None and self.emergency.signed_at is None

    @property
    def to_sign(self) -> bool:
        """Whether a proposal is to be signed, by the domain's own rule."""
        return waits_for_signature(cast("Order", self))

    @property
    def times(self) -> int:
        """The how many-th time this matter is brought (1: first)."""
        return 1 + sum(link.again for link in self.links) if self.links else 1

    @property
    def current(self) -> HeadClock | None:
        """The clock that is due next, by the domain's own rule."""
        return cast("HeadClock | None", current_clock(cast("Order", self)))

    @property
    def holder(self) -> str:
        return holder(cast("Order", self))

    @property
    def open_conflicts(self) -> int:
        return sum(not c.choice for c in self.conflicts) if self.conflicts else 0


class AlertHead(Head, frozen=True, gc=False):
    """What the alerts need: the clocks in full."""

    clocks: tuple[ClockRun, ...] = ()  # type: ignore[assignment]  # more in each
    past_handlers: tuple[str, ...] = ()

    @property
    def running(self) -> tuple[ClockRun, ...]:
        """The running clocks, soonest due first."""
        return open_clocks(cast("Order", self))


_head = msgspec.json.Decoder(Head)
_heads = msgspec.json.Decoder(list[Head])
_alert_head = msgspec.json.Decoder(AlertHead)


def read_head(data: bytes | msgspec.Raw) -> Head:
    """Return the head of an order's bytes. Raises ``msgspec.ValidationError``."""
    return _head.decode(data)


def read_heads(array: bytes) -> list[Head]:
    """Return the heads of a JSON array of orders. Raises ``msgspec.MsgspecError``."""
    return _heads.decode(array)


def read_alert_head(data: bytes) -> AlertHead:
    """The same with the clocks in full."""
    return _alert_head.decode(data)
