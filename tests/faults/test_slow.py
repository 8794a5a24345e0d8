"""Peers that talk too slowly, begin and never end, or are gone without a word."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.services import intake, notes
from sync.client import engine, uploads
from sync.client import events as ev
from sync.client.failures import FailureKind as K
from sync.client.mailbox import Note
from sync.client.transport import wire
from sync.platform import patience
from tests.faults.checks import SYNC, all_once, kinds, standing
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy, Link
from tests.support.synced import SyncedSeat

SHORT = 0.4  # seconds, instead of a minute


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """All deadlines of the seat, a hundred times shorter."""
    monkeypatch.setattr(wire, "EXCHANGE_SECONDS", SHORT)
    monkeypatch.setattr(wire, "HELLO_SECONDS", SHORT)
    monkeypatch.setattr(wire, "POLL_GRACE", SHORT)
    monkeypatch.setattr(engine, "POLL_SECONDS", 1)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's patience, fifty times shorter."""
    monkeypatch.setattr(patience, "WINDOW", 0.3)


DRIPS = [
    pytest.param(Fault(SYNC, drip=0.02), marks=pytest.mark.fault("network.slow_drip"), id="answer"),
    pytest.param(
        Fault(SYNC, drip_request=0.02), marks=pytest.mark.fault("network.slow_drip"), id="request"
    ),
    *(
        pytest.param(fault, marks=pytest.mark.fault("network.slow_loris"), id=str(n))
        for n, fault in enumerate(
            (
                Fault(SYNC, stall_response=0),
                Fault(SYNC, stall_response=30),
                Fault(SYNC, stall_response=400),
                Fault(SYNC, stall_request=0),
                Fault(SYNC, stall_request=30),
                Fault(SYNC, stall_request=500),
            )
        )
    ),
]


@pytest.mark.parametrize("fault", DRIPS)
@pytest.mark.usefixtures("short")
def test_the_seat_gives_a_peer_up_that_comes_to_no_end(
    fault: Fault, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    before = standing(desk)
    line.arm(fault)
    began = time.monotonic()
    desk.try_once()
    assert time.monotonic() - began < SHORT * 4
    assert not line.armed()
    assert standing(desk) == before
    assert desk.runner.engine.problem is K.TIMEOUT
    assert desk.runner.engine.page < 500, "less at a time is asked for"
    all_once(running, desk)
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT]


HEAD = b"POST /v1/sync HTTP/1.1\r\nHost: platform\r\nContent-Type: application/json\r\n"


def raw(running: RunningPlatform) -> socket.socket:
    parts = urlsplit(running.url)
    sock = socket.create_connection((parts.hostname, parts.port))
    sock.settimeout(10)
    return sock


def closed_within(sock: socket.socket, drip: bytes = b"") -> float:
    """Drip bytes until the platform hangs up; return how long that took."""
    began = time.monotonic()
    sock.settimeout(0.05)
    while time.monotonic() - began < 10:
        try:
            if drip:
                sock.send(drip)
            if not sock.recv(65536):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("begin", "drip"),
    [
        pytest.param(begin, drip, marks=pytest.mark.fault(entry), id=name)
        for entry, name, begin, drip in (
            ("network.slow_drip", "head", HEAD + b"X-A: ", b"a"),
            ("network.slow_drip", "body", HEAD + b"Content-Length: 900000\r\n\r\n", b" "),
            ("network.slow_loris", "silent", b"", b""),
            ("network.slow_loris", "half a head", HEAD, b""),
            ("network.slow_loris", "no body", HEAD + b"Content-Length: 900000\r\n\r\n", b""),
        )
    ],
)
@pytest.mark.usefixtures("impatient")
def test_the_platform_gives_a_peer_up_that_comes_to_no_end(
    begin: bytes, drip: bytes, running: RunningPlatform
) -> None:
    with closing(raw(running)) as sock:
        sock.sendall(begin)
        assert 0.2 < closed_within(sock, drip) < 3


@pytest.mark.fault("network.slow_loris")
@pytest.mark.usefixtures("impatient")
def test_the_platform_gives_a_peer_up_that_does_not_read(
    running: RunningPlatform,
) -> None:
    """It asks and asks for a long answer, and takes none of it."""
    with closing(raw(running)) as sock, pytest.raises(ConnectionError):
        ask_without_reading(sock)


def ask_without_reading(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(4000):
        sock.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: platform\r\n\r\n")
        time.sleep(0.0005)


@pytest.mark.fault("network.slow_loris")
def test_others_are_served_while_hundreds_say_nothing(
    running: RunningPlatform, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    with ExitStack() as open_sockets:
        for n in range(300):
            sock = open_sockets.enter_context(closing(raw(running)))
            sock.sendall(HEAD[: 10 + n % 60] if n % 2 else HEAD + b"Content-Length: 90\r\n\r\n")
        intake.accept(desk.seat, first)
        began = time.monotonic()
        desk.sync()
        assert time.monotonic() - began < 2
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT]


@pytest.mark.fault("network.slow_drip")
@pytest.mark.usefixtures("impatient")
def test_patience_does_not_end_a_long_poll_or_an_upload_over_a_narrow_line(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LEAST", 100)
    monkeypatch.setattr(engine, "POLL_SECONDS", 2)
    monkeypatch.setattr(uploads, "MOST_PIECE", uploads.LEAST_PIECE)
    desk.sync()
    began = time.monotonic()
    assert isinstance(desk.runner.task, ev.Poll)
    desk.runner.turn()
    assert time.monotonic() - began > 1.5
    assert desk.runner.engine.attempt == 0
    first = desk.orders()[0]
    sha256 = desk.store.add_file(b"photo" * 5000, "现场照片.jpg").sha256
    notes.note(desk.seat, first, "见照片", files=(sha256,))
    line.shape(Link(rate=30_000))
    all_once(running, desk)
    assert desk.store.next_file() is None


@pytest.mark.fault("network.half_open_poll")
@pytest.mark.usefixtures("short")
def test_a_poll_whose_peer_is_gone_ends_at_its_deadline(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    line.arm(Fault(b"GET /v1/changes", swallow=True))
    began = time.monotonic()
    desk.runner.turn()
    assert time.monotonic() - began < 1 + SHORT * 4
    assert desk.runner.engine.problem is K.TIMEOUT
    intake.accept(desk.seat, desk.orders()[0])
    all_once(running, desk)


@pytest.mark.fault("network.half_open_poll")
def test_a_new_act_does_not_wait_for_a_poll_whose_peer_is_gone(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]

    class Recorded(list[bytes]):
        """Somebody records an act as soon as the poll is under way."""

        def append(self, head: bytes) -> None:
            super().append(head)
            if head.startswith(b"GET /v1/changes") and desk.store.pending_count() == 0:
                record()

    def record() -> None:
        notes.note(desk.seat, first, "门口等着")
        desk.mailbox.post(Note.WOKEN)

    line.arm(Fault(b"GET /v1/changes", swallow=True))
    line.exchanges = Recorded()
    began = time.monotonic()
    desk.runner.turn()
    line.exchanges = []
    desk.turns()
    assert time.monotonic() - began < 2
    assert kinds(running, first)[-1] is ActKind.NOTE
    all_once(running, desk)
