"""The HTTP port at a hostile line: what counts as a yes, a no, nothing sent, or nothing known."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from sync.platform.gateway.exchange import MAX_BODY, check_address
from sync.platform.gateway.http_port import HttpPort
from sync.platform.gateway.port import Delivery, PortError, Verdict
from sync.platform.gateway.results import results_of
from sync.platform.order_files import read_orders
from sync.protocol.codec import content_digest
from tests.support.canned import read_request
from tests.support.center import sample_center
from tests.support.certificates import make_authority
from tests.support.clock import START, ManualClock
from tests.support.foreign import foreign_system
from tests.sync.platform.gateway.conftest import http_port, reported_orders

READ = partial(read_orders, center=sample_center(), now=START)
RESULT = results_of(reported_orders(1)[0])[0]
JSON = b"Content-Type: application/json\r\n"


def answer(body: bytes, head: bytes = JSON, status: bytes = b"200 OK") -> bytes:
    length = f"Content-Length: {len(body)}\r\n".encode()
    return b"HTTP/1.1 " + status + b"\r\n" + head + length + b"\r\n" + body


@contextmanager
def answering(
    reply: bytes, *, hold: bool = False, drip: float = 0.0, certificate: Path | None = None
) -> Iterator[str]:
    """A server that reads a request and says ``reply`` whatever it was."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate:
        tls.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.settimeout(5)
            with contextlib.suppress(OSError), client:
                serve_one(tls.wrap_socket(client, server_side=True) if certificate else client)

    def serve_one(client: socket.socket) -> None:
        with client:
            read_request(client)
            say(client)
            if hold:
                over.wait(10)

    def say(client: socket.socket) -> None:
        size = 1 if drip else max(1, len(reply))
        for at in range(0, len(reply), size):
            client.sendall(reply[at : at + size])
            if drip and over.wait(drip):
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        scheme = "https" if certificate else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def sent(port: HttpPort) -> tuple[Verdict, str]:
    said = port.send(Delivery((RESULT,)))
    return said.verdict, said.reason


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (answer(b'{"receipt": "F-1"}'), Verdict.TAKEN),
        (answer(b'{"receipt": "F-1"}', status=b"201 Created"), Verdict.TAKEN),
        (answer(b'{"receipt": ""}'), Verdict.UNKNOWN),
        (answer(b"{}"), Verdict.UNKNOWN),
        (answer(b"<html>", b"Content-Type: text/html\r\n"), Verdict.UNKNOWN),
        (answer(b'{"receipt": "F-1"}', b"Content-Type: text/plain\r\n"), Verdict.UNKNOWN),
        (answer(b'{"receipt": "F-1"}', JSON + b"Content-Digest: sha-256=:AA==:\r\n"), Verdict.UNKNOWN),
        (answer(b'{"receipt": "F-1"}')[:-3], Verdict.UNKNOWN),
        (answer(b'{"receipt": "\xed\xa0\x80"}'), Verdict.UNKNOWN),
        (answer(b'{"error": "no"}', status=b"422 No"), Verdict.REFUSED),
        (answer(b"no", status=b"422 No"), Verdict.UNKNOWN),
        (answer(b"", status=b"401 No"), Verdict.NOT_SENT),
        (answer(b"", status=b"429 Later"), Verdict.NOT_SENT),
        (answer(b"", status=b"500 Oh"), Verdict.UNKNOWN),
        (answer(b"", b"Location: http://127.0.0.1:1/\r\n", status=b"302 Go"), Verdict.UNKNOWN),
        (answer(b'{"error": "is there"}', status=b"409 Is"), Verdict.UNKNOWN),
        (b"", Verdict.UNKNOWN),
        (b"SSH-2.0-hello\r\n", Verdict.UNKNOWN),
    ],
)  # fmt: skip
def test_only_what_is_certain_counts(reply: bytes, verdict: Verdict) -> None:
    with answering(reply) as url:
        assert sent(http_port(READ, url))[0] is verdict


def test_a_digest_that_holds_is_believed() -> None:
    body = b'{"receipt": "F-1"}'
    head = JSON + f"Content-Digest: {content_digest(body)}\r\n".encode()
    with answering(answer(body, head)) as url:
        assert sent(http_port(READ, url))[0] is Verdict.TAKEN


def test_nobody_there_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    verdict, reason = sent(http_port(READ, url))
    assert verdict is Verdict.NOT_SENT
    assert "连不上" in reason


@pytest.mark.parametrize("drip", [0.0, 0.02])
def test_no_answer_outlasts_the_deadline(drip: float) -> None:
    slow = answer(b'{"receipt": "F-1"}' + b" " * 4000)
    with answering(slow[:40] if not drip else slow, hold=True, drip=drip) as url:
        verdict, reason = sent(http_port(READ, url, deadline=1.0))
    assert verdict is Verdict.UNKNOWN
    assert "超时" in reason


def test_an_endless_answer_is_cut() -> None:
    with answering(answer(b" " * (MAX_BODY + 1))) as url:
        assert sent(http_port(READ, url))[0] is Verdict.UNKNOWN


def test_a_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    with answering(answer(b'{"receipt": "F-1"}'), certificate=own.served) as url:
        verdict, reason = sent(http_port(READ, url))
        assert verdict is Verdict.NOT_SENT
        assert "证书" in reason
        trusting = http_port(READ, url, authorities=str(own.root))
        assert sent(trusting)[0] is Verdict.TAKEN


def test_a_line_that_never_finishes_its_handshake_is_given_up() -> None:
    with answering(b"", hold=True) as url:
        port = http_port(READ, url.replace("http:", "https:"), deadline=0.3)
        assert sent(port)[0] is Verdict.NOT_SENT


@pytest.mark.parametrize(
    "page",
    [
        b"[]", b"{}", b'{"records": 7, "mark": "1"}', b'{"records": [], "mark": 1}',
        b'{"records": [], "mark": "\\u0000"}', b'{"records": [', b"[" * 100_000,
        b'{"records": [' + b"1," * 1000 + b'1], "mark": "1"}',
        b'{"records": [], "mark": "' + b"m" * 1001 + b'"}',
    ],
)  # fmt: skip
def test_a_page_that_is_none_changes_nothing(page: bytes) -> None:
    with answering(answer(page)) as url, pytest.raises(PortError, match="没有收"):
        http_port(READ, url).receive("")


def test_a_query_that_answers_nonsense_is_no_no() -> None:
    with answering(answer(b'{"found": false}')) as url, pytest.raises(PortError):
        http_port(READ, url).find(RESULT)


def test_another_reference_than_asked_for_does_not_count() -> None:
    body = b'{"results": [{"reference": "JB-OTHER", "receipt": "F-1"}]}'
    with answering(answer(body)) as url:
        assert http_port(READ, url).find(RESULT).copies == 0


def test_a_wrong_token_is_told(clock: ManualClock) -> None:
    with foreign_system(clock) as foreign:
        port = http_port(READ, foreign.url, token="wrong")
        with pytest.raises(PortError, match="口令"):
            port.receive("")
        assert sent(port)[0] is Verdict.NOT_SENT


def test_a_page_that_never_advances_is_not_asked_for_again_at_once() -> None:
    with answering(answer(b'{"records": [], "mark": "5", "more": true}')) as url:
        assert http_port(READ, url).receive("4").more
        assert not http_port(READ, url).receive("5").more


@pytest.mark.parametrize(
    "address", ["ftp://x/", "https://", "http://city.example/api", "https://a:b@city.example/", "x"]
)
def test_addresses_that_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="对方系统的地址"):
        check_address(address)


def test_addresses_that_are_taken() -> None:
    check_address("https://city.example/api")
    check_address("http://127.0.0.1:8000")
