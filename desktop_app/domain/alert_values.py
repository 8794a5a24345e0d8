"""The values alerts are made of: what is watched, what is due, what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desktop_app.domain.deadlines import Band
from desktop_app.domain.orders import ClockRun, Stage


class AlertKind(StrEnum):
    """What an alert is about."""

    CLOCK = "clock"  # a node of 一三五七, or settling the handlers
    NEW = "new"  # an order nobody has taken
    CONFLICT = "conflict"  # two records wait for a decision
    REFUSED = "refused"  # a record of one's own was not taken


@dataclass(frozen=True, slots=True)
class AlertMark:
    """What this person did with an alert on any of their seats. ``snoozes`` counts per order."""

    shown_at: datetime | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozes: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """One running clock of one order as the alerts look at it. ``mine``: this person handles it.

    ``to_sign``: a proposal waits for a signature; ``lent``: the order is here only because the person
    may be signing for the secretary; ``signs``: he may, now.
    """

    order_id: str
    number: str
    title: str
    village: str
    tier: str
    tier_title: str
    tier_style: str
    insistent: bool
    stage: Stage
    holder: str
    clock: ClockRun
    mine: bool = False
    paused: bool = False
    kind: AlertKind = AlertKind.CLOCK
    to_sign: bool = False
    lent: bool = False
    signs: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell. ``raised_at``: when it fell due; ``moment``: seconds from the due time."""

    id: str
    kind: AlertKind
    watch: Watch
    moment: int
    raised_at: datetime
    band: Band
    share: float
    audible: bool
    snoozes_left: int
    shown: bool

    @property
    def overdue(self) -> bool:
        return self.band is Band.OVER

    @property
    def may_snooze(self) -> bool:
        """Overdue alerts cannot be put off, others only so many times per order."""
        return not self.overdue and self.snoozes_left > 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """A new order of an insistent tier that nobody has taken. It rings until somebody does.

    ``can_take``: this person may. Others (head, secretary) are told later and can only acknowledge.
    """

    id: str
    watch: Watch
    since: datetime
    can_take: bool
    band: Band
    share: float
    shown_at: datetime | None

    def rung(self, now: datetime, repeat_seconds: int) -> int:
        """How often it has rung on this seat, the present time included."""
        first = self.shown_at or now
        return 1 + max(0, int((now - first).total_seconds())) // max(1, repeat_seconds)


@dataclass(frozen=True, slots=True)
class OrderAlerts:
    """The alerts of one order, worst first: one row on the screen, one act when acknowledged."""

    order_id: str
    alerts: tuple[Alert, ...]

    @property
    def worst(self) -> Alert:
        return self.alerts[0]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(a.id for a in self.alerts)

    @property
    def may_snooze(self) -> bool:
        """An order with anything overdue stays in view."""
        return all(a.may_snooze for a in self.alerts)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is due for one person. ``held`` wait for the end of the quiet hours."""

    orders: tuple[OrderAlerts, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    held: int = 0
    at: datetime | None = None

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(a for o in self.orders for a in o.alerts)

    @property
    def fresh(self) -> tuple[Alert, ...]:
        """What this person has never been shown."""
        return tuple(a for a in self.alerts if not a.shown)

    def counts(self) -> dict[Band, int]:
        """Orders per band, each by its worst alert; new orders that only wait are not in a band."""
        found: dict[Band, int] = {}
        for order in self.orders:
            if order.worst.kind is not AlertKind.NEW:
                found[order.worst.band] = found.get(order.worst.band, 0) + 1
        return found

    @property
    def new_orders(self) -> int:
        return sum(o.worst.kind is AlertKind.NEW for o in self.orders)

    def fell_due_before(self, moment: datetime) -> int:
        """How many of the unseen orders fell due before ``moment``: while nobody could be told."""
        return sum(any(not a.shown and a.raised_at < moment for a in o.alerts) for o in self.orders)
