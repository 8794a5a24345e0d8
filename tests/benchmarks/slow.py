"""Over a village's line: 256 kbit/s each way and 300 ms there and back. The seat's own thread syncs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.services import intake, notes
from desktop_app.services.seat import Seat
from local_store import packs
from sync.client.mailbox import Note
from tests.benchmarks.beside import Beside, beside
from tests.benchmarks.harness import Group, Measured, Options, Results, Row
from tests.benchmarks.line import VILLAGE_KBIT, Line, village_line
from tests.benchmarks.peers.process import Session
from tests.benchmarks.serving import served
from tests.benchmarks.syncing import HandTurned, seat

EDITS = 50
ORDERS, ACTS = 4_000, 2_000
ROWS = (
    Row("fifty", f"push and pull {EDITS} edits at 300 ms, 256 kbit/s", 0.7, "s"),
    Row("line-pull", f"line use at 256 kbit/s, pull of {ORDERS:,} orders", 88, "%", at_least=True),
    Row("line-push", f"line use at 256 kbit/s, push of {ACTS:,} acts", 88, "%", at_least=True),
)
PATIENCE = 300.0


def run(options: Options) -> Results:
    orders = 1_000 if options.quick else ORDERS
    with TemporaryDirectory(prefix="jiban-bench-") as name, served(Path(name)) as platform:
        platform.fill(0, orders)
        with (
            village_line(platform.url) as line,
            seat(Path(name) / "seat", line.url) as synced,
            _running(synced),
        ):
            pulled = _pull(line, synced, orders)
            with beside(Path(name), _states(synced), 1) as peers:
                yield "fifty", _fifty(options, synced, peers)
            yield "line-pull", pulled
            if options.wanted("line-push"):
                yield "line-push", _push(options, line, synced)


@contextmanager
def _running(synced: HandTurned) -> Iterator[None]:
    """Let the seat sync in a thread of its own, as in life: acts come while it waits for news."""
    _far(synced)
    thread = threading.Thread(target=synced.runner.run, name="sync")
    thread.start()
    try:
        yield
    finally:
        synced.mailbox.stop()
        thread.join()


def _far(synced: HandTurned) -> None:
    """The line begins on this machine, but what goes over it is compressed like on any other."""
    for transport in synced.runner._transports:
        transport.address = replace(transport.address, loopback=False)


def _states(synced: HandTurned) -> list[bytes]:
    with synced.store._db.read() as tx:
        states: list[bytes] = tx.column(f"SELECT {packs.BASE} FROM orders o{packs.JOIN}")
    return states


def _until(done: Callable[[], bool], what: str) -> float:
    """Return when ``done()`` became true, by the clock that never jumps."""
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.002)
    return time.monotonic()


def _count(synced: HandTurned) -> int:
    with synced.store._db.read() as tx:
        return int(tx.one("SELECT count(*) FROM orders")[0])


def _pull(line: Line, synced: HandTurned, orders: int) -> Measured:
    """From the first byte of an order to the last commit, without greeting and signing in."""
    begun = _until(lambda: line.down.carried > 5_000, "the first page")
    before = line.down.carried
    ended = _until(lambda: _count(synced) == orders, "all orders")
    carried = line.down.carried - before
    found = Measured([_share(carried, ended - begun)])
    size = sum(map(len, _states(synced)))
    found.note = (
        f"{carried / 1000:.0f} kB in {ended - begun:.1f} s;"
        f" unpacked {size * 8 / (ended - begun) / 1000:.0f} kbit/s"
    )
    return found


def _share(carried: int, seconds: float) -> float:
    """Return the share of the line's capacity that carried content, in percent."""
    return carried * 8 / (seconds * VILLAGE_KBIT * 1000) * 100


def _fifty(options: Options, synced: HandTurned, peers: Beside) -> Measured:
    found = Measured()
    desk = Seat(synced.store, synced.time, PersonId("zhou"))
    with synced.store._db.read() as tx:
        waiting = tx.column("SELECT order_id FROM orders ORDER BY id DESC")
    for n in range(options.times(10)):
        time.sleep(1.0)  # the long poll is under way again
        for order_id in waiting[n * EDITS : (n + 1) * EDITS]:
            intake.accept(desk, OrderId(order_id))
        found.samples.append(_sent(synced))
    peers.measure(found, _exchange, 3, 1 / 1000)
    found.note = "from the wake-up to the last commit, the long poll under way"
    return found


def _exchange(peer: Session) -> float:
    """Let the peer push and pull over a line of its own."""
    peer.first()
    with village_line(peer.url) as line:
        return peer.exchange(EDITS, line.url)


def _sent(synced: HandTurned) -> float:
    """Wake the seat's sync; return the seconds until the platform has everything that waited."""
    begun = time.monotonic()
    synced.mailbox.post(Note.WOKEN)
    return _until(lambda: synced.store.pending_count() == 0, "all acts") - begun


def _push(options: Options, line: Line, synced: HandTurned) -> Measured:
    """As the pull: from the first byte that reaches who takes it to that one's last commit."""
    desk = Seat(synced.store, synced.time, PersonId("zhou"))
    with synced.store._db.read() as tx:
        some = tx.column("SELECT order_id FROM orders ORDER BY id LIMIT 100")
    acts = options.times(ACTS)
    for n in range(acts):
        text = f"第 {n} 条备注：{n * 7919 % 10007} 号点位到现场看过，还差 {n * 31 % 97} 米，按计划推进。"
        notes.note(desk, OrderId(some[n % len(some)]), text)
    for way in (line.up, line.down):
        way.begin()
    seconds = _sent(synced)
    carried, platform = line.up.carried, line.down.handed - line.up.first
    note = (
        f"{acts:,} acts, {carried / 1000:.0f} kB; the seat has its answer after {seconds:.1f} s:"
        f" {_share(carried, seconds):.1f} %"
    )
    return Measured([_share(carried, platform)], note=note)


GROUP = Group("slow", ROWS, run)
