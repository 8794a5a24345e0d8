"""三率: response, resolution, satisfaction; each with numerator, denominator and what was left out.

How the rates are counted is published nowhere; this is the plainest reading (*ours*): of the orders the
platform has called back, in each order's latest call-back, those with an answer are the denominator.
Withdrawn orders and those not called back yet are left out, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desktop_app.domain.orders import CallBack, Order, Stage


@dataclass(frozen=True, slots=True)
class Rate:
    """``left_out``: (reason in Chinese, how many). No denominator, no ``share``."""

    name: str
    title: str
    numerator: int
    denominator: int
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def share(self) -> float | None:
        """Between 0 and 1, or None when nothing was counted."""
        return self.numerator / self.denominator if self.denominator else None


_RATES = (
    ("responded", "响应率"),
    ("resolved", "解决率"),
    ("satisfied", "满意率"),
)


def three_rates(orders: Iterable[Order]) -> tuple[Rate, Rate, Rate]:
    """Return the response, resolution and satisfaction rate of the orders' latest call-backs."""
    every = tuple(orders)
    withdrawn = sum(o.stage is Stage.WITHDRAWN for o in every)
    counted = [o for o in every if o.stage is not Stage.WITHDRAWN]
    called = [o.callbacks[-1] for o in counted if o.callbacks]
    outside = (("平台未回访", len(counted) - len(called)), ("平台已撤回", withdrawn))
    first, second, third = (_rate(name, title, called, outside) for name, title in _RATES)
    return first, second, third


def _rate(
    name: str, title: str, called: Sequence[CallBack], outside: tuple[tuple[str, int], ...]
) -> Rate:
    answers: list[bool | None] = [getattr(c, name) for c in called]
    said = [a for a in answers if a is not None]
    left_out = (("未评价", len(answers) - len(said)), *outside)
    return Rate(name, title, sum(said), len(said), tuple(x for x in left_out if x[1]))


def combined(rates: Sequence[Rate], weights: Sequence[tuple[str, float]]) -> float | None:
    """Return the weighted sum by the policy's ``rate_weights``; None when a weighted rate is missing."""
    shares = {rate.name: rate.share for rate in rates}
    total = 0.0
    for name, weight in weights:
        share = shares.get(name)
        if share is None:
            return None
        total += weight * share
    return total if weights else None
