"""One exchange against real sockets: what counts, what does not, and within what time."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable

import pytest

from desktop_app.domain.clock import SystemClock
from sync.client.address import Address, parse_address
from sync.client.failures import Failure, FailureKind
from sync.client.transport import Transport, wire
from sync.protocol.codec import content_digest, encode
from sync.protocol.messages import Hello, Problem, RawSyncAnswer, Refresh, SyncRequest
from tests.support.canned import Respond, answer_bytes, canned, hello_bytes, response

K = FailureKind
ASK = SyncRequest(device_id="d")


def transport_to(url: str) -> Transport:
    address = parse_address(url)
    assert isinstance(address, Address)
    return Transport(address, SystemClock())


def exchange(answer: bytes | Respond) -> RawSyncAnswer | Failure:
    with canned(answer) as server:
        transport = transport_to(server.url)
        try:
            return transport.exchange(ASK, "token")
        finally:
            transport.close()


def kind_of(answer: bytes | Respond) -> FailureKind:
    outcome = exchange(answer)
    assert isinstance(outcome, Failure), outcome
    assert outcome.problem.title
    return outcome.kind


def problem(status: int, code: str, **headers: str) -> bytes:
    document = Problem(type="urn:x", title="标题", detail="建议", status=status, code=code, end="e")
    return response(
        encode(document), f"{status} Refused", "application/problem+json", headers=headers
    )


def test_a_whole_answer_counts() -> None:
    answer = exchange(response(answer_bytes(cursor="c9")))
    assert isinstance(answer, RawSyncAnswer)
    assert answer.cursor == "c9"


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("length", [False, True])
def test_every_framing_of_a_whole_answer_counts(*, zipped: bool, length: bool) -> None:
    answer = exchange(response(answer_bytes(), zipped=zipped, length=length))
    assert isinstance(answer, RawSyncAnswer)


def test_an_answer_without_digest_is_not_the_platform_s() -> None:
    assert kind_of(response(answer_bytes(), digest=False)) is K.NOT_PLATFORM


@pytest.mark.parametrize("length", [False, True])
@pytest.mark.parametrize("zipped", [False, True])
def test_cut_at_every_offset_nothing_counts(*, zipped: bool, length: bool) -> None:
    whole = response(answer_bytes(cursor="c" * 40), zipped=zipped, length=length)
    with canned(b"", keep=False) as server:
        transport = transport_to(server.url)
        for offset in range(0, len(whole), 7):
            server.respond = lambda _request, _sock, n=offset: whole[:n]  # type: ignore[misc]
            outcome = transport.exchange(ASK, "token")
            assert isinstance(outcome, Failure), offset
            # cut inside the header lines, what is left may look like another service's
            assert outcome.kind in (K.CUT_OFF, K.NOT_PLATFORM), (offset, outcome)
        transport.close()


def test_a_flipped_bit_anywhere_in_the_body_does_not_count() -> None:
    body = answer_bytes()
    good = response(body)
    for offset in range(len(good) - len(body), len(good), 3):
        spoilt = bytearray(good)
        spoilt[offset] ^= 4
        assert kind_of(bytes(spoilt)) is K.CUT_OFF


@pytest.mark.parametrize(
    "answer",
    [
        response(b"<html>sign in</html>", media="text/html"),
        response(b"<html>sign in</html>", media="text/html", digest=False),
        response(b'{"ok":true}'),
        response(b'{"ok":true}', digest=False),
        response(b"{}"),
        response(b"[]"),
        response(b""),
        response(b"null"),
        response(b"", "302 Found", headers={"Location": "http://portal.example/"}),
        response(b"", "204 No Content"),
        response(answer_bytes(), media="text/html"),
        response(answer_bytes(), media="application/problem+json"),
        response(b"<html>no</html>", "401 Unauthorized", "text/html"),
        problem(401, "token_expired").replace("标题".encode(), "别的".encode()),
        problem(403, "account_disabled").replace("标题".encode(), "别的".encode()),
        response(b'{"error":"forbidden"}', "403 Forbidden"),
        response(b"gone", "404 Not Found", "text/plain"),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50",
    ],
)
def test_what_is_not_the_platform_is_told_apart(answer: bytes) -> None:
    assert kind_of(answer) is K.NOT_PLATFORM


def test_an_answer_of_our_platform_that_does_not_fit_is_told_apart() -> None:
    odd = answer_bytes().replace(b'"more":false', b'"more":"maybe"')
    assert kind_of(response(odd)) is K.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "changes", [{"end": ""}, {"end": "other"}, {"server_id": ""}, {"epoch": ""}]
)
def test_without_end_mark_or_identity_it_does_not_count(changes: dict[str, object]) -> None:
    assert kind_of(response(answer_bytes(**changes))) in (K.CUT_OFF, K.NOT_PLATFORM)


def test_a_body_that_would_not_fit_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_WIRE", 200_000)
    assert kind_of(response(b"x" * 300_000)) is K.TOO_BIG


def test_a_gzip_bomb_is_not_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    zeros = b"\0" * (1024 * 1024)
    bomb = b"".join(packer.compress(zeros) for _ in range(150)) + packer.flush()
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    assert kind_of(raw + f"Content-Length: {len(bomb)}\r\n\r\n".encode() + bomb) is K.TOO_BIG


def test_a_compression_nobody_asked_for_does_not_count() -> None:
    body = answer_bytes()
    odd = response(body, headers={"Content-Encoding": "br"})
    assert kind_of(odd) is K.NOT_PLATFORM


def test_rubbish_behind_the_gzip_does_not_count() -> None:
    body = answer_bytes()
    packed = gzip.compress(body) + b"more"
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    head += f"Content-Digest: {content_digest(body)}\r\nContent-Length: {len(packed)}\r\n\r\n"
    assert kind_of(head.encode() + packed) is K.CUT_OFF


# --- refusals ---


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "token_expired", K.UNAUTHORISED),
        (401, "wrong_password", K.WRONG_PASSWORD),
        (403, "account_disabled", K.FORBIDDEN),
        (400, "digest", K.CUT_OFF),
        (400, "unreadable", K.NOT_ACCEPTED),
        (413, "too_large", K.TOO_BIG),
        (429, "too_many_attempts", K.TOO_MANY),
        (426, "protocol", K.TOO_NEW),
        (500, "error", K.SERVER_ERROR),
        (503, "storage", K.SERVER_ERROR),
        (507, "disk_full", K.SERVER_FULL),
    ],
)
def test_problem_documents(status: int, code: str, kind: FailureKind) -> None:
    assert kind_of(problem(status, code)) is kind


def test_a_spent_refresh_token_asks_for_a_person() -> None:
    with canned(problem(401, "session_ended")) as server:
        transport = transport_to(server.url)
        outcome = transport.refresh(Refresh(refresh_token="t", device_id="d"))
        transport.close()
    assert isinstance(outcome, Failure)
    assert outcome.kind is K.SIGN_IN_AGAIN


def test_the_platform_s_own_words_are_kept_where_they_say_more() -> None:
    outcome = exchange(problem(429, "too_many_attempts", **{"Retry-After": "30"}))
    assert isinstance(outcome, Failure)
    assert outcome.retry_after == 30.0
    assert outcome.problem.title == "标题"


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("1e99", None), ("9" * 40, 900.0), ("", None)]
)
def test_retry_after_of_a_bare_429(value: str, seconds: float | None) -> None:
    raw = response(b"slow down", "429 Too Many", "text/plain", headers={"Retry-After": value})
    outcome = exchange(raw)
    assert isinstance(outcome, Failure)
    assert outcome.kind is K.TOO_MANY
    assert outcome.retry_after == seconds


def test_a_proxy_s_502_page_is_a_server_error() -> None:
    assert kind_of(response(b"<html>bad gateway</html>", "502 Bad", "text/html")) is K.SERVER_ERROR


# --- hello ---


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"product": "something"}, K.NOT_PLATFORM),
        ({"protocol_max": 0, "protocol_min": 0}, K.TOO_OLD),
        ({"protocol_min": 9, "protocol_max": 9}, K.TOO_NEW),
    ],
)
def test_hello_says_whether_we_understand_each_other(
    changes: dict[str, object], kind: FailureKind
) -> None:
    with canned(response(hello_bytes(**changes))) as server:
        transport = transport_to(server.url)
        outcome = transport.hello()
        transport.close()
    assert isinstance(outcome, Failure)
    assert outcome.kind is kind


def test_hello_holds() -> None:
    with canned(response(hello_bytes(center="某中心"))) as server:
        transport = transport_to(server.url)
        outcome = transport.hello()
        transport.close()
    assert isinstance(outcome, Hello)


# --- the line ---


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    transport = transport_to(f"127.0.0.1:{port}")
    outcome = transport.hello()
    transport.close()
    assert isinstance(outcome, Failure)
    assert outcome.kind is K.REFUSED


def test_a_name_nobody_knows() -> None:
    transport = transport_to("http://no-such-host.localhost.invalid.localhost")
    outcome = transport.hello()
    transport.close()
    assert isinstance(outcome, Failure)
    assert outcome.kind in (K.NAME, K.REFUSED)


def test_https_to_a_plain_server_is_a_matter_of_encryption() -> None:
    with canned(response(hello_bytes())) as server:
        transport = transport_to(server.url.replace("http://", "https://"))
        outcome = transport.hello()
        transport.close()
    assert isinstance(outcome, Failure)
    assert outcome.kind in (K.TLS, K.CUT_OFF)


def _drip(piece: bytes) -> Respond:
    def respond(_request: bytes, sock: socket.socket) -> bytes:
        for byte in piece * 50:
            sock.sendall(bytes([byte]))
            time.sleep(0.05)
        return b""

    return respond


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_drip_does_not_outlive_the_deadline(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "EXCHANGE_SECONDS", 0.6)
    began = time.monotonic()
    assert kind_of(_drip(head)) is K.TIMEOUT
    assert time.monotonic() - began < 1.5


def test_a_peer_that_does_not_read_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "EXCHANGE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        transport = transport_to(f"127.0.0.1:{deaf.getsockname()[1]}")
        began = time.monotonic()
        big = SyncRequest(device_id="d" * 20_000_000)
        outcome = transport.exchange(big, "t")
        transport.close()
    assert isinstance(outcome, Failure)
    assert outcome.kind is K.TIMEOUT
    assert time.monotonic() - began < 1.5


def _interrupted_within(transport: Transport, act: Callable[[], object]) -> float:
    outcome: list[object] = []
    thread = threading.Thread(target=lambda: outcome.append(act()))
    thread.start()
    deadline = time.monotonic() + 5
    while transport._line._socket is None and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(0.05)  # well inside the wait
    began = time.monotonic()
    transport.interrupt()
    thread.join(5)
    assert isinstance(outcome[0], Failure)
    assert outcome[0].kind is K.INTERRUPTED
    return time.monotonic() - began


def test_a_long_poll_is_broken_off_at_once() -> None:
    silent = threading.Event()

    def respond(_request: bytes, _sock: socket.socket) -> bytes:
        silent.wait(10)
        return b""

    with canned(respond) as server:
        transport = transport_to(server.url)
        assert _interrupted_within(transport, lambda: transport.poll("c", 25, 10, "t")) < 0.3
        outcome = transport.hello()
        assert isinstance(outcome, Failure), "nothing goes out until resume"
        transport.resume()
        silent.set()
        transport.close()


def test_a_tls_handshake_that_hangs_is_broken_off_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        transport = transport_to(f"https://127.0.0.1:{deaf.getsockname()[1]}")
        assert _interrupted_within(transport, transport.hello) < 0.3
        transport.close()


def test_a_connection_that_never_comes_about_is_broken_off_at_once() -> None:
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    port = full.getsockname()[1]
    fillers = []
    for _ in range(4):  # fill the backlog, so that the next SYN is dropped
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.1", port))
        fillers.append(filler)
    transport = transport_to(f"127.0.0.1:{port}")
    try:
        assert _interrupted_within(transport, transport.hello) < 0.3
    finally:
        transport.close()
        for sock in (full, *fillers):
            sock.close()


def test_one_connection_is_used_again() -> None:
    with canned(response(answer_bytes()), keep=True) as server:
        transport = transport_to(server.url)
        for _ in range(5):
            assert isinstance(transport.exchange(ASK, "t"), RawSyncAnswer)
        transport.close()
        assert server.connections == 1


def test_a_kept_connection_the_platform_has_closed_is_replaced_unnoticed() -> None:
    answers = iter([True, False, True])

    def respond(_request: bytes, sock: socket.socket) -> bytes:
        if next(answers):
            return response(answer_bytes())
        sock.shutdown(socket.SHUT_RDWR)
        return b""

    with canned(respond, keep=True) as server:
        transport = transport_to(server.url)
        assert isinstance(transport.exchange(ASK, "t"), RawSyncAnswer)
        assert isinstance(transport.exchange(ASK, "t"), RawSyncAnswer)
        transport.close()
        assert server.connections == 2


def test_no_proxy_of_the_environment_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    assert isinstance(exchange(response(answer_bytes())), RawSyncAnswer)


def test_the_request_carries_what_it_should() -> None:
    with canned(response(answer_bytes())) as server:
        transport = transport_to(server.url)
        transport.exchange(ASK, "secret-token")
        transport.close()
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert "authorization: bearer secret-token" in lines
    assert f"content-digest: {content_digest(body)}".lower() in lines
    assert "accept-encoding: identity" in lines, "compressing for this machine only costs time"
