"""Syncing over loopback with a platform in another process: the real runner, store and wire."""

from __future__ import annotations

import gc
import sqlite3
import time
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.services import intake, notes
from desktop_app.services.seat import Seat
from tests.benchmarks import plain
from tests.benchmarks.harness import Group, Measured, Options, Results, Row, take
from tests.benchmarks.serving import Serving, served
from tests.benchmarks.syncing import HandTurned, seat

FIRST = 10_000
ACTS = 500
FEW = 25
BARE = "the bytes over a loopback socket and one bare insert each"
ROWS = (
    Row("first-sync", f"first sync of {FIRST:,} orders", 0.6, "s", floor=BARE),
    Row("push", f"push of {ACTS} acts on as many orders", 80, floor=BARE),
    Row("push-few", f"push of {ACTS} acts on {FEW} orders", 80, floor=BARE),
    Row("nothing-new", "sync with nothing new", 3, floor="64 bytes there and back"),
    Row("nothing-new-requests", "requests for nothing new", 1, "requests"),
)


def run(options: Options) -> Results:
    orders = 1_000 if options.quick else FIRST
    with TemporaryDirectory(prefix="jiban-bench-") as name, served(Path(name)) as platform:
        folder = Path(name)
        platform.dispatch(0, orders)
        if options.wanted("first-sync"):
            yield "first-sync", _first_sync(options, folder, platform)
        with seat(folder / "seat", platform.url) as synced:
            synced.greet()
            synced.turns()
            if options.wanted("push"):
                yield "push", _push(options, folder, synced)
            if options.wanted("push-few"):
                yield "push-few", _push_few(options, folder, synced)
            if options.wanted("nothing-new"):
                yield from _nothing_new(options, synced)


def _first_sync(options: Options, folder: Path, platform: Serving) -> Measured:
    found, bodies = Measured(), [b""]
    for n in range(options.times(7)):
        with seat(folder / f"first-{n}", platform.url) as fresh:
            fresh.greet()
            found.samples.append(_seconds(fresh))
            with fresh.store._db.read() as tx:
                bodies = tx.column("SELECT base FROM states")
        found.floor.append(_bare(folder / f"bare-{n}.db", bodies))
    size = sum(map(len, bodies)) / len(bodies) / 1000
    found.note = f"{len(bodies):,} orders of {size:.1f} kB"
    return found


def _seconds(fresh: HandTurned) -> float:
    """Return how long everything up to the first long poll took."""
    gc.collect()
    begun = time.perf_counter()
    fresh.turns()
    return time.perf_counter() - begun


def _bare(path: Path, bodies: list[bytes]) -> float:
    """Return the seconds for sending and inserting ``bodies`` with nothing else around it."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE states (id INTEGER PRIMARY KEY, base BLOB)")
    database.execute("BEGIN")

    def insert(body: bytes) -> None:
        database.execute("INSERT INTO states (base) VALUES (?)", (body,))

    begun = time.perf_counter()
    plain.loopback(bodies, insert)
    database.execute("COMMIT")
    taken = time.perf_counter() - begun
    database.close()
    return taken


def _push(options: Options, folder: Path, synced: HandTurned) -> Measured:
    found = Measured()
    desk = Seat(synced.store, synced.time, PersonId("zhou"))
    with synced.store._db.read() as tx:
        waiting = tx.column("SELECT order_id FROM orders ORDER BY id")
    batch = min(ACTS, len(waiting) // 4)
    for n in range(min(options.times(8), len(waiting) // batch)):
        for order_id in waiting[n * batch : (n + 1) * batch]:
            intake.accept(desk, OrderId(order_id))
        _send(found, folder, synced, batch)
    found.note = "comes with as many whole orders back"
    return found


def _push_few(options: Options, folder: Path, synced: HandTurned) -> Measured:
    """What a village brings home after some days without a line."""
    found = Measured()
    desk = Seat(synced.store, synced.time, PersonId("zhou"))
    with synced.store._db.read() as tx:
        some = tx.column("SELECT order_id FROM orders ORDER BY id DESC LIMIT 1000")
    for n in range(options.times(8)):
        for m in range(ACTS):
            order_id = OrderId(some[n * FEW + m % FEW])
            notes.note(desk, order_id, f"第 {m} 条备注：到现场看过，按计划推进。")
        _send(found, folder, synced, ACTS)
    return found


def _send(found: Measured, folder: Path, synced: HandTurned, batch: int) -> None:
    with synced.store._db.read() as tx:
        bodies = tx.column("SELECT body FROM acts WHERE status = 'waiting'")
    assert len(bodies) == batch
    synced.ask()
    found.samples.append(_seconds(synced) * 1000)
    assert synced.store.pending_count() == 0
    found.floor.append(_bare(folder / "bare-push.db", bodies) * 1000)


def _nothing_new(options: Options, synced: HandTurned) -> Results:
    found, requests = Measured(), Measured()
    for _ in range(options.times(60)):
        synced.ask()
        before = synced.requests
        begun = time.perf_counter()
        synced.turns()
        found.samples.append((time.perf_counter() - begun) * 1000)
        requests.samples.append(synced.requests - before)
    found.floor = _echo(options)
    yield "nothing-new", found
    yield "nothing-new-requests", requests


def _echo(options: Options) -> list[float]:
    """Return how long 64 bytes take over a new loopback connection, in milliseconds."""
    serial = count()
    return take(lambda: plain.loopback([f"{next(serial):064d}".encode()], bytes), options.times(30))


GROUP = Group("sync", ROWS, run)
