"""The worker in its thread, with real time: new orders at once, acts at once, and a clean stop."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QThread, Slot
from pytestqt.qtbot import QtBot

from desktop_app.domain.clock import PlatformTime, SystemClock
from desktop_app.domain.ids import PersonId
from desktop_app.services import intake, notes
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.store import Store
from sync.client import login
from sync.client.failures import FailureKind, Problem
from sync.client.identity import (
    forget_credentials,
    load_anchor,
    load_credentials,
    save_credentials,
)
from sync.client.state import SyncState
from sync.client.worker import SyncWorker
from tests.support.center import sample_intake
from tests.support.platform import PASSWORD, RunningPlatform, running_platform
from tests.support.proxy import Fault, FaultProxy, fault_proxy
from tests.support.synced import KEY


class Screen(QObject):
    """Lives in the GUI thread and notes what it is told, as a screen does."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[ChangeSet] = []
        self.states: list[SyncState] = []
        self.notices: list[Problem] = []

    @Slot(object)
    def on_changed(self, changes: ChangeSet) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.changes.append(changes)

    @Slot(object)
    def on_state(self, state: SyncState) -> None:
        self.states.append(state)

    @Slot(object)
    def on_notice(self, problem: Problem) -> None:
        self.notices.append(problem)


@dataclass
class Live:
    """A seat as ``app.py`` builds it."""

    store: Store
    seat: Seat
    worker: SyncWorker
    thread: QThread
    screen: Screen = field(default_factory=Screen)

    def start(self) -> None:
        queued = Qt.ConnectionType.QueuedConnection
        self.worker.changed.connect(self.screen.on_changed, queued)
        self.worker.state_changed.connect(self.screen.on_state, queued)
        self.worker.noticed.connect(self.screen.on_notice, queued)
        self.worker.moveToThread(self.thread)
        self.thread.started.connect(self.worker.run)
        self.thread.start()

    def stop(self) -> float:
        """Return how long it took."""
        began = time.monotonic()
        self.worker.stop()
        assert self.thread.wait(5000)
        return time.monotonic() - began


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running_platform(tmp_path, SystemClock()) as platform:
        yield platform


@pytest.fixture
def line(running: RunningPlatform) -> Iterator[FaultProxy]:
    with fault_proxy(running.url) as proxy:
        yield proxy


@pytest.fixture
def live(tmp_path: Path, line: FaultProxy, qtbot: QtBot) -> Iterator[Callable[..., Live]]:
    made: list[Live] = []

    def make(person_id: str = "dispatcher", url: str = "") -> Live:
        clock = SystemClock()
        store = Store.open(tmp_path / f"{person_id}-{len(made)}", KEY)
        credentials = login.sign_in(
            url or line.url, person_id, PASSWORD, store.device_id, "测试坐席"
        )
        save_credentials(store, credentials)
        platform_time = PlatformTime(clock, load_anchor(store))
        seat = Seat(store, platform_time, PersonId(person_id))
        one = Live(store, seat, SyncWorker(store, platform_time, clock), QThread())
        made.append(one)
        return one

    yield make
    for one in made:
        one.stop()
        one.store.close()


def polling(qtbot: QtBot, line: FaultProxy) -> None:
    qtbot.waitUntil(lambda: any(b"/v1/changes" in e for e in line.exchanges), timeout=5000)


def news(qtbot: QtBot, seat: Live, seen: int) -> None:
    qtbot.waitUntil(lambda: len(seat.screen.changes) > seen, timeout=6000)


def test_a_dispatched_order_is_on_the_seat_at_once(
    running: RunningPlatform, live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    seat = live()
    seat.start()
    polling(qtbot, line)
    delays = []
    for n in range(1, 9):
        seen = len(seat.screen.changes)
        began = time.monotonic()
        running.platform.dispatch([sample_intake(n)])
        news(qtbot, seat, seen)
        delays.append(time.monotonic() - began)
    assert statistics.median(delays) < 0.3
    assert max(delays) < 1.0
    assert seat.store.pending_count() == 0
    assert seat.screen.states[-1].online


@pytest.mark.fault("network.half_open_poll")
def test_an_act_goes_out_at_once_although_a_long_poll_is_under_way(
    running: RunningPlatform, live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    running.platform.dispatch([sample_intake(1)])
    seat = live()
    seat.start()
    polling(qtbot, line)
    order_id = running.platform.dispatch([sample_intake(1)])[0].order_id
    assert order_id is not None
    began = time.monotonic()
    intake.accept(seat.seat, order_id)
    seat.worker.wake()
    qtbot.waitUntil(lambda: seat.store.pending_count() == 0, timeout=3000)
    assert time.monotonic() - began < 1.0
    order = running.platform.order_by_id(order_id)
    assert order is not None
    assert order.rev == 2


def test_it_stops_at_once_under_a_long_poll(
    live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    seat = live()
    seat.start()
    polling(qtbot, line)
    assert seat.stop() < 1.0


def test_it_stops_at_once_while_the_platform_hangs(
    running: RunningPlatform, live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    seat = live()
    line.arm(Fault(b"POST /v1/sync", swallow=True, times=None))
    seat.start()
    qtbot.waitUntil(lambda: any(b"/v1/sync" in e for e in line.exchanges), timeout=5000)
    assert seat.stop() < 1.0


def test_it_stops_at_once_while_it_backs_off(
    live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    seat = live()
    line.down()
    seat.start()
    qtbot.waitUntil(lambda: bool(seat.screen.states) and bool(seat.screen.states[-1].problem))
    assert seat.screen.states[-1].problem is not None
    assert seat.screen.states[-1].problem.kind is FailureKind.REFUSED
    assert not seat.screen.states[-1].online
    assert seat.stop() < 1.0


def test_it_may_be_stopped_before_it_began(live: Callable[..., Live]) -> None:
    seat = live()
    seat.worker.stop()
    seat.start()
    assert seat.thread.wait(3000)


def test_a_seat_nobody_signed_in_at_waits_and_begins_when_somebody_does(
    running: RunningPlatform, live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    running.platform.dispatch([sample_intake(1)])
    seat = live()
    credentials = load_credentials(seat.store)
    assert credentials is not None
    forget_credentials(seat.store)
    seat.start()
    save_credentials(seat.store, credentials)
    seat.worker.signed_in()
    polling(qtbot, line)
    assert seat.store.center() is not None


def test_a_platform_that_restarts_is_found_again(
    running: RunningPlatform, live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    seat = live()
    seat.start()
    polling(qtbot, line)
    line.down()
    line.up()
    seen = len(seat.screen.changes)
    running.platform.dispatch([sample_intake(1)])
    news(qtbot, seat, seen)
    assert all(state.problem is None for state in seat.screen.states), "no banner for a blink"


def test_opening_an_order_brings_its_photo_although_a_long_poll_is_under_way(
    running: RunningPlatform, live: Callable[..., Live], line: FaultProxy, qtbot: QtBot
) -> None:
    running.platform.dispatch([sample_intake(1)])
    writer = live()
    writer.start()
    qtbot.waitUntil(lambda: bool(writer.store.open_orders()), timeout=5000)
    (order_id,) = writer.store.open_orders()
    data = bytes(range(256)) * 1000
    sha256 = writer.store.add_file(data, "现场.jpg").sha256
    notes.note(writer.seat, order_id, "见照片", files=(sha256,))
    writer.worker.wake()
    qtbot.waitUntil(lambda: writer.store.next_file() is None, timeout=5000)
    writer.stop()
    reader = live("secretary")
    line.exchanges.clear()
    reader.start()
    qtbot.waitUntil(lambda: bool(reader.store.missing_files([order_id])), timeout=5000)
    polling(qtbot, line)
    assert reader.store.file_status(sha256) is None, "the secretary has photos of what is opened"
    reader.worker.want_files(order_id)
    qtbot.waitUntil(lambda: reader.store.file_status(sha256) is not None, timeout=3000)
    assert reader.store.file_bytes(sha256) == data
    qtbot.waitUntil(lambda: reader.screen.changes[-1] == ChangeSet.of([order_id]), timeout=3000)
