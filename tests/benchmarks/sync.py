"""Syncing over loopback with a platform in another process: the real runner, store and wire."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.services import intake, notes
from desktop_app.services.seat import Seat
from local_store import packs
from tests.benchmarks import plain
from tests.benchmarks.beside import Beside, beside
from tests.benchmarks.floors import BARE, bare
from tests.benchmarks.harness import Group, Measured, Options, Results, Row, take
from tests.benchmarks.serving import Serving, served
from tests.benchmarks.syncing import HandTurned, seat

FIRST = 10_000
ACTS = 500
FEW = 25
ROWS = (
    Row("first-sync", f"first sync of {FIRST:,} orders, by pages", 0.3, "s", floor=BARE),
    Row("first-again", "the same from packed pages (snapshot)", 0.15, "s", floor=BARE),
    Row("first-single", "the same order by order, without packs", 0.6, "s", floor=BARE),
    Row("first-small", f"first sync of {FIRST:,} small orders, by pages", 0.3, "s", floor=BARE),
    Row("first-small-again", "the same from packed pages", 0.15, "s", floor=BARE),
    Row("push", f"push of {ACTS} acts on as many orders", 40, floor=BARE),
    Row("push-few", f"push of {ACTS} acts on {FEW} orders", 40, floor=BARE),
    Row("nothing-new", "sync with nothing new", 2, floor="64 bytes there and back"),
    Row("nothing-new-requests", "requests for nothing new", 1, "requests"),
)


def run(options: Options) -> Results:
    orders = 1_000 if options.quick else FIRST
    with TemporaryDirectory(prefix="jiban-bench-") as name, served(Path(name)) as platform:
        folder = Path(name)
        platform.fill(0, orders)
        with seat(folder / "seat", platform.url) as synced:
            synced.greet()
            synced.turns()
            documents = _states(synced)
            with beside(folder, documents, options.times(5)) as peers:
                yield from _measured(options, folder, platform, synced, peers)


def _measured(
    options: Options, folder: Path, platform: Serving, synced: HandTurned, peers: Beside
) -> Results:
    for name in ("first-sync", "first-again", "first-single"):
        if options.wanted(name):
            yield name, _first_sync(options, folder, platform, peers, name)
    if options.wanted("first-small") or options.wanted("first-small-again"):
        yield from _small(options, folder)
    if options.wanted("push"):
        yield "push", _push(options, folder, platform, synced, peers)
    if options.wanted("push-few"):
        yield "push-few", _push_few(options, folder, platform, synced, peers)
    if options.wanted("nothing-new") or options.wanted("nothing-new-requests"):
        yield from _nothing_new(options, synced, peers)


def _states(synced: HandTurned) -> list[bytes]:
    with synced.store._db.read() as tx:
        states: list[bytes] = tx.column(f"SELECT {packs.BASE} FROM orders o{packs.JOIN}")
    return states


def _first_sync(
    options: Options, folder: Path, platform: Serving, peers: Beside | None, name: str
) -> Measured:
    """Everything from the first request to the last commit; the lists can show it then.

    By pages the platform packs them for this seat; from a snapshot it has done so for an earlier one.
    """
    found, costs, bodies = Measured(), _Costs(platform), [b""]
    for n in range(options.times(9)):
        if not name.endswith("again"):
            platform.forget()
        with seat(folder / f"{name}-{n}", platform.url) as fresh:
            fresh.runner.takes_packs = name != "first-single"
            fresh.greet()
            found.samples.append(costs.measure(partial(_seconds, fresh)))
            bodies = _states(fresh)
        found.floor.append(bare(folder / "bare.db", bodies, cipher=True))
        found.plain.append(bare(folder / "bare.db", bodies, cipher=False))
    if peers is not None and name != "first-single":
        peers.measure(found, lambda peer: peer.first(), options.times(5), 1 / 1000)
    size = sum(map(len, bodies)) / len(bodies) / 1000
    found.note = f"{len(bodies):,} orders of {size:.1f} kB; {costs}"
    return found


def _small(options: Options, folder: Path) -> Results:
    """Orders nearest to the 1.4 kB for which the goals were set."""
    name = folder / "small"
    name.mkdir()
    with served(name, small=True) as platform:
        platform.fill(0, 1_000 if options.quick else FIRST)
        for row in ("first-small", "first-small-again"):
            if row == "first-small-again":
                with seat(name / "before", platform.url) as before:
                    before.greet()
                    before.turns()
            yield row, _first_sync(options, name, platform, None, row)


def _seconds(fresh: HandTurned) -> float:
    """Return how long everything up to the first long poll took."""
    begun = time.perf_counter()
    fresh.turns()
    return time.perf_counter() - begun


def _push(
    options: Options, folder: Path, platform: Serving, synced: HandTurned, peers: Beside
) -> Measured:
    """The newest orders first: those a center works on."""
    found, costs = Measured(), _Costs(platform)
    desk = Seat(synced.store, synced.time, PersonId("zhou"))
    with synced.store._db.read() as tx:
        waiting = tx.column("SELECT order_id FROM orders ORDER BY id DESC")
    batch = min(ACTS, len(waiting) // 4)
    for n in range(min(options.times(8), len(waiting) // batch)):
        for order_id in waiting[n * batch : (n + 1) * batch]:
            intake.accept(desk, OrderId(order_id))
        _send(found, costs, folder, synced, batch)
    peers.measure(found, lambda peer: peer.push(batch), options.times(5))
    found.note = f"de-duplicated, judged, durable on both sides; {costs}"
    return found


def _push_few(
    options: Options, folder: Path, platform: Serving, synced: HandTurned, peers: Beside
) -> Measured:
    """What a village brings home after some days without a line."""
    found, costs = Measured(), _Costs(platform)
    desk = Seat(synced.store, synced.time, PersonId("zhou"))
    with synced.store._db.read() as tx:
        some = tx.column("SELECT order_id FROM orders ORDER BY id LIMIT 1000")
    for n in range(options.times(8)):
        for m in range(ACTS):
            order_id = OrderId(some[n * FEW + m % FEW])
            notes.note(desk, order_id, f"第 {m} 条备注：到现场看过，按计划推进。")
        _send(found, costs, folder, synced, ACTS)
    peers.measure(found, lambda peer: peer.push(ACTS), options.times(3))
    found.note = f"peers: 500 documents; {costs}"
    return found


class _Costs:
    """Processor time of both sides, in the middle: on a busy machine it says more than the clock."""

    def __init__(self, platform: Serving) -> None:
        self._platform = platform
        self._seat = self._other = 0.0
        self._times = 0

    def measure(self, work: Callable[[], float]) -> float:
        gc.collect()
        before = time.process_time(), self._platform.cpu()
        taken = work()
        self._seat += time.process_time() - before[0]
        self._other += self._platform.cpu() - before[1]
        self._times += 1
        return taken

    def __str__(self) -> str:
        seat, platform = (used / self._times * 1000 for used in (self._seat, self._other))
        return f"CPU: seat {seat:.0f} ms, platform {platform:.0f} ms"


def _send(found: Measured, costs: _Costs, folder: Path, synced: HandTurned, batch: int) -> None:
    while synced.store.settle_some():
        pass
    with synced.store._db.read() as tx:
        bodies = tx.column("SELECT body FROM acts WHERE status = 'waiting'")
    assert len(bodies) == batch
    synced.ask()
    found.samples.append(costs.measure(partial(_seconds, synced)) * 1000)
    assert synced.store.pending_count() == 0
    found.floor.append(bare(folder / "bare.db", bodies, cipher=True, send=True) * 1000)
    found.plain.append(bare(folder / "bare.db", bodies, cipher=False, send=True) * 1000)


def _nothing_new(options: Options, synced: HandTurned, peers: Beside) -> Results:
    found, requests = Measured(), Measured()
    for _ in range(options.times(60)):
        synced.ask()
        before = synced.requests
        begun = time.perf_counter()
        synced.turns()
        found.samples.append((time.perf_counter() - begun) * 1000)
        requests.samples.append(synced.requests - before)
    found.floor = _echo(options)
    peers.measure(found, lambda peer: peer.nothing(), options.times(30))
    yield "nothing-new", found
    yield "nothing-new-requests", requests


def _echo(options: Options) -> list[float]:
    """Return how long 64 bytes take over a new loopback connection, in milliseconds."""
    serial = count()
    return take(lambda: plain.loopback([f"{next(serial):064d}".encode()], bytes), options.times(30))


GROUP = Group("sync", ROWS, run)
