"""The same platform on PostgreSQL: real concurrency, where a plain counter would lose orders."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.ids import ActId
from desktop_app.domain.intake import new_order
from desktop_app.domain.orders import Stage
from sync.platform import order_store
from sync.platform.dispatching import DispatchStatus, order_id_of
from sync.platform.listening import conninfo
from sync.platform.platform import Platform
from sync.platform.townships import LOCAL
from tests.support.acts import make_act
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import make_platform, running_platform
from tests.support.postgres import Cluster
from tests.sync.platform.conftest import CENTER, act_on, order_of
from tests.sync.platform.seats import Seat
from tests.sync.platform.test_feed import drain

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def platform(url: str, clock: ManualClock) -> Iterator[Platform]:
    made = make_platform(url, clock)
    yield made
    made.close()


def test_the_path_over_http_and_the_long_poll(url: str, tmp_path: Path, clock: ManualClock) -> None:
    with running_platform(tmp_path, clock, database=url) as served:
        served.platform.dispatch([sample_intake(n) for n in (1, 2)])
        zhou, boss, village = (Seat(served, n) for n in ("dispatcher", "secretary", "village"))
        zhou.catch_up()
        for who, kind in ((zhou, K.ACCEPT), (zhou, K.VERIFY), (zhou, K.PROPOSE), (boss, K.SIGN)):
            (result,) = who.push(act_on(who, order_of(served.platform), kind))
            assert result.outcome == "applied"
        assert [o.stage for o in village.changes(5).orders] == [Stage.SIGNED]
        note = act_on(zhou, order_of(served.platform), K.NOTE, p.Text("有 NUL \0 的字"))
        assert [r.outcome for r in zhou.push(note, note)] == ["applied", "duplicate"]
        odd = replace(note, id=ActId("odd\0id"), subject=type(note.subject)("a\0"))
        assert [r.outcome for r in zhou.push(odd)] == ["rejected"]
        for person, kind in (
            (village, K.MEET),
            (village, K.EXPLAIN),
            (Seat(served, "leader"), K.DETERMINE),
        ):
            person.push(act_on(person, order_of(served.platform), kind))
        done = act_on(village, order_of(served.platform), K.CONCLUDE, p.Conclude("修\0好"))
        assert [r.outcome for r in village.push(done)] == ["applied"]


def test_texts_that_postgres_cannot_hold_in_a_column(platform: Platform) -> None:
    intake = sample_intake(1)
    matter = replace(intake.matter, title="路\0坏", category=("a\0", "b"))
    place = replace(intake.place, village_id=None, village="村\0", address="东街\0 12 号")
    results = platform.dispatch([replace(intake, matter=matter, place=place)])
    assert [r.status for r in results] == [DispatchStatus.NEW]


def test_concurrent_processes_keep_revisions_gap_free(
    platform: Platform, url: str, clock: ManualClock
) -> None:
    platform.dispatch([sample_intake(n) for n in range(6)])
    orders = [order_of(platform, n) for n in range(6)]
    others = [platform, make_platform(url, clock), make_platform(url, clock)]
    barrier = threading.Barrier(3)
    failures: list[BaseException] = []

    def batch(n: int, of: int) -> list[Act]:
        turned = (
            orders[of % 6 :] + orders[: of % 6]
        )  # every batch names the orders in another order
        seat = f"seat-{n}"
        return [
            make_act(o, CENTER, "dispatcher", K.NOTE, platform.now(), seat=seat) for o in turned
        ]

    def work(n: int) -> None:
        try:
            barrier.wait(10)
            for round_ in range(8):
                acts = batch(n, n + round_)
                for _ in range(2):
                    others[n].sync(others[n].caller("dispatcher", f"seat-{n}"), "", acts, 0)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert failures == []
    for order in (order_of(platform, n) for n in range(6)):
        assert order.rev == 25
        assert [e.rev for e in order.history] == list(range(1, 26))
    for other in others[1:]:
        other.close()


def test_the_same_batch_from_two_processes_at_once(
    platform: Platform, url: str, clock: ManualClock
) -> None:
    platform.dispatch([sample_intake(1)])
    other = make_platform(url, clock)
    acts = [
        make_act(order_of(platform), CENTER, "dispatcher", K.NOTE, clock.now()) for _ in range(40)
    ]
    results: list[list[str]] = []
    barrier = threading.Barrier(2)

    def work(mine: Platform) -> None:
        barrier.wait(10)
        answer = mine.sync(mine.caller("dispatcher", "dispatcher"), "", acts, 0)
        results.append([r.outcome.value for r in answer.results])

    threads = [threading.Thread(target=work, args=(m,)) for m in (platform, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results)[1] == ["duplicate"] * 40
    assert order_of(platform).rev == 41
    other.close()


def test_an_order_committed_late_is_not_skipped(platform: Platform) -> None:
    """A has its position and has not committed: B, who comes later, cannot overtake it."""
    a_wrote, go_on = threading.Event(), threading.Event()
    intake = sample_intake(1)
    order = new_order(intake, CENTER, order_id_of(LOCAL, intake.number), ActId("x"), platform.now())

    def slow(db: Connection) -> None:
        order_store.insert_orders(db, LOCAL, [order])
        a_wrote.set()
        assert go_on.wait(20)

    first = threading.Thread(target=platform.database.write, args=(slow,))
    second = threading.Thread(target=platform.dispatch, args=([sample_intake(2)],))
    first.start()
    assert a_wrote.wait(20)
    second.start()
    cursor, early = drain(platform, "dispatcher")
    go_on.set()
    first.join(20)
    second.join(20)
    _, late = drain(platform, "dispatcher", cursor)
    assert [o.number for page in early for o in page.orders] == []
    assert [o.number for page in late for o in page.orders] == [
        sample_intake(n).number for n in (1, 2)
    ]


def test_a_reader_between_writers_misses_nothing(
    platform: Platform, url: str, clock: ManualClock
) -> None:
    others = [make_platform(url, clock) for _ in range(3)]
    done, seen = threading.Event(), set[str]()

    def write(mine: Platform, base: int) -> None:
        for n in range(20):
            mine.dispatch([sample_intake(base + n)])

    def read() -> None:
        cursor = ""
        while True:
            finished = done.is_set()
            cursor, pages = drain(platform, "dispatcher", cursor)
            seen.update(order.id for page in pages for order in page.orders)
            if finished:
                return

    writers = [
        threading.Thread(target=write, args=(mine, 100 * (n + 1))) for n, mine in enumerate(others)
    ]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    reader.join(60)
    assert len(seen) == 60
    for other in others:
        other.close()


def test_negative_control_a_plain_counter_loses_an_order(url: str) -> None:
    """Why positions are given out under a lock: the textbook cursor, on the same database."""
    engine = create_engine(url)
    with engine.begin() as db:
        db.execute(text("create table plain (id bigserial primary key, name text)"))
    with engine.connect() as a, engine.connect() as b, engine.connect() as reader:
        a.execute(text("insert into plain (name) values ('A')"))
        b.execute(text("insert into plain (name) values ('B')"))
        b.commit()
        seen = reader.execute(text("select id, name from plain order by id")).all()
        cursor = seen[-1].id
        a.commit()
        reader.rollback()
        later = reader.execute(text("select name from plain where id > :c"), {"c": cursor}).all()
    engine.dispose()
    assert [row.name for row in (*seen, *later)] == ["B"]  # A never arrives


def test_a_cluster_goes_on_however_much_it_logs(cluster: Cluster, url: str) -> None:
    """Its log is a pipe: one that nobody reads stops the checkpoints after some hundred databases."""
    with psycopg.connect(conninfo(make_url(url)), autocommit=True) as db:
        db.execute(
            "DO $$ BEGIN FOR n IN 1..300 LOOP RAISE LOG '%', repeat('x', 1000); END LOOP; END $$"
        )
    cluster.run("CHECKPOINT")
