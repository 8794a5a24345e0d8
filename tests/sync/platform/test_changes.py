"""The long poll: answers at once when something changed for this caller, whoever wrote it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from desktop_app.domain.acts import ActKind as K
from sync.platform.server import PlatformServer
from sync.protocol.messages import SyncAnswer
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform, make_platform, running_platform
from tests.sync.platform.conftest import act_on, order_of
from tests.sync.platform.seats import Seat

Seats = Callable[..., Seat]


class Waiting:
    """A long poll under way in a thread."""

    def __init__(self, seat: Seat, wait: float = 25) -> None:
        self.answer: SyncAnswer | None = None
        self.took = 0.0
        self._seat, self._wait = seat, wait
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        started = time.monotonic()
        self.answer = self._seat.changes(self._wait)
        self.took = time.monotonic() - started

    def result(self) -> SyncAnswer:
        self._thread.join(20)
        assert self.answer is not None
        return self.answer


def test_a_write_here_wakes_the_poll(seat: Seats) -> None:
    zhou, sun = seat("dispatcher"), seat("dispatcher2")
    waiting = Waiting(sun)
    zhou.push(act_on(zhou, order_of(zhou.served.platform), K.ACCEPT))
    assert [o.stage.value for o in waiting.result().orders] == ["accepted"]
    assert waiting.took < 10


def test_a_write_by_another_process_wakes_the_poll(seat: Seats, clock: ManualClock) -> None:
    zhou = seat("dispatcher")
    waiting = Waiting(zhou)
    other = make_platform(zhou.served.database, clock)
    other.dispatch([sample_intake(77)])
    other.close()
    assert [o.number for o in waiting.result().orders] == [sample_intake(77).number]
    assert waiting.took < 10


def test_what_one_may_not_see_wakes_nobody(seat: Seats) -> None:
    zhou, village = seat("dispatcher"), seat("village")
    waiting = Waiting(village, wait=0.4)
    zhou.push(act_on(zhou, order_of(zhou.served.platform), K.ACCEPT))
    assert waiting.result().orders == ()
    assert waiting.took >= 0.4


def test_a_signature_wakes_the_handlers(seat: Seats) -> None:
    zhou, boss, village, other = (
        seat(n) for n in ("dispatcher", "secretary", "village", "village2")
    )
    mine, others = Waiting(village), Waiting(other, wait=0.4)
    for who, kind in ((zhou, K.ACCEPT), (zhou, K.VERIFY), (zhou, K.PROPOSE), (boss, K.SIGN)):
        who.push(act_on(who, order_of(zhou.served.platform), kind))
    assert [o.stage.value for o in mine.result().orders] == ["signed"]
    assert others.result().orders == ()


def test_a_changed_center_wakes_everybody(seat: Seats) -> None:
    village = seat("village")
    waiting = Waiting(village)
    platform = village.served.platform
    platform.change_center(platform.center())
    center = waiting.result().center
    assert center is not None
    assert center.rev == 2


def test_a_poller_who_hung_up_is_forgotten(tmp_path: Path, clock: ManualClock) -> None:
    platform = make_platform(str(tmp_path / "p.db"), clock)
    server = PlatformServer(platform, "127.0.0.1", 0, tmp_path / "files")
    thread = threading.Thread(target=server.run_here)
    thread.start()
    try:
        zhou = Seat(RunningPlatform(platform, server.url, ""), "dispatcher")
        zhou.catch_up()
        waiters = server.app.state.desk.waiters
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port or 80), 5) as line:
            line.sendall(
                f"GET /v1/changes?wait=50&cursor={zhou.cursor} HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: {zhou.http.headers['Authorization']!s}\r\n\r\n".encode()
            )
            until(lambda: waiters.count == 1)
        until(lambda: waiters.count == 0)
    finally:
        server.should_exit = True
        thread.join(15)
        platform.close()


def test_the_time_in_the_answer_is_that_of_its_sending(tmp_path: Path, clock: ManualClock) -> None:
    platform = make_platform(str(tmp_path / "p.db"), clock)
    server = PlatformServer(platform, "127.0.0.1", 0, tmp_path / "files")
    thread = threading.Thread(target=server.run_here)
    thread.start()
    try:
        zhou = Seat(RunningPlatform(platform, server.url, ""), "dispatcher")
        zhou.catch_up()
        waiting = Waiting(zhou, wait=1.0)
        until(lambda: server.app.state.desk.waiters.count == 1)
        clock.advance(timedelta(seconds=25))
        assert waiting.result().now == clock.now()
    finally:
        server.should_exit = True
        thread.join(15)
        platform.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline


def test_a_disabled_poller_is_told_at_once(seat: Seats) -> None:
    village = seat("village")
    failure: list[int] = []

    def poll() -> None:
        address = f"{village.served.url}/v1/changes"
        for _ in range(2):  # one that is being answered in this moment tells of the change itself
            answer = village.http.get(
                address, params={"cursor": village.cursor, "wait": "25"}, timeout=30
            )
            if answer.status_code != 200:
                failure.append(answer.status_code)
                return

    thread = threading.Thread(target=poll)
    thread.start()
    Seat(village.served, "dispatcher2").sync()
    village.served.platform.switch_account("village", active=False)
    thread.join(20)
    assert failure in ([403], [401])


def test_without_news_it_answers_when_the_time_is_over(seat: Seats) -> None:
    zhou = seat("dispatcher")
    waiting = Waiting(zhou, wait=0.2)
    answer = waiting.result()
    assert (answer.orders, answer.cursor) == ((), zhou.cursor)
    assert 0.2 <= waiting.took < 10


def test_odd_waits_are_bounded(seat: Seats) -> None:
    zhou = seat("dispatcher")
    for wait in ("nan", "-1", "x", ""):
        zhou.take(zhou.get("/v1/changes", cursor=zhou.cursor, wait=wait))


def test_a_stopping_platform_lets_pollers_go(tmp_path: Path, clock: ManualClock) -> None:
    with running_platform(tmp_path, clock) as served:
        zhou = Seat(served, "dispatcher")
        zhou.catch_up()
        waiting = Waiting(zhou)
        settled(served)
    assert waiting.result().orders == ()
    assert waiting.took < 10


def settled(served: RunningPlatform) -> None:
    """Another request has gone all the way: the poll before it has arrived."""
    Seat(served, "dispatcher2").sync()
