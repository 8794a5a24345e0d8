"""What PostgreSQL may do to a transaction, really done: each write happens once all the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from desktop_app.domain.acts import Act
from desktop_app.domain.acts import ActKind as K
from sync.platform.database import StorageFailed
from sync.platform.listening import Listener, conninfo
from sync.platform.platform import Platform
from sync.platform.townships import LOCAL
from sync.protocol.messages import ActResult
from tests.support.acts import make_act
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import make_platform, running_platform
from tests.support.postgres import Cluster
from tests.sync.platform.conftest import CENTER, act_on, order_of
from tests.sync.platform.seats import Seat
from tests.sync.platform.test_changes import until

pytestmark = pytest.mark.postgres


@pytest.fixture
def platform(postgres_url: str, clock: ManualClock) -> Iterator[Platform]:
    made = make_platform(postgres_url, clock)
    made.dispatch([sample_intake(n) for n in (1, 2)])
    yield made
    made.close()


@pytest.fixture
def retried(platform: Platform) -> list[str]:
    """Why transactions were run again."""
    reasons: list[str] = []
    platform.database.on_retry = reasons.append
    return reasons


class Outsider:
    """Somebody else on the database, who holds locks."""

    def __init__(self, url: str) -> None:
        self._target = conninfo(make_url(url))
        self.db = psycopg.connect(self._target)
        self.db.execute("SET deadlock_timeout = '60s'")  # whoever is the victim, it is not me
        self.db.commit()

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Ask outside the transaction that holds the locks."""
        with psycopg.connect(self._target, autocommit=True) as other:
            cursor = other.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def somebody_waits(self) -> bool:
        return bool(self.ask("SELECT 1 FROM pg_locks WHERE NOT granted"))

    def end_whoever_waits(self) -> None:
        self.ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")


@contextmanager
def outside(url: str) -> Iterator[Outsider]:
    outsider = Outsider(url)
    try:
        yield outsider
    finally:
        outsider.db.close()


@contextmanager
def pushing(platform: Platform, act: Act) -> Iterator[Future[tuple[ActResult, ...]]]:
    """Push in a thread while the block runs."""
    caller = platform.caller("dispatcher", "device")
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(lambda: platform.sync(caller, "", [act], 0).results)


def note(platform: Platform, n: int = 1) -> Act:
    order = order_of(platform, n)
    return make_act(order, CENTER, "dispatcher", K.NOTE, platform.now(), seat="device")


@pytest.mark.fault("server.deadlock")
def test_a_deadlock_is_survived_with_one_effect(
    platform: Platform, postgres_url: str, retried: list[str]
) -> None:
    act = note(platform)
    with outside(postgres_url) as outsider:
        outsider.db.execute("SELECT 1 FROM feed_head FOR UPDATE")
        with pushing(platform, act) as push:
            until(outsider.somebody_waits)  # the push has the order and waits for the feed
            outsider.db.execute("SELECT 1 FROM orders WHERE id = %s FOR UPDATE", [act.subject])
            outsider.db.rollback()
            (result,) = push.result(30)
    assert (result.outcome, result.rev) == ("applied", 2)
    assert retried == ["40P01"]
    assert order_of(platform).rev == 2


@pytest.mark.fault("server.serialization")
def test_serialization_failures_are_survived_with_one_effect(
    platform: Platform, postgres_url: str, retried: list[str]
) -> None:
    _fail_on_acts(postgres_url, "40001", times=3)
    act = note(platform)
    caller = platform.caller("dispatcher", "device")
    (result,) = platform.sync(caller, "", [act], 0).results
    assert (result.outcome, result.rev) == ("applied", 2)
    assert retried == ["40001"] * 3


def _fail_on_acts(url: str, state: str, times: int) -> None:
    """Let the next inserts of acts fail with this SQLSTATE. A sequence is not rolled back."""
    with psycopg.connect(conninfo(make_url(url)), autocommit=True) as db:
        db.execute("CREATE SEQUENCE failing")
        db.execute(
            f"""CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('failing') <= {times} THEN
                    RAISE EXCEPTION 'injected' USING ERRCODE = '{state}';
                END IF;
                RETURN NEW;
            END $$""".encode()
        )
        db.execute(
            "CREATE TRIGGER failing BEFORE INSERT ON acts FOR EACH ROW EXECUTE FUNCTION fail()"
        )


def test_what_does_not_end_is_said_and_the_seat_sends_it_again(
    postgres_url: str, tmp_path: Path, clock: ManualClock
) -> None:
    with running_platform(tmp_path, clock, database=postgres_url) as served:
        served.platform.dispatch([sample_intake(1)])
        zhou = Seat(served, "dispatcher")
        act = act_on(zhou, order_of(served.platform), K.ACCEPT)
        _fail_on_acts(postgres_url, "40001", times=6)
        body = {"device_id": zhou.device, "acts": [act]}
        assert zhou.post("/v1/sync", body, expect=503).headers["Retry-After"]
        assert [r.outcome for r in zhou.push(act)] == ["applied"]
        assert order_of(served.platform).rev == 2


def test_a_lost_connection_in_a_write_is_survived_with_one_effect(
    platform: Platform, postgres_url: str, retried: list[str]
) -> None:
    act = note(platform)
    with outside(postgres_url) as outsider:
        outsider.db.execute("SELECT 1 FROM feed_head FOR UPDATE")
        with pushing(platform, act) as push:
            until(outsider.somebody_waits)
            outsider.end_whoever_waits()
            until(lambda: bool(retried))
            outsider.db.rollback()
            (result,) = push.result(30)
    assert (result.outcome, result.rev) == ("applied", 2)
    assert retried == ["57P01"]


def test_a_database_that_goes_and_comes_back(
    postgres_url: str, cluster: Cluster, tmp_path: Path, clock: ManualClock
) -> None:
    name = make_url(postgres_url).database
    with running_platform(tmp_path, clock, database=postgres_url) as served:
        served.platform.dispatch([sample_intake(1)])
        zhou = Seat(served, "dispatcher")
        zhou.catch_up()
        act = act_on(zhou, order_of(served.platform), K.ACCEPT)
        cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cluster.run(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        zhou.get("/ready", expect=503)
        zhou.get("/health")
        zhou.post("/v1/sync", {"device_id": zhou.device, "acts": [act]}, expect=503)
        cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        zhou.get("/ready")
        assert [r.outcome for r in zhou.push(act)] == ["applied"]


def test_one_townships_open_transaction_holds_up_no_other(
    platform: Platform, postgres_url: str
) -> None:
    platform.setup_center(CENTER, township="other")
    with outside(postgres_url) as outsider:
        outsider.db.execute("SELECT 1 FROM feed_head WHERE township = %s FOR UPDATE", [LOCAL])
        (result,) = platform.dispatch([sample_intake(3)], township="other")
    assert result.status == "new"


def test_notices_come_again_after_the_line_was_lost(platform: Platform, postgres_url: str) -> None:
    async def listen() -> list[str | None]:
        notices: asyncio.Queue[str | None] = asyncio.Queue()

        async def next_notice() -> str | None:
            return await asyncio.wait_for(notices.get(), 20)

        listener = Listener(make_url(postgres_url), notices.put_nowait)
        task = asyncio.get_running_loop().create_task(listener.run())
        heard = [await next_notice()]  # connected: anything may have happened before
        await asyncio.to_thread(platform.dispatch, [sample_intake(5)])
        heard.append(await next_notice())
        with outside(postgres_url) as outsider:
            outsider.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            )
        heard.append(await next_notice())  # gone: look more often from now on
        heard.append(await next_notice())  # back
        await asyncio.to_thread(platform.dispatch, [sample_intake(6)])
        heard.append(await next_notice())
        task.cancel()
        return heard

    assert asyncio.run(listen()) == [None, LOCAL, None, None, LOCAL]


def test_nobody_hears_of_what_was_rolled_back(platform: Platform) -> None:
    rung: list[str] = []
    platform.bell.tell(rung.append)
    started = threading.Event()

    def work(_db: object) -> None:
        started.set()
        raise StorageFailed("no")

    with pytest.raises(StorageFailed):
        platform.database.write(work)
    assert started.is_set()
    assert rung == []
    platform.dispatch([sample_intake(7)])
    assert rung == [LOCAL]


@pytest.mark.fault("server.failover")
def test_what_a_standby_never_got_is_not_remembered_by_a_process_that_goes_on(
    platform: Platform, postgres_url: str, clock: ManualClock
) -> None:
    """The standby takes over without the last commit, and its place in the feed is given out again."""
    caller = platform.caller("dispatcher", "device")
    before = Remembered(postgres_url)
    lost = note(platform)
    assert [r.rev for r in platform.sync(caller, "", [lost], 0).results] == [2]
    before.bring_back()
    other = make_platform(postgres_url, clock)
    kept, last = note(other), note(other)
    other.sync(other.caller("dispatcher", "other"), "", [kept], 0)
    other.close()

    assert [r.rev for r in platform.sync(caller, "", [last], 0).results] == [3]

    assert [entry.act_id for entry in order_of(platform).history[1:]] == [kept.id, last.id]


class Remembered:
    """The rows of the database as they are now, and all connections cut when they come back."""

    TABLES = ("orders", "acts", "devices", "feed_head", "feed_marks", "chain", "chain_heads")

    def __init__(self, url: str) -> None:
        self._url = url
        self._run("CREATE SCHEMA before")
        for name in self.TABLES:
            self._run(f"CREATE TABLE before.{name} AS TABLE public.{name}")

    def bring_back(self) -> None:
        for name in self.TABLES:
            self._run(f"DELETE FROM {name}; INSERT INTO {name} SELECT * FROM before.{name}")
        self._run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def _run(self, statements: str) -> None:
        with psycopg.connect(conninfo(make_url(self._url)), autocommit=True) as db:
            db.execute(statements.encode())
