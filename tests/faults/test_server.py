"""The platform is newer, older, killed while it works, or asked by everybody at once."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.services import intake, notes
from sync.client.engine import Phase
from sync.client.failures import FailureKind as K
from sync.client.mailbox import Note
from sync.protocol.codec import decode, encode
from sync.protocol.messages import Hello, Problem
from tests.faults.checks import SYNC, all_once, kinds, standing
from tests.faults.crowd import PAGE, Crowd
from tests.faults.scale import scaled
from tests.support.canned import response
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, make_platform, running_platform
from tests.support.processes import Served, served_process
from tests.support.proxy import Fault, FaultProxy, fault_proxy
from tests.support.synced import SyncedSeat

# --- another version --------------------------------------------------------------------------------


def speaking(**changes: int) -> Callable[[bytes], bytes]:
    """Return what lets the platform's hello say another range of protocols."""

    def rewrite(whole: bytes) -> bytes:
        hello = decode(whole.partition(b"\r\n\r\n")[2], Hello)
        return response(encode(msgspec.structs.replace(hello, **changes)))

    return rewrite


def refusing(code: str) -> bytes:
    document = Problem(type="urn:x", title="版本不合", status=426, code=code, end="e")
    return response(encode(document), "426 Upgrade Required", "application/problem+json")


@pytest.mark.parametrize(
    ("kind", "who", "rewrite", "answer"),
    [
        pytest.param(
            K.TOO_NEW, "升级即办台", speaking(protocol_min=9, protocol_max=9),
            refusing("protocol_too_old"), marks=pytest.mark.fault("server.protocol_too_new"),
            id="newer",
        ),
        pytest.param(
            K.TOO_OLD, "升级平台", speaking(protocol_min=0, protocol_max=0),
            refusing("protocol_too_new"), marks=pytest.mark.fault("server.protocol_too_old"),
            id="older",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("under_way", [False, True], ids=["at the start", "under way"])
def test_a_platform_of_another_version_is_told_apart_and_waited_for(
    kind: K,
    who: str,
    rewrite: Callable[[bytes], bytes],
    answer: bytes,
    *,
    under_way: bool,
    running: RunningPlatform,
    line: FaultProxy,
    desk: SyncedSeat,
    clock: ManualClock,
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    before = standing(desk)
    line.arm(Fault(b"GET /v1/hello", rewrite=rewrite, times=None))
    line.arm(Fault(SYNC, answer=answer, times=None))
    if not under_way:
        desk.reopen()
    line.exchanges.clear()
    began = clock.monotonic()
    for _ in range(30):
        desk.mailbox.post(Note.WOKEN)
        desk.runner.turn()
    assert desk.runner.engine.phase is Phase.STOPPED
    assert desk.runner.state.problem is not None
    assert desk.runner.state.problem.kind is kind
    assert who in desk.runner.state.problem.advice
    assert standing(desk) == before
    pushes = [e for e in line.exchanges if e.startswith(SYNC)]
    assert len(pushes) == int(under_way), "nothing is sent to it any more"
    assert len(line.exchanges) <= 3 + (clock.monotonic() - began) / 10
    line.clear()
    clock.advance(timedelta(minutes=6))
    all_once(running, desk)
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT]
    assert desk.runner.state.problem is None


# --- killed under load ------------------------------------------------------------------------------

KILLS = scaled(12, 2)
LATEST = 0.6  # seconds after its start at which it is killed
PEOPLE = ("dispatcher", "dispatcher2", "secretary")


class Mortal:
    """A platform process behind a line; each ``kill`` ends it and starts the next."""

    def __init__(self, folder: Path, database: Path, line: FaultProxy, stack: ExitStack) -> None:
        self._folder, self._database, self._line, self._stack = folder, database, line, stack
        self._lives = 0
        self._served = self._begin()

    def _begin(self) -> Served:
        self._lives += 1
        served = self._stack.enter_context(
            served_process(str(self._database), self._folder, f"life-{self._lives}")
        )
        self._line.retarget(served.url)
        return served

    def kill(self) -> None:
        self._served.close()
        self._served = self._begin()


@pytest.fixture
def mortal(tmp_path: Path, clock: ManualClock, line: FaultProxy) -> Iterator[Mortal]:
    database = tmp_path / "killed.db"
    platform = make_platform(f"sqlite:///{database}", clock)
    platform.dispatch([sample_intake(n) for n in range(1, 5)])
    platform.close()
    with ExitStack() as stack:
        yield Mortal(tmp_path, database, line, stack)


@pytest.fixture
def line() -> Iterator[FaultProxy]:
    with fault_proxy("http://127.0.0.1:9") as proxy:
        yield proxy


@pytest.fixture
def running(tmp_path: Path, clock: ManualClock, line: FaultProxy) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path, clock) as platform:
        line.retarget(platform.url)
        yield platform


def work(seat: SyncedSeat, stop: threading.Event, written: list[str]) -> None:
    """Record and send until told to stop; ``written`` grows by what the seat called saved."""
    while not stop.is_set():
        for order_id in seat.orders():
            text = f"{seat.person_id} 第 {len(written)} 条"
            notes.note(seat.seat, order_id, text)
            written.append(text)
        seat.try_once()
        if not seat.runner.state.online:
            stop.wait(0.01)


@pytest.mark.slow
@pytest.mark.fault("server.killed_under_load")
def test_a_platform_killed_while_everybody_sends_loses_and_doubles_nothing(
    mortal: Mortal, line: FaultProxy, tmp_path: Path
) -> None:
    dice = random.Random(7)
    seats = [SyncedSeat(tmp_path / name, ManualClock(), name, line.url) for name in PEOPLE]
    written: list[list[str]] = [[] for _ in seats]
    stop = threading.Event()
    for seat in seats:
        seat.sign_in()
        seat.sync()
    threads = [
        threading.Thread(target=work, args=(seat, stop, texts))
        for seat, texts in zip(seats, written, strict=True)
    ]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.1, LATEST))
        mortal.kill()
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join(30)
    for seat in (*seats, *seats):
        seat.clock.advance(timedelta(minutes=6))
        seat.sync(600)
    try:
        assert all(seat.store.pending_count() == 0 for seat in seats)
        check_the_texts(seats, [text for texts in written for text in texts])
        with closing(sqlite3.connect(tmp_path / "killed.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        for seat in seats:
            seat.close()


def check_the_texts(seats: list[SyncedSeat], texts: list[str]) -> None:
    """Everything that was saved anywhere is with everybody, once, in one gap-free history."""
    found: list[str] = []
    for order_id in seats[0].orders():
        order = seats[0].store.base(order_id)
        assert order is not None
        assert [entry.rev for entry in order.history] == list(range(1, order.rev + 1))
        assert all(seat.store.base(order_id) == order for seat in seats)
        found += [e.payload["text"] for e in order.history if e.kind is ActKind.NOTE]
    assert len(texts) > 30
    assert sorted(found) == sorted(texts)


# --- everybody at once ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.fault("server.reconnect_500")
def test_five_hundred_clients_that_come_back_at_once_are_all_served(
    running: RunningPlatform,
) -> None:
    """No jitter, no mercy: each has an act and asks for the orders, over a connection of its own."""
    results = running.platform.dispatch([sample_intake(n) for n in range(1, 51)])
    orders = [result.order_id for result in results if result.order_id]
    crowd = Crowd(running, orders, 500)
    answers = crowd.rush(within=60.0)
    assert len(answers) == 500
    assert all(len(a.orders) >= PAGE for a in answers), "each has what it asked for"
    texts = [
        entry.payload["text"]
        for order_id in orders
        for entry in crowd.history(order_id)
        if entry.kind is ActKind.NOTE
    ]
    assert sorted(texts) == sorted(crowd.texts), "each act once"
    again = crowd.rush(within=60.0, most=scaled(500, 50))
    assert {r.outcome.value for a in again for r in a.results} == {"duplicate"}
