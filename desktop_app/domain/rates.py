"""三率: response, resolution, satisfaction; each with numerator, denominator and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from desktop_app.domain.orders import Order


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
        return self.numerator / self.denominator if self.denominator else None


def three_rates(orders: Iterable[Order]) -> tuple[Rate, Rate, Rate]:
    """Return the response, resolution and satisfaction rate of the orders' latest call-backs."""
    raise NotImplementedError
