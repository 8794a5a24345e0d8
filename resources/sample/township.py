"""Reads ``township.toml`` into a ``Center``, its accounts, and a stream of invented orders."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.center import Center, Shift
from desktop_app.domain.center_file import load_center
from desktop_app.domain.ids import PersonId, UnitId
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Matter, OrderKind, Petitioner, Place
from desktop_app.domain.policy_file import load_policy
from resources import read_text

SAMPLE_PASSWORD = "jiban-demo"
"""Only for the sample township on one's own machine."""


@dataclass(frozen=True, slots=True)
class Account:
    """A login of the sample township."""

    account: str
    password: str
    person_id: PersonId


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(read_text("sample/township.toml"))


def sample_accounts() -> tuple[Account, ...]:
    """Return one login per person; the account is the short name in the last column."""
    return tuple(Account(row[5], SAMPLE_PASSWORD, PersonId(row[0])) for row in _data()["people"])


def sample_center(policy: str = "pinggu", today: datetime | None = None) -> Center:
    """Return the sample center under the named policy; with ``today`` also a fortnight's roster."""
    rules = load_policy(read_text(f"policies/{policy}.toml"))
    center = load_center(read_text("sample/township.toml"), rules).center
    return replace(center, shifts=_roster(today)) if today else center


def _roster(today: datetime) -> tuple[Shift, ...]:
    start = today.astimezone(SHANGHAI).replace(hour=8, minute=0, second=0, microsecond=0)
    shifts = []
    for half_day in range(-2, 28):
        begins = start + timedelta(hours=12 * half_day)
        person, team = (("zhou", "甲班"), ("sun", "乙班"))[half_day % 2]
        utc = begins.astimezone(today.tzinfo)
        shifts.append(Shift(PersonId(person), team, utc, utc + timedelta(hours=12)))
    return tuple(shifts)


def sample_intake(n: int, at: datetime, seed: int = 7) -> Intake:
    """Return the n-th invented order, called in shortly before ``at``. Repeatable per (n, seed)."""
    data = _data()
    chance = random.Random(seed * 100_003 + n)
    category, tier, title, spot, text = data["matters"][n % len(data["matters"])]
    village = data["villages"][(n * 3 + n // 8) % len(data["villages"])]
    phone = f"1{chance.choice('3578')}{chance.randrange(10)}0000{chance.randrange(10**4):04d}"
    ask = title.startswith("咨询")
    return Intake(
        number=f"{at.astimezone(SHANGHAI):%Y%m%d}-{n + 1:04d}",
        channel=chance.choice(("12345 来电", "12345 来电", "网站", "微信", "区级分中心")),
        petitioner=Petitioner(
            chance.choice(data["petitioners"]), phone, f"{village[1]}{spot}", n % 17 == 11
        ),
        place=Place(UnitId(village[0]), village[1], spot),
        matter=Matter(
            title, text, OrderKind.CONSULTATION if ask else OrderKind.COMPLAINT, tuple(category)
        ),
        tier=tier,
        called_at=at - timedelta(minutes=chance.randrange(4, 30)),
    )
