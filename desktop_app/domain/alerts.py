"""What is due to be told to one person now. Pure: nothing here remembers that it was called.

An alert is a fact, not an event: it is due because the latest moment of a clock that concerns this
person has passed and was neither acknowledged nor put off. So whatever fell due while the machine
slept, the client was closed or its clock was wrong is simply due at the next look, once, gathered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from desktop_app.domain.alert_values import (
    Alarm,
    Alert,
    AlertKind,
    AlertMark,
    Gathered,
    OrderAlerts,
    Watch,
)
from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.center import Person
from desktop_app.domain.deadlines import BAND_URGENCY, Band, band_of, share_left
from desktop_app.domain.orders import ClockRun, Stage
from desktop_app.domain.policy import AlertMoment, AlertRule, Bands, Policy
from desktop_app.domain.roles import HANDLER_ROLES, Role


def alert_id(order_id: str, clock_id: str, moment: int) -> str:
    """Return the stable id ``order:clock:moment``; seats, acts and marks all use it."""
    return f"{order_id}:{clock_id}:{moment}"


def order_of(alert: str) -> str:
    """Return the order an alert id belongs to."""
    return alert.rsplit(":", 2)[0]


_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_JUST = timedelta(seconds=1)


def snoozes_of(order_id: str, marks: Mapping[str, AlertMark]) -> int:
    """Return how often this order's alerts were put off."""
    return _snooze_counts(marks).get(order_id, 0)


def _snooze_counts(marks: Mapping[str, AlertMark]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, mark in marks.items():
        if mark.snoozes:
            order = order_of(key)
            counts[order] = max(counts.get(order, 0), mark.snoozes)
    return counts


def due_alerts(
    watches: Iterable[Watch],
    policy: Policy,
    person: Person,
    now: datetime,
    marks: Mapping[str, AlertMark],
    *,
    deputy: bool = False,
) -> Gathered:
    """Return what is due for ``person`` at ``now`` (platform time, aware), worst first.

    ``watches`` are the running clocks the person's seat knows, in any order. Due times are the
    earlier estimate (``safe_due_at``): a reminder may come early, never late. ``deputy``: signs for
    the secretary now (代签), and hears what the secretary hears of orders that wait for a signature.
    """
    look = _Look(policy, person, now, marks, quiet_until(policy.alerts, now), _snooze_counts(marks))
    groups: dict[str, list[Watch]] = {}
    for watch in watches:
        if deputy and watch.to_sign:
            groups.setdefault(watch.order_id, []).append(replace(watch, signs=True))
        elif not watch.lent:
            groups.setdefault(watch.order_id, []).append(watch)
    orders: list[OrderAlerts] = []
    alarms: list[Alarm] = []
    held = 0
    for order_id, group in groups.items():
        alarm = _alarm(look, group)
        if alarm is not None:
            alarms.append(alarm)
        due = _due(look, group, ringing=alarm is not None)
        told = sorted((a for a in due if not _held(look, a)), key=_worst_first)
        held += bool(due) and not told
        if told:
            orders.append(OrderAlerts(order_id, tuple(told)))
    orders.sort(key=lambda o: _worst_first(o.worst))
    alarms.sort(key=lambda a: (a.share, a.since, a.id))
    return Gathered(tuple(orders), tuple(alarms), held, now)


def may_change_at(
    gathered: Gathered,
    watches: Iterable[Watch],
    policy: Policy,
    marks: Mapping[str, AlertMark],
    now: datetime,
) -> datetime:
    """Return the moment until which ``due_alerts`` of the same things says what it said at ``now``.

    At most the next full minute: quiet hours begin and end on one, and the order of equally pressing
    alerts follows their clocks. A moment that has only just come counts as one that is to come.
    """
    head = timedelta(seconds=policy.alerts.head_after_seconds)
    moments = [now.replace(second=0, microsecond=0) + timedelta(minutes=1)]
    for watch in watches:
        clock = watch.clock
        moments += (clock.safe_due_at + timedelta(seconds=m.seconds) for m in clock.moments)
        if watch.insistent and watch.stage is Stage.DISPATCHED:
            moments.append(clock.started_at + head)
    told = [a.watch for a in gathered.alerts] + [a.watch for a in gathered.alarms]
    for watch in told:
        moments += _band_bounds(watch.clock, policy.bands)
    moments += (m.snoozed_until for m in marks.values() if m.snoozed_until is not None)
    return min(moment for moment in moments if moment > now - _JUST)


def _band_bounds(clock: ClockRun, bands: Bands) -> tuple[datetime, ...]:
    whole = clock.safe_due_at - clock.started_at
    return tuple(clock.safe_due_at - whole * share for share in (bands.half, bands.near, 0))


def silent_until(watch: Watch) -> datetime:
    """Return the moment before which this clock adds nothing to what is due, whoever asks.

    Most clocks are silent most of the time and need no look until then.
    """
    if watch.stage is Stage.DISPATCHED and watch.kind is AlertKind.CLOCK:
        return _ALWAYS  # nobody has taken the order
    moments = [m.seconds for m in watch.clock.moments]
    if watch.paused or not moments:
        return _NEVER
    return watch.clock.safe_due_at + timedelta(seconds=min(moments))


@dataclass(frozen=True, slots=True)
class _Look:
    policy: Policy
    person: Person
    now: datetime
    marks: Mapping[str, AlertMark]
    quiet_end: datetime | None
    snoozes: Mapping[str, int] = field(default_factory=dict)

    @property
    def rule(self) -> AlertRule:
        return self.policy.alerts

    @property
    def bands(self) -> Bands:
        return self.policy.bands


def _worst_first(alert: Alert) -> tuple[int, bool, float, datetime, str]:
    """Band, then share left. A new order that only waits stands behind its band."""
    new = alert.kind is AlertKind.NEW
    return (BAND_URGENCY[alert.band], new, alert.share, alert.watch.clock.due_at, alert.id)


def concerns(moment: AlertMoment, person: Person, watch: Watch) -> bool:
    """Whether a moment is told to this person: by role, handlers only about their own orders; who
    signs for the secretary is told as the secretary is.
    """
    if watch.signs and Role.SECRETARY in moment.tell:
        return True
    return person.role in moment.tell and (watch.mine or person.role not in HANDLER_ROLES)


def _latest(look: _Look, watch: Watch) -> tuple[AlertMoment, datetime] | None:
    passed = [
        (watch.clock.safe_due_at + timedelta(seconds=m.seconds), m)
        for m in watch.clock.moments
        if concerns(m, look.person, watch)
    ]
    # A moment before the start would be told at the very dispatch: the new-order alert says that.
    at = [(when, m) for when, m in passed if watch.clock.started_at < when <= look.now]
    if not at:
        return None
    when, moment = max(at, key=lambda pair: pair[0])
    return moment, when


def _clock_alert(look: _Look, watch: Watch) -> Alert | None:
    if watch.paused or watch.clock.met_at is not None:
        return None
    found = _latest(look, watch)
    if found is None:
        return None
    moment, when = found
    return _alert(look, watch, watch.kind, watch.clock.id, moment.seconds, when)


def _due(look: _Look, group: list[Watch], *, ringing: bool) -> list[Alert]:
    """Return what is due on one order. What the alarm already says is not said beside it."""
    told = [w for w in group if not ringing or w.kind is not AlertKind.CLOCK]
    due = [_clock_alert(look, w) for w in told] + [_new_order(look, told)]
    return [a for a in due if a is not None]


def _new_order(look: _Look, group: list[Watch]) -> Alert | None:
    if look.person.role is not Role.DISPATCHER:
        return None
    first = _waits_to_be_taken(group)
    if first is None:
        return None
    return _alert(look, first, AlertKind.NEW, _new_id(first), 0, first.clock.started_at)


def _alert(
    look: _Look, watch: Watch, kind: AlertKind, clock_id: str, moment: int, when: datetime
) -> Alert | None:
    key = alert_id(watch.order_id, clock_id, moment)
    mark = look.marks.get(key, AlertMark())
    band = band_of(watch.clock, look.now, look.bands)
    put_off = mark.snoozed_until is not None and look.now < mark.snoozed_until
    if _known(look, watch, clock_id, moment, when) or (put_off and band is not Band.OVER):
        return None
    loud = look.quiet_end is None or watch.insistent or kind is AlertKind.NEW
    left = max(0, look.rule.snoozes - look.snoozes.get(watch.order_id, 0))
    share = share_left(watch.clock, look.now)
    shown = mark.shown_at is not None and mark.shown_at >= when
    return Alert(key, kind, watch, moment, when, band, share, loud, left, shown)


def _known(look: _Look, watch: Watch, clock_id: str, moment: int, when: datetime) -> bool:
    """Whether this moment, or a later one of the clock, was acknowledged since it fell due.

    A clock that was stopped and resumed reaches its moments again, and they are told again.
    """
    later = [m.seconds for m in watch.clock.moments if m.seconds > moment]
    keys = [alert_id(watch.order_id, clock_id, seconds) for seconds in (moment, *later)]
    acks = [look.marks[key].acknowledged_at for key in keys if key in look.marks]
    return any(ack is not None and ack >= when for ack in acks)


def _held(look: _Look, alert: Alert) -> bool:
    """Quiet hours keep back what can wait: an ordinary reminder whose limit ends after them."""
    if look.quiet_end is None or alert.audible or alert.overdue:
        return False
    return alert.watch.clock.safe_due_at > look.quiet_end


def _waits_to_be_taken(group: list[Watch]) -> Watch | None:
    waiting = [
        w
        for w in group
        if w.stage is Stage.DISPATCHED and not w.paused and w.kind is AlertKind.CLOCK
    ]
    return min(waiting, key=lambda w: (w.clock.safe_due_at, w.clock.id), default=None)


def _new_id(watch: Watch) -> str:
    return "new" if watch.clock.round == 1 else f"new.r{watch.clock.round}"


def _alarm(look: _Look, group: list[Watch]) -> Alarm | None:
    """Dispatchers at once, the head of the center and the secretary when nobody takes it."""
    watch = _waits_to_be_taken(group)
    if watch is None or not watch.insistent:
        return None
    since = watch.clock.started_at
    key = alert_id(watch.order_id, _new_id(watch), 0)
    mark = look.marks.get(key, AlertMark())
    can_take = look.person.role is Role.DISPATCHER
    if not can_take:
        told = look.person.head or look.person.role is Role.SECRETARY
        waited = look.now >= since + timedelta(seconds=look.rule.head_after_seconds)
        if not (told and waited) or mark.acknowledged_at is not None:
            return None
    band = band_of(watch.clock, look.now, look.bands)
    share = share_left(watch.clock, look.now)
    return Alarm(key, watch, since, can_take, band, share, mark.shown_at)


def quiet_until(rule: AlertRule, now: datetime) -> datetime | None:
    """Return when the quiet hours that run at ``now`` end (same zone as ``now``), or None."""
    start, end = _minutes(rule.quiet_from), _minutes(rule.quiet_to)
    local = now.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    inside = start <= minute < end if start <= end else minute >= start or minute < end
    if not inside:
        return None
    day = local + timedelta(days=1) if start > end and minute >= start else local
    finish = day.replace(hour=end // 60 % 24, minute=end % 60, second=0, microsecond=0)
    return finish.astimezone(now.tzinfo)


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
