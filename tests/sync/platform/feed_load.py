"""Writers with long transactions and readers who follow the feed: does anybody miss a change?

``python -m tests.sync.platform.feed_load --changes 1000000`` runs it at full size on a throw-away
PostgreSQL cluster, and the same with the textbook cursor (an auto-increment column) beside it.
Every change is another order, so that none can hide behind a later one.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context

from sqlalchemy import Connection, create_engine, insert, text

from desktop_app.domain.clock import SystemClock
from sync.platform import feed
from sync.platform.database import Database
from sync.platform.platform import Platform
from sync.platform.tables import orders
from tests.support import postgres
from tests.support.center import sample_center
from tests.support.platform import CHEAP, sample_logins

TOWNSHIPS = ("east", "south", "west")
PAGE = 2000
HOLD, LONG_HOLD = 0.02, 0.5
"""Seconds a transaction stays open when it has its positions: most up to the one, one in 300 the other."""


@dataclass(frozen=True, slots=True)
class Load:
    """``changes`` in all, by ``writers`` at the same time, ``per_commit`` in each transaction."""

    changes: int
    writers: int = 4
    per_commit: int = 20
    processes: bool = False

    def share(self, writer: int) -> range:
        """Return the numbers of the changes that a writer makes."""
        return range(writer, self.changes, self.writers)


@dataclass(slots=True)
class Found:
    """What readers saw: how often each change, and how many commits and pages it took."""

    seen: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    seconds: float = 0.0

    def missed(self, load: Load) -> int:
        return load.changes - len(self.seen)

    @property
    def repeated(self) -> int:
        return sum(times - 1 for times in self.seen.values())


def prepare(url: str) -> None:
    """Set up three townships."""
    platform = Platform(url, SystemClock(), password_cost=CHEAP)
    center = sample_center()
    for township in TOWNSHIPS:
        logins = [(f"{a}@{township}", word, person) for a, word, person in sample_logins(center)]
        platform.setup_center(center, logins[:1], township=township)
    platform.close()


def commits(load: Load, writer: int) -> Iterator[tuple[Sequence[int], float]]:
    """Yield the changes of each transaction, and how long it stays open; repeatable."""
    dice = random.Random(writer)
    mine = load.share(writer)
    for start in range(0, len(mine), load.per_commit):
        held = LONG_HOLD if dice.random() < 1 / 300 else dice.random() ** 4 * HOLD
        yield mine[start : start + load.per_commit], held


def write(url: str, load: Load, writer: int) -> None:
    """Be one writer: allocate as the platform does, insert, stay open for a while, commit."""
    database = Database(url)
    township = TOWNSHIPS[writer % len(TOWNSHIPS)]
    for numbers, held in commits(load, writer):
        database.write(lambda db, n=numbers, h=held: _insert(db, township, n, h))  # type: ignore[misc]
    database.close()


def _insert(db: Connection, township: str, numbers: Sequence[int], held: float) -> None:
    rows = [
        {
            "township": township, "id": f"o{n}", "number": f"n{n}", "state": f'"o{n}"'.encode(),
            "rev": 1, "secret": False, "phone": "", "place": "", "matter": "", "title": "",
            "summary": "",
        }
        for n in numbers
    ]  # fmt: skip
    for row, position in zip(rows, feed.allocate(db, township, len(rows)), strict=True):
        row["position"] = row["serial"] = position
    db.execute(insert(orders), rows)
    time.sleep(held)


def follow(url: str, township: str, found: Found, done: threading.Event) -> None:
    """Be one reader, by the platform's own cursor, until the writers are done and all is read."""
    platform = Platform(url, SystemClock(), password_cost=CHEAP)
    caller = platform.caller("dispatcher", township=township)
    cursor, more = "", False
    while True:
        finished = done.is_set()
        answer = platform.pull(caller, cursor, PAGE)
        cursor, more = answer.cursor, answer.more
        found.seen.update(bytes(order).decode().strip('"') for order in answer.orders)
        found.pages += 1
        if finished and not more:
            break
    platform.close()


def run(url: str, load: Load) -> Found:
    """Let everybody write and read; return what the readers saw."""
    prepare(url)
    each = {township: Found() for township in TOWNSHIPS}
    seconds = _together(
        load,
        lambda writer: (write, (url, load, writer)),
        [(follow, (url, township, found)) for township, found in each.items()],
    )
    whole = Found(seconds=seconds)
    for found in each.values():
        whole.seen.update(found.seen)
        whole.pages += found.pages
    return whole


Job = tuple[Callable[..., None], tuple[object, ...]]


def _together(load: Load, writing: Callable[[int], Job], reading: Sequence[Job]) -> float:
    """Run all writers and readers at the same time. Returns the seconds it took."""
    done = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: Callable[..., None], *args: object) -> None:
        try:
            work(*args)
        except BaseException as error:
            failures.append(error)
            raise

    readers = [threading.Thread(target=guarded, args=(work, *args, done)) for work, args in reading]
    jobs = [writing(writer) for writer in range(load.writers)]
    if load.processes:
        context = get_context("spawn")
        writers = [context.Process(target=work, args=args) for work, args in jobs]
    else:
        writers = [threading.Thread(target=guarded, args=(w, *a)) for w, a in jobs]  # type: ignore[misc]
    started = time.monotonic()
    for reader in readers:
        reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    for reader in readers:
        reader.join()
    if failures:
        raise failures[0]
    return time.monotonic() - started


# --- the textbook cursor --------------------------------------------------------------------------


def write_naively(url: str, load: Load, writer: int) -> None:
    """Be one writer whose rows are numbered by the database as they are inserted."""
    engine = create_engine(url)
    statement = text("INSERT INTO plain (name) VALUES (:name)")
    for numbers, held in commits(load, writer):
        with engine.begin() as db:
            db.execute(statement, [{"name": f"o{n}"} for n in numbers])
            time.sleep(held)
    engine.dispose()


def follow_naively(url: str, found: Found, done: threading.Event) -> None:
    """Be one reader who asks for what comes after the highest number seen so far."""
    engine = create_engine(url)
    statement = text("SELECT id, name FROM plain WHERE id > :after ORDER BY id LIMIT :page")
    after = 0
    while True:
        finished = done.is_set()
        with engine.connect() as db:
            rows = db.execute(statement, {"after": after, "page": PAGE}).all()
        found.seen.update(row.name for row in rows)
        found.pages += 1
        after = rows[-1].id if rows else after
        if finished and len(rows) < PAGE:
            break
    engine.dispose()


def run_naively(url: str, load: Load) -> Found:
    """The same load with the textbook cursor."""
    engine = create_engine(url)
    with engine.begin() as db:
        db.execute(text("CREATE TABLE plain (id bigserial PRIMARY KEY, name text NOT NULL)"))
    engine.dispose()
    found = Found()
    found.seconds = _together(
        load, lambda writer: (write_naively, (url, load, writer)), [(follow_naively, (url, found))]
    )
    return found


@contextmanager
def _databases() -> Iterator[tuple[str, str]]:
    with postgres.cluster() as cluster:
        yield cluster.fresh(), cluster.empty()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--per-commit", type=int, default=100)
    args = parser.parse_args()
    load = Load(args.changes, args.writers, args.per_commit, processes=True)
    with _databases() as (url, plain):
        ours, naive = run(url, load), run_naively(plain, load)
    for name, found in (("the feed", ours), ("an auto-increment cursor", naive)):
        print(
            f"{name}: {load.changes} changes by {load.writers} processes in {found.seconds:.0f} s, "
            f"{found.pages} pages read; missed {found.missed(load)}, repeated {found.repeated}"
        )
    raise SystemExit(bool(ours.missed(load)) or not naive.missed(load))


if __name__ == "__main__":
    main()
