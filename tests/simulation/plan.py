"""What a seed decides beforehand: who works where, how bad everything is, and which disasters come."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tests.simulation.users import Habits
from tests.simulation.weather import USUAL, Mishap

SECURE, LOCAL = "https://platform.example:8440", "http://127.0.0.1:8440"


@dataclass(frozen=True, slots=True)
class Place:
    """One PC and who uses it. ``bad``: the share of its requests that go wrong."""

    name: str
    people: tuple[str, ...]
    address: str
    bad: float
    offline_days: frozenset[int]
    stick: bool = False  # once it knows its orders it has no line any more, and sends sticks


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Rates are per machine and day. ``restore``: an old backup of the platform is put back on
    this day; ``harms``: stores and journals damaged; ``put_back``: backups of seats; ``copied``: a profile.
    """

    places: tuple[Place, ...]
    habits: Habits
    days: tuple[float, ...]
    nights: tuple[float, ...]
    orders: int
    crashes: float
    sleeps: float
    clock_jumps: float
    full_disks: float
    platform_crashes: float
    sender_acts: float
    rogues: int
    restore: int | None
    shut_out: str | None
    comes_back: bool
    wrong_platform_clock: timedelta
    harms: float = 0.0
    put_back: float = 0.0
    copied: str | None = None
    mishaps: Mapping[Mishap, float] = field(default_factory=lambda: dict(USUAL))
    jumps: tuple[timedelta, ...] = field(
        default=(
            timedelta(hours=3), timedelta(hours=-3), timedelta(days=365), timedelta(days=-365),
            timedelta(minutes=-10), timedelta(seconds=40),
        )
    )  # fmt: skip


_WHO = (
    ("desk", ("dispatcher",)), ("desk2", ("dispatcher2", "leader2")), ("office", ("secretary",)),
    ("leader", ("leader",)), ("village", ("village",)), ("village2", ("village2", "station2")),
    ("station", ("station",)),
)  # fmt: skip


def plan_of(dice: random.Random) -> Plan:
    """Draw a plan. Some runs are calm in most respects, so that a failure shows what it needs."""
    days = tuple(dice.uniform(100, 300) for _ in range(dice.choice((1, 2, 2, 3))))
    always = [who for who in _WHO if who[0] in ("desk", "office")]
    others = dice.sample([who for who in _WHO if who not in always], dice.choice((2, 3, 3, 4)))
    bad = dice.choice((0.0, 0.05, 0.15, 0.3, 0.5))
    return Plan(
        places=tuple(
            _place(name, people, bad, len(days), dice) for name, people in [*always, *others]
        ),
        habits=Habits(
            think=dice.uniform(12, 40),
            in_order=dice.uniform(0.4, 0.85),
            photos=dice.choice((0.0, 0.0, 0.0, 0.1)),
            deputies=dice.choice((0.0, 0.0, 0.1)),
            old_screens=dice.choice((0.0, 0.2)),
        ),
        days=days,
        nights=tuple(dice.choice((1200, 30_000, 150_000)) for _ in days),
        orders=dice.choice((1, 2, 3, 4)),
        crashes=dice.choice((0.0, 0.5, 1.5)),
        sleeps=dice.choice((0.0, 0.0, 0.7)),
        clock_jumps=dice.choice((0.0, 0.0, 0.7)),
        full_disks=dice.choice((0.0, 0.0, 0.0, 0.5)),
        platform_crashes=dice.choice((0.0, 0.0, 1.0, 3.0)),
        sender_acts=dice.choice((1.0, 4.0)),
        rogues=dice.choice((0, 0, 2)),
        restore=dice.randrange(len(days)) if dice.random() < 0.2 else None,
        shut_out=dice.choice(("village", "leader", "dispatcher2"))
        if dice.random() < 0.15
        else None,
        comes_back=dice.random() < 0.6,
        wrong_platform_clock=dice.choice((timedelta(), timedelta(), timedelta(hours=3))),
        harms=dice.choice((0.0, 0.0, 0.4)),
        put_back=dice.choice((0.0, 0.0, 0.0, 0.4)),
        copied=dice.choice((*always, *others))[0] if dice.random() < 0.15 else None,
    )


def _place(name: str, people: tuple[str, ...], bad: float, days: int, dice: random.Random) -> Place:
    one = people if dice.random() < 0.5 else people[:1]
    offline = frozenset(day for day in range(days) if day and dice.random() < 0.2)
    address = SECURE if dice.random() < 0.5 else LOCAL
    stick = name not in ("desk", "office") and dice.random() < 0.1
    return Place(name, one, address, bad * dice.uniform(0.3, 1.3), offline, stick)
