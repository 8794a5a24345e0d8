"""A served platform with three orders, and seats at it; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.orders import Order
from sync.platform.platform import Platform
from tests.support import postgres
from tests.support.acts import make_act
from tests.support.center import sample_center, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, make_platform, running_platform
from tests.sync.platform.seats import Seat

CENTER = sample_center()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """One PostgreSQL cluster for all tests of this process."""
    if postgres.why_not():
        pytest.skip(postgres.why_not())
    with postgres.cluster() as running:
        yield running


@pytest.fixture
def postgres_url(cluster: postgres.Cluster) -> Iterator[str]:
    """A PostgreSQL database with the platform's tables and nothing in them."""
    url = cluster.fresh()
    yield url
    cluster.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'platform.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: whoever uses it runs on both kinds.

    A module where the database makes no difference has its own, of one kind.
    """
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def platform(database: str, clock: ManualClock) -> Iterator[Platform]:
    """A platform without HTTP."""
    made = make_platform(database, clock)
    yield made
    made.close()


@pytest.fixture
def served(tmp_path: Path, database: str, clock: ManualClock) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path, clock, database=database) as running:
        running.platform.dispatch([sample_intake(n) for n in (1, 2, 3)])
        yield running


@pytest.fixture
def seat(served: RunningPlatform) -> Callable[..., Seat]:
    def make(person: str, device: str = "") -> Seat:
        made = Seat(served, person, device)
        made.catch_up()
        return made

    return make


def order_of(platform: Platform, n: int = 1) -> Order:
    order = platform.order(sample_intake(n).number)
    assert order is not None
    return order


def act_on(seat: Seat, order: Order, kind: ActKind, payload: object | None = None) -> Act:
    """Return the seat's act on ``order`` as that seat sees it now."""
    now = seat.served.platform.now()
    return make_act(order, CENTER, seat.person, kind, now, payload, seat=seat.device)
