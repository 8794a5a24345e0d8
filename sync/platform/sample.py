"""Filling a platform with the sample township: its people, and orders at every stage of their lives."""

from __future__ import annotations

from dataclasses import replace

from desktop_app.domain.intake import Intake
from resources.sample import sample_accounts, sample_center, sample_intake, sample_lives
from sync.platform.digests import Algorithm
from sync.platform.dispatching import DispatchStatus
from sync.platform.order_values import ordinary_tier
from sync.platform.platform import Platform

LIVES = 60


def load_sample(
    platform: Platform,
    policy: str = "pinggu",
    orders: int = LIVES,
    township: str | None = None,
    algorithm: Algorithm = Algorithm.SHA256,
) -> str:
    """Set up the sample township and let ``orders`` lives run up to now, by the ordinary rules.

    Beside other townships its accounts are called ``account@township``. Returns the township's id.
    ``algorithm``: what its history is chained with.
    """
    now = platform.now()
    center = sample_center(policy, now)
    beside = f"@{township}" if township and platform.townships() else ""
    logins = [(a.account + beside, a.password, a.person_id) for a in sample_accounts()]
    here = platform.setup_center(center, logins, township=township, algorithm=algorithm)
    for life in sample_lives(center, now, orders):
        (result,) = platform.dispatch([life.intake], life.dispatched_at, township=here)
        order = platform.order(life.intake.number, township=here)
        if result.status is DispatchStatus.NEW and order is not None:
            platform.enact(life.acts(order, center), township=here)
    return here


def next_arrival(platform: Platform) -> Intake:
    """Return a sample order that has not been dispatched yet, called in just now."""
    n = platform.order_count()
    while True:
        intake = sample_intake(n, platform.now())
        if platform.order(intake.number) is None:
            break
        n += 1
    tiers = {tier.id for tier in platform.center().policy.tiers}
    if intake.tier in tiers:
        return intake
    return replace(intake, tier=ordinary_tier(platform.center().policy).id)
