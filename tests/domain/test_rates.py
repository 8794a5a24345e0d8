"""三率: numerator, denominator, and what was left out with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_app.domain.orders import CallBack, Order, Stage
from desktop_app.domain.rates import combined, three_rates
from tests.support.center import sample_order
from tests.support.clock import START


def _order(n: int, *answers: tuple[bool | None, bool | None, bool | None]) -> Order:
    callbacks = tuple(CallBack(START, k + 1, *answer) for k, answer in enumerate(answers))
    return replace(sample_order(START, n), callbacks=callbacks)


ORDERS = (
    _order(1, (True, True, True)),
    _order(2, (True, True, None)),
    _order(3, (True, False, False), (True, True, True)),  # the second round counts
    _order(4, (True, False, None)),
    _order(5),
    replace(_order(6, (False, False, False)), stage=Stage.WITHDRAWN),
)


def test_each_rate_has_its_own_denominator() -> None:
    responded, resolved, satisfied = three_rates(ORDERS)
    assert (responded.numerator, responded.denominator) == (4, 4)
    assert (resolved.numerator, resolved.denominator) == (3, 4)
    assert (satisfied.numerator, satisfied.denominator) == (2, 2)
    assert resolved.share == 0.75
    assert satisfied.left_out == (("未评价", 2), ("平台未回访", 1), ("平台已撤回", 1))
    assert responded.left_out == (("平台未回访", 1), ("平台已撤回", 1))


def test_every_order_is_counted_or_left_out() -> None:
    for rate in three_rates(ORDERS):
        assert rate.denominator + sum(n for _, n in rate.left_out) == len(ORDERS)


def test_no_denominator_no_share() -> None:
    rates = three_rates([sample_order(START, 1)])
    assert [rate.share for rate in rates] == [None, None, None]
    assert combined(rates, (("resolved", 1.0),)) is None


def test_the_weights_are_the_policys() -> None:
    weights = (("responded", 0.2), ("resolved", 0.4), ("satisfied", 0.4))
    assert combined(three_rates(ORDERS), weights) == pytest.approx(0.2 + 0.3 + 0.4)
    assert combined(three_rates(ORDERS), ()) is None
