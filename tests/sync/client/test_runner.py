"""The runner where its own store or the moment is against it: it goes on, and never in a hurry."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import PersonId
from sync.client import events as ev
from sync.client.failures import FailureKind, Problem
from sync.client.identity import Credentials, save_credentials
from sync.client.mailbox import Mailbox, Note
from sync.client.runner import INDEX_AGAIN, Runner, Told
from sync.protocol.codec import encode
from sync.protocol.messages import Problem as Document
from tests.support.answering import synced_store, with_orders
from tests.support.canned import CannedServer, answer_bytes, canned, hello_bytes, response
from tests.support.clock import ManualClock
from tests.support.synced import VirtualMailbox

MANY = range(1, 61)  # more than become searchable at once


class Seat:
    """A store and a runner, with nobody at the other end unless ``address`` says who."""

    def __init__(self, profile: Path) -> None:
        self.store = synced_store(profile, with_orders(*MANY))
        self.clock = ManualClock()
        self.began = self.clock.monotonic()
        self.mailbox = VirtualMailbox(self.clock)
        self.notices: list[Problem] = []
        self.runner: Runner | None = None

    def sign_in(self, address: str, token: str = "first") -> None:
        session = Credentials(address, "zhou", PersonId("dispatcher"), "s", token, token)
        save_credentials(self.store, session)

    def start(self) -> Runner:
        told = Told(_nobody, _nobody, self.notices.append)
        time = PlatformTime(self.clock)
        self.runner = Runner(self.store, time, self.clock, self.mailbox, told, dice=lambda: 0.5)
        return self.runner

    def full_disk(self) -> None:
        """From here on the file may not grow."""
        with self.store._db.read() as tx:
            pages = tx.one("PRAGMA page_count")[0]
            tx.one(f"PRAGMA max_page_count = {pages}")

    def close(self) -> None:
        if self.runner is not None:
            self.runner.close()
        self.store.close()


def _nobody(_what: object) -> None:
    """Nobody is told."""


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Seat]:
    made = Seat(tmp_path / "seat")
    yield made
    made.close()


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address of this machine at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


@pytest.mark.fault("storage.disk_full")
def test_a_search_index_that_finds_no_room_does_not_keep_the_sync_from_its_work(
    seat: Seat, nowhere: str
) -> None:
    seat.sign_in(nowhere)
    runner = seat.start()
    seat.full_disk()
    tried = 0
    for _ in range(100):
        tried += isinstance(runner.task, ev.Greet)
        runner.turn()
        if seat.clock.monotonic() >= seat.began + 120:
            break
    assert tried >= 10, "it goes on trying to reach the platform"
    assert seat.clock.monotonic() >= seat.began + 120, "and waits in between"


def test_the_search_is_caught_up_once_there_is_room_again(seat: Seat, nowhere: str) -> None:
    seat.sign_in(nowhere)
    runner = seat.start()
    seat.full_disk()
    for _ in range(10):
        runner.turn()
    with seat.store._db.read() as tx:
        tx.one("PRAGMA max_page_count = 1000000")
    while seat.clock.monotonic() < seat.began + 2 * INDEX_AGAIN:
        runner.turn()
    assert "正在编入" not in seat.store.doctor()[-1].text


def test_a_session_that_cannot_be_read_just_now_is_read_later(seat: Seat, nowhere: str) -> None:
    seat.sign_in(nowhere)
    runner = seat.start()
    with seat.store._db.write() as tx:
        tx.execute("ALTER TABLE meta RENAME TO away")
    seat.mailbox.post(Note.SIGNED_IN)
    for _ in range(100):
        runner.turn()
        if seat.clock.monotonic() >= seat.began + 60:
            break
    assert seat.clock.monotonic() >= seat.began + 60
    with seat.store._db.write() as tx:
        tx.execute("ALTER TABLE away RENAME TO meta")
    with canned(response(hello_bytes()), keep=True) as platform:
        seat.sign_in(platform.url)
        for _ in range(4):
            runner.turn()
        assert platform.requests, "the new session counts"


def test_a_start_at_a_moment_when_the_store_cannot_be_read_is_no_end(
    seat: Seat, nowhere: str
) -> None:
    seat.sign_in(nowhere)
    with seat.store._db.write() as tx:
        tx.execute("ALTER TABLE meta RENAME TO away")
    runner = seat.start()
    runner.turn()
    with seat.store._db.write() as tx:
        tx.execute("ALTER TABLE away RENAME TO meta")
    for _ in range(4):
        runner.turn()
    assert runner.engine.problem is FailureKind.REFUSED, "it has asked for the platform"


def test_a_refusal_of_the_session_before_does_not_sign_the_new_one_out(seat: Seat) -> None:
    """Somebody signs in while a request of the old session is under way."""

    def respond(request: bytes, _sock: socket.socket) -> bytes:
        if b"GET /v1/hello" in request:
            return response(hello_bytes(epoch="e1", end="e1"))
        if b"Bearer second" in request:
            return response(answer_bytes(epoch="e1", end="e1", cursor="61"))
        seat.sign_in(server.url, "second")
        seat.mailbox.post(Note.SIGNED_IN)
        gone = Document(type="about:blank", title="账号已停用", status=403, code="forbidden")
        return response(encode(gone), "403 Forbidden", "application/problem+json")

    server = CannedServer(respond, keep=True)
    try:
        seat.sign_in(server.url)
        runner = seat.start()
        for _ in range(6):
            runner.turn()
        assert runner.engine.signed_in
        assert FailureKind.FORBIDDEN not in [notice.kind for notice in seat.notices]
        assert any(b"Bearer second" in request for request in server.requests)
    finally:
        server.close()


def test_who_signed_in_last_counts() -> None:
    """In and out and in again while one request hangs."""
    mailbox = Mailbox()
    for note in (Note.SIGNED_IN, Note.WOKEN, Note.SIGNED_OUT, Note.SIGNED_IN):
        mailbox.post(note)
    assert mailbox.drain() == [Note.WOKEN, Note.SIGNED_OUT, Note.SIGNED_IN]
