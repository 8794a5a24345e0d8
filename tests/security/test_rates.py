"""Who asks too often is told how long to wait; nobody else is held up by it."""

from __future__ import annotations

import pytest

from sync.platform.problems import PlatformProblem
from sync.platform.rates import REMEMBERED, Rate, Rates

pytestmark = pytest.mark.fault("security.flood")


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def waits(rates: Rates, address: str = "a", token: str = "") -> int:
    """Return the seconds a request is told to wait, 0 when it is let in."""
    try:
        rates.admit(address, token)
    except PlatformProblem as problem:
        return int(problem.headers["Retry-After"])
    return 0


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def rates(time: Time) -> Rates:
    return Rates(time, session=Rate(5, 1), address=Rate(3, 0.1))


def test_a_flood_from_one_address_holds_up_no_other_and_ends(rates: Rates, time: Time) -> None:
    assert [waits(rates) for _ in range(4)] == [0, 0, 0, 10]
    assert waits(rates, "b") == 0
    time.now += 10
    assert [waits(rates) for _ in range(2)] == [0, 10]


def test_a_session_has_a_bucket_of_its_own_whatever_its_neighbours_do(rates: Rates) -> None:
    rates.admit("a", "good")
    rates.proved("good")
    while not waits(rates):
        pass
    assert [waits(rates, token="good") for _ in range(6)] == [0] * 5 + [1]


def test_invented_tokens_count_for_the_address(rates: Rates) -> None:
    said = [waits(rates, token=f"invented-{n}") for n in range(4)]
    assert said == [0, 0, 0, 10]


def test_the_memory_is_bounded(time: Time) -> None:
    rates = Rates(time, address=Rate(1, 1))
    for n in range(REMEMBERED + 100):
        rates.admit(f"address-{n}", "")
        rates.proved(f"token-{n}")
    assert len(rates._addresses._left) == REMEMBERED
    assert len(rates._proved) == REMEMBERED


def test_a_clock_that_goes_backward_gives_nothing_away(rates: Rates, time: Time) -> None:
    while not waits(rates):
        pass
    time.now -= 500
    assert waits(rates) == 10
