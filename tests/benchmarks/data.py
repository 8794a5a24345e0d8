"""The orders that are measured on: real appeals where they are at hand, else invented ones.

Only texts, places and people differ from order to order; how far an order has come is copied from a
few hundred lives that went through the ordinary rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

import msgspec

from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center
from desktop_app.domain.ids import ActId, OrderId
from desktop_app.domain.intake import Intake, new_order
from desktop_app.domain.orders import CLOSED_STAGES, Order
from resources.sample import SampleLife, sample_center, sample_intake, sample_lives
from sync.platform.order_files import read_order_file
from sync.protocol import codec
from sync.protocol.messages import RawSyncAnswer
from tests.benchmarks.harness import ROOT

REAL = ROOT.parent / "shared" / "data"
FILES = ("appeals.csv.gz", "livelihood_appeals.csv.gz")
OPEN_SHARE = 50
"""One order in so many is open: 2,000 of 100,000, several times what a township has."""
LIVES = 480
PAST_DAYS = 280
PAGE = 2000
SERVER, EPOCH = "bench", "bench"
_STEPS_TO_THE_END = 15
_STRIDE = 101
"""Lives are sorted by age; a stride mixes the stages in a small store too."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Intakes and where they come from."""

    intakes: tuple[Intake, ...]
    source: str


@cache
def texts(center_name: str = "pinggu") -> Texts:
    """Return what people wrote: the real appeals beside the repository, else 600 invented ones."""
    center = sample_center(center_name)
    now = datetime.fromisoformat("2026-11-20T08:00:00+08:00")
    found: list[Intake] = []
    for name in FILES:
        path = REAL / name
        if path.exists():
            found += read_order_file(path, center, now).intakes
    if found:
        return Texts(tuple(found), f"{len(found)} real appeals, repeated under new numbers")
    invented = tuple(sample_intake(n, now) for n in range(600))
    return Texts(invented, "600 invented appeals, repeated under new numbers")


def center_at(now: datetime) -> Center:
    """Return the sample township with its roster around ``now``."""
    return sample_center("pinggu", now)


def orders(center: Center, now: datetime, count: int) -> Iterator[Order]:
    """Yield ``count`` orders as a center would hold them at ``now``."""
    intakes = texts().intakes
    opened, closed = _lives(center, now)
    for n in range(count):
        some, place = (closed, n) if n % OPEN_SHARE else (opened, n // OPEN_SHARE * _STRIDE)
        yield _retold(some[place % len(some)], intakes[n % len(intakes)], n)


def _lives(center: Center, now: datetime) -> tuple[list[Order], list[Order]]:
    """Return open and closed orders over all stages, tiers and bands."""
    today = list(sample_lives(center, now, LIVES))
    step = timedelta(days=PAST_DAYS) / LIVES
    past = [
        SampleLife(life.intake, now - timedelta(days=20) - n * step, _STEPS_TO_THE_END, n)
        for n, life in enumerate(today)
    ]
    lived = [_lived(life, center) for life in (*today, *past)]
    closed = [order for order in lived if order.stage in CLOSED_STAGES]
    return [order for order in lived if order.stage not in CLOSED_STAGES], closed


def _lived(life: SampleLife, center: Center) -> Order:
    order = new_order(life.intake, center, OrderId("life"), ActId("d"), life.dispatched_at)
    for act in life.acts(order, center):
        order = decide(order, act, center, act.occurred_at).order
    return order


def _retold(order: Order, intake: Intake, n: int) -> Order:
    """Return ``order`` with another person, place and text, under its own number."""
    here = order.place
    place = intake.place if intake.place.village_id else replace(here, address=intake.place.address)
    return replace(
        order,
        id=OrderId(f"019a0000-0000-7000-8000-{n:012d}"),
        number=f"{order.dispatched_at:%Y%m%d}-{n:06d}",
        petitioner=intake.petitioner,
        place=place,
        matter=replace(intake.matter, category=order.matter.category),
    )


def answers(center: Center, now: datetime, count: int) -> Iterator[RawSyncAnswer]:
    """Yield the pages of a first sync of ``count`` orders."""
    page: list[msgspec.Raw] = []
    done = 0
    for order in orders(center, now, count):
        page.append(msgspec.Raw(codec.encode(order)))
        if len(page) == PAGE:
            done += len(page)
            yield _answer(page, center if done == len(page) else None, now, done, more=done < count)
            page = []
    if page:
        yield _answer(page, center if done == 0 else None, now, done + len(page), more=False)


def _answer(
    page: Sequence[msgspec.Raw], center: Center | None, now: datetime, done: int, *, more: bool
) -> RawSyncAnswer:
    return RawSyncAnswer(
        server_id=SERVER,
        epoch=EPOCH,
        now=now,
        cursor=str(done),
        more=more,
        orders=tuple(page),
        center=center,
        end=EPOCH,
    )
