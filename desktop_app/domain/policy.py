"""A jurisdiction's rules as data: tiers, clocks, what closes each, when to warn whom.

One TOML file per jurisdiction under ``resources/policies``; ``policy_from_toml`` reads it. Sources:
the tiers and limits of Pinggu [003] and Xining [004]; what no source fixes is marked there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from desktop_app.domain.roles import Role


class Counting(StrEnum):
    """How a limit is counted."""

    ELAPSED = "elapsed"  # limit = seconds of running time (hours, rolling days: k × 24 h)
    CALENDAR_DAYS = "calendar_days"  # limit = days; due at the end of that day, local time
    WORKING_DAYS = "working_days"  # limit = working days, holidays and make-up days observed


class Milestone(StrEnum):
    """What an act can achieve for the clocks; a policy says which clock it closes."""

    ACCEPTED = "accepted"
    SETTLED = "settled"  # handlers are settled: signed, or emergency handling begun
    MET = "met"
    PLANNED = "planned"
    PROGRESSED = "progressed"
    DETERMINED = "determined"
    EXPLAINED = "explained"
    CONCLUDED = "concluded"
    REVIEWED = "reviewed"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class AlertMoment:
    """An alert moment: ``seconds`` before (negative) or after (positive) the due time; 0 is the due time."""

    seconds: int
    tell: tuple[Role, ...]


ROLE_LETTERS = {
    "d": Role.DISPATCHER,
    "s": Role.SECRETARY,
    "l": Role.LEADER,
    "v": Role.VILLAGE,
    "t": Role.STATION,
    "b": Role.DEPARTMENT,
    "g": Role.GRID,
    "i": Role.INSPECTOR,
    "a": Role.ADMIN,
    "p": Role.PLATFORM,
}
"""The letters of the roles in frozen alert moments. A letter never changes its meaning."""
_LETTER_OF = {role: letter for letter, role in ROLE_LETTERS.items()}
_MOMENT = re.compile(r"(-?[0-9]{1,9})([a-z]*)", re.ASCII)


def frozen_moments(moments: Iterable[AlertMoment]) -> str:
    """Return alert moments as an order carries them: ``"-1800ds 0dsl"``, seconds and whom to tell.

    Every order freezes some twenty of them; written out they would be half of its bytes.
    """
    return " ".join(f"{m.seconds}{''.join(_LETTER_OF[r] for r in m.tell)}" for m in moments)


@lru_cache(maxsize=1024)
def alert_moments(frozen: str) -> tuple[AlertMoment, ...]:
    """Return the moments of a clock's ``alerts``; inverse of ``frozen_moments``.

    Never raises: a letter that a newer platform may have added tells nobody here.
    """
    found = (_MOMENT.fullmatch(part) for part in frozen.split())
    return tuple(
        AlertMoment(int(m[1]), tuple(ROLE_LETTERS[c] for c in m[2] if c in ROLE_LETTERS))
        for m in found
        if m is not None
    )


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One clock of a tier. ``node`` is its mark on the node track (1 3 5 7, 落, 办), "" for none."""

    id: str
    label: str
    node: str
    closed_by: Milestone
    counting: Counting
    limit: int
    alerts: tuple[AlertMoment, ...] = ()


@dataclass(frozen=True, slots=True)
class TierRule:
    """One urgency tier. ``insistent``: the new-order alarm rings until somebody takes it."""

    id: str
    title: str
    style: str
    insistent: bool
    clocks: tuple[ClockRule, ...]
    conclude_needs: tuple[Milestone, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bands:
    """Bounds of the bands by share of time left: above ``half`` green, above ``near`` yellow."""

    half: float = 0.5
    near: float = 0.2


@dataclass(frozen=True, slots=True)
class AlertRule:
    """What the alerts may do. Quiet hours are local "HH:MM"; they hold back ordinary reminders only."""

    repeat_seconds: int = 20
    head_after_seconds: int = 180
    snooze_seconds: int = 600
    snoozes: int = 2
    quiet_from: str = "22:00"
    quiet_to: str = "06:30"


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """How long a question may wait for its answer: two records that do not agree, a refused record.

    ``within_seconds`` counts office time (local "HH:MM", working days). ``alerts``: moments about the
    due time, told to who decides and also to these roles; ``then``: who may decide what is overdue.
    """

    within_seconds: int = 8 * 3600
    opens: str = "08:30"
    closes: str = "17:30"
    alerts: tuple[AlertMoment, ...] = (
        AlertMoment(-3600, ()),
        AlertMoment(0, (Role.DISPATCHER,)),
        AlertMoment(2 * 3600, (Role.DISPATCHER, Role.SECRETARY)),
    )
    then: tuple[Role, ...] = (Role.DISPATCHER,)


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of one jurisdiction."""

    id: str
    title: str
    version: str
    tiers: tuple[TierRule, ...]
    bands: Bands = Bands()
    alerts: AlertRule = AlertRule()
    decisions: DecisionRule = DecisionRule()
    safety_margin: int = 0  # seconds: a center may count against limit minus this
    unreachable_attempts: int = 3  # calls before "unreachable" counts as verified
    clock_stop_roles: tuple[Role, ...] = (Role.PLATFORM,)
    batch_tiers: tuple[str, ...] = ("general", "complex")
    rate_weights: tuple[tuple[str, float], ...] = ()
    holidays: tuple[str, ...] = ()  # ISO dates off although a weekday
    makeup_days: tuple[str, ...] = ()  # ISO dates worked although a weekend
    calendar_years: tuple[int, ...] = ()  # the years these lists are known for

    def tier(self, tier_id: str) -> TierRule:
        """Return the tier, or raise ``KeyError``."""
        for tier in self.tiers:
            if tier.id == tier_id:
                return tier
        raise KeyError(tier_id)
