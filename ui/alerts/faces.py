"""Alerts as faces: what a row, the head and the alarm show at this second. No widgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from desktop_app.domain.alert_values import Alert, AlertKind, Gathered, OrderAlerts
from desktop_app.domain.alert_words import node_text, why
from desktop_app.domain.center import Person
from desktop_app.domain.policy import AlertRule
from ui.present.words import short_number
from ui.widgets.kinds import Band, Tone
from ui.widgets.paint_clock import BAND_ICONS
from ui.widgets.text import clock_tick, countdown_text
from ui.widgets.values import TagFace

ROWS = 6
LATE_TELLING = timedelta(minutes=1)
"""What fell due longer ago than this and is new here was gathered while nobody could be told."""


@dataclass(frozen=True, slots=True)
class RowFace:
    """One row: ``band`` gives colour, ``icon`` shape, ``clock`` words; ``spoken`` says all of it.

    ``short`` is ``place`` for a row where it does not fit: nothing in it may be cut off.
    """

    order_id: str
    band: Band
    icon: str
    title: str
    place: str
    short: str
    clock: str
    spoken: str


def row_face(order: OrderAlerts, person: Person, now: datetime) -> RowFace:
    """The row of one order by its worst alert."""
    alert = order.worst
    watch = alert.watch
    left = (watch.clock.safe_due_at - now).total_seconds()
    clock = countdown_text(left)
    more = f" 等{len(order.alerts)}项" if len(order.alerts) > 1 else ""
    number = short_number(watch.number)
    place = " · ".join(p for p in (number, watch.village, _what(alert) + more) if p)
    short = " · ".join(p for p in (number, watch.village, _label(alert) + more) if p)
    band = Band(alert.band.value)
    return RowFace(
        order_id=order.order_id,
        band=band,
        icon=_icon(alert, band),
        title=watch.title,
        place=place,
        short=short,
        clock=clock,
        spoken=f"{watch.title}，{place}，{clock}。{why(alert, person, now)}",
    )


def page_of(alert: Alert) -> str:
    """The page where something is done about it; "" for the order itself."""
    if alert.kind in (AlertKind.CONFLICT, AlertKind.REFUSED):
        return "decisions"
    return "signoff" if alert.watch.signs else ""


def clock_step(order: OrderAlerts, now: datetime) -> int:
    """A number that changes whenever the clock of the order's row has to: each minute, in the last
    hour and the first one over each second.
    """
    left = (order.worst.watch.clock.safe_due_at - now).total_seconds()
    return clock_tick(left)


def _what(alert: Alert) -> str:
    return "新工单 待签收" if alert.kind is AlertKind.NEW else node_text(alert.watch)


def _label(alert: Alert) -> str:
    return "新单" if alert.kind is AlertKind.NEW else alert.watch.clock.label


def _icon(alert: Alert, band: Band) -> str:
    if alert.kind is AlertKind.NEW:
        return "inbox"
    return (
        "git-merge" if alert.kind in (AlertKind.CONFLICT, AlertKind.REFUSED) else BAND_ICONS[band]
    )


def head_tags(gathered: Gathered) -> tuple[TagFace, ...]:
    """超时 1, 临期 2, 过半 1, 新单 1: only what there is."""
    counts = {Band(band.value): n for band, n in gathered.counts().items()}
    bands = (
        (Band.OVER, "超时", Tone.OVER),
        (Band.NEAR, "临期", Tone.NEAR),
        (Band.HALF, "过半", Tone.HALF),
        (Band.OK, "充裕", Tone.OK),
    )
    tags = [TagFace(f"{word} {counts[band]}", tone) for band, word, tone in bands if band in counts]
    if gathered.new_orders:
        tags.append(TagFace(f"新单 {gathered.new_orders}", Tone.PRIMARY))
    return tuple(tags)


def gathered_while_away(gathered: Gathered) -> int:
    """How many orders fell due while this person could not be told."""
    if gathered.at is None:
        return 0
    return gathered.fell_due_before(gathered.at - LATE_TELLING)


def worst_words(gathered: Gathered, person: Person, now: datetime) -> str:
    """``最急:`` and the whole reason of the first row."""
    if not gathered.orders:
        return ""
    alert = gathered.orders[0].worst
    return f"最急（第 1 件）：{why(alert, person, now)}"


def snooze_refusal(gathered: Gathered, rule: AlertRule) -> str:
    """Why nothing can be put off now; empty when something can."""
    if any(o.may_snooze for o in gathered.orders):
        return ""
    if all(any(a.overdue for a in o.alerts) for o in gathered.orders):
        return "都已超时"
    return f"已稍后 {rule.snoozes} 次"


def rule_words(rule: AlertRule) -> str:
    """The rule under the buttons."""
    return f"超时件不能稍后；每件最多稍后 {rule.snoozes} 次，均留痕"


def clock_face(seconds: float) -> str:
    """``13:48``, and with hours ``1:02:05``, for the large clock of an alarm."""
    whole = int(abs(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"
