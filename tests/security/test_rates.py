"""Who asks too often is told how long to wait, whichever process he asks; nobody else is held up by it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

import pytest
import requests
from sqlalchemy import func, select

from sync.platform.attempts import counters
from sync.platform.database import Database
from sync.platform.problems import PlatformProblem
from sync.platform.rates import DRAWS, DRY_SECONDS, REMEMBERED, Rate, Rates, network_of
from sync.platform.security_tables import request_buckets
from sync.platform.shares import FORGET, shared
from tests.support.clock import ManualClock
from tests.support.platform import make_platform, running_server

pytestmark = pytest.mark.fault("security.flood")

SESSION, ADDRESS = Rate(40, 10), Rate(20, 1)
OWN = 5
"""What a process gives out by itself of ``ADDRESS``; a quarter."""


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Town:
    """Processes on one database, each with its own memory."""

    def __init__(self, url: str, time: Time) -> None:
        self.url, self.time = url, time
        self.databases: list[Database] = []
        self.asked = 0

    def process(self) -> Rates:
        database = Database(self.url)
        self.databases.append(database)
        share = shared(database, self.time)

        def counted(key: str, rate: Rate, wanted: float) -> float:
            self.asked += 1
            return share(key, rate, wanted)

        return Rates(self.time, counted, SESSION, ADDRESS)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def town(sqlite_url: str, time: Time):  # type: ignore[no-untyped-def]
    made = Town(sqlite_url, time)
    yield made
    for database in made.databases:
        database.close()


def let_in(rates: Rates, address: str = "192.0.2.1", token: str = "") -> bool:
    """Ask as the guard does."""
    try:
        short = rates.admit(address, token)
        if short is not None:
            rates.draw(short)
    except PlatformProblem as problem:
        return problem.code != "too_many_requests"
    return True


def burst(ask: Callable[[], bool], most: int = 1000) -> int:
    """Ask until refused; return how often it was let in."""
    return next((n for n in range(most) if not ask()), most)


def test_who_keeps_to_the_limits_costs_no_look_at_the_database(town: Town, time: Time) -> None:
    rates = town.process()
    for _ in range(1000):
        assert let_in(rates)
        time.now += 10
    assert town.asked == 0


def test_a_flood_ends_holds_up_no_other_and_looks_seldom(town: Town, time: Time) -> None:
    rates = town.process()
    assert burst(lambda: let_in(rates)) == OWN + ADDRESS.burst
    asked = town.asked
    assert not any(let_in(rates) for _ in range(500))
    assert town.asked == asked, "that there is no more is known for a second"
    assert let_in(rates, "192.0.2.2")
    time.now += DRY_SECONDS
    assert burst(lambda: let_in(rates)) <= 2
    time.now += 1000
    assert burst(lambda: let_in(rates)) == OWN + ADDRESS.burst


@pytest.mark.parametrize("processes", [2, 8])
def test_the_limits_hold_for_all_processes_together(town: Town, time: Time, processes: int) -> None:
    all_ = [town.process() for _ in range(processes)]
    assert sum(burst(partial(let_in, r)) for r in all_) == processes * OWN + ADDRESS.burst
    later = 0
    for _ in range(30):
        time.now += DRY_SECONDS
        later += sum(burst(partial(let_in, r)) for r in all_)
    each = ADDRESS.per_second * (1 + 0.1 * processes)
    assert later <= 30 * each + processes


def test_processes_that_ask_at_once_are_given_no_more(database: str, time: Time) -> None:
    town = Town(database, time)
    all_ = [town.process() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        given = sum(pool.map(lambda rates: burst(lambda: let_in(rates)), all_))
    assert given == 4 * OWN + ADDRESS.burst
    for each in town.databases:
        each.close()


def test_a_session_has_a_bucket_of_its_own_whatever_its_neighbours_do(town: Town) -> None:
    rates = town.process()
    assert let_in(rates)
    rates.proved("good")
    burst(lambda: let_in(rates))
    assert burst(lambda: let_in(rates, token="good")) == SESSION.burst * 1.25


def test_invented_tokens_count_for_the_address(town: Town) -> None:
    rates, tokens = town.process(), iter(range(1000))
    assert burst(lambda: let_in(rates, token=f"invented-{next(tokens)}")) == OWN + ADDRESS.burst


def test_no_token_stands_in_the_database(town: Town, tmp_path: Path) -> None:
    rates = town.process()
    rates.proved("a-secret-token")
    burst(lambda: let_in(rates, token="a-secret-token"))
    assert town.asked
    stored = b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.is_file())
    assert b"a-secret-token" not in stored


def test_what_is_remembered_is_bounded_here_and_there(town: Town, time: Time) -> None:
    rates = town.process()
    for n in range(REMEMBERED + 100):
        assert let_in(rates, f"address-{n}")
        rates.proved(f"token-{n}")
    assert len(rates._addresses._kept) == REMEMBERED
    assert len(rates._proved) == REMEMBERED
    for n in range(3):
        burst(partial(let_in, rates, f"flood-{n}"))
    time.now += FORGET + 1
    burst(lambda: let_in(rates, "flood-later"))
    with town.databases[0].read() as db:
        assert db.execute(select(func.count()).select_from(request_buckets)).scalar() == 1


def test_a_clock_that_goes_backward_gives_nothing_away(town: Town, time: Time) -> None:
    rates = town.process()
    burst(lambda: let_in(rates))
    time.now -= 500
    assert not let_in(rates)
    assert not let_in(town.process(), "192.0.2.1") or town.asked, "another process has its own part"
    assert burst(lambda: let_in(rates)) == 0


def test_while_one_fetches_more_the_others_do_not_wait(town: Town, time: Time) -> None:
    """Threads that wait for the database together would be missing for everybody else."""
    fetching, go_on = Event(), Event()

    def slow(_key: str, _rate: Rate, wanted: float) -> float:
        fetching.set()
        assert go_on.wait(20)
        return wanted

    rates = Rates(time, slow, SESSION, ADDRESS)
    while (short := rates.admit("192.0.2.1", "")) is None:
        pass
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(rates.draw, short)
        assert fetching.wait(20)
        with pytest.raises(PlatformProblem):
            rates.draw(short)
        go_on.set()
        first.result(20)
    assert let_in(rates)
    assert DRAWS >= 1


def test_over_real_http_a_flood_is_refused_and_ends(tmp_path: Path) -> None:
    platform = make_platform(str(tmp_path / "platform.db"), ManualClock())
    with running_server(platform, tmp_path / "files") as server:
        rates: Rates = server.app.state.desk.rates
        rates._addresses.rate = Rate(8, 0.01)
        with requests.Session() as http:
            http.trust_env = False
            said = [http.get(f"{server.url}/v1/hello", timeout=20) for _ in range(14)]
    statuses = [answer.status_code for answer in said]
    assert statuses == [200] * 10 + [429] * 4
    assert said[-1].headers["Retry-After"] == "1" or int(said[-1].headers["Retry-After"]) > 1
    assert said[-1].json()["code"] == "too_many_requests"
    platform.close()


# --- who counts as one ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
        ("x" * 500, "x" * 64),
    ],
)
def test_whoever_has_a_line_has_all_its_addresses(address: str, counts_as: str) -> None:
    assert network_of(address) == counts_as


@pytest.mark.fault("security.guessing")
def test_guesses_from_all_addresses_of_a_line_count_together() -> None:
    one, other = (counters("dispatcher", f"2001:db8:1:2::{n}") for n in (1, 2))
    assert one == other
