"""Putting the sample township onto a platform, and the orders that keep arriving there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Outcome
from resources.sample import sample_accounts, sample_center, sample_intake, sample_lives
from resources.sample.history import known_tier

if TYPE_CHECKING:
    from sync.platform.platform import Platform

SAMPLE_ORDERS = 60


def load_sample(platform: Platform, policy: str = "pinggu", count: int = SAMPLE_ORDERS) -> None:
    """Make the sample center, its logins, and ``count`` orders over every stage and tier.

    Every order is dispatched and moved on through the platform's ordinary rules.
    """
    now = platform.now()
    center = sample_center(policy, now)
    logins = [(a.account, a.password, a.person_id) for a in sample_accounts()]
    platform.setup_center(center, logins)
    for life in sample_lives(center, now, count):
        (result,) = platform.dispatch([life.intake], at=life.dispatched_at)
        order = platform.order(life.intake.number)
        assert order is not None, result
        outcomes = {r.outcome for r in platform.enact(life.acts(order, center))}
        assert outcomes <= {Outcome.APPLIED}, (life.intake.number, outcomes)


def next_arrival(platform: Platform) -> Intake:
    """Return the next invented order; its number follows those of today."""
    now = platform.now()
    center = platform.center()
    n = SAMPLE_ORDERS
    while platform.order((intake := sample_intake(n, now)).number) is not None:
        n += 1
    return known_tier(center, intake)
