"""Bytes on the wire: bounds, damage, compression, and nonsense from strangers."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.orders import Outcome
from sync.protocol.codec import content_digest, decode, encode
from sync.protocol.messages import Hello, SyncRequest
from tests.support.platform import RunningPlatform
from tests.sync.platform.conftest import act_on, order_of
from tests.sync.platform.seats import Seat

Seats = Callable[..., Seat]


@pytest.fixture
def database(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"device_id": 7}', b"\0" * 100,
        b'{"device_id":"device-dispatcher","acts":{}}', b"[" * 100_000,
        b'{"device_id":"device-dispatcher","acts":[' + b"[" * 50_000,
    ],
)  # fmt: skip
def test_garbage_is_refused_in_words(seat: Seats, body: bytes) -> None:
    seat("dispatcher").refused("POST", "/v1/sync", 400, "unreadable", data=body)


def test_every_truncation_is_refused_and_changes_nothing(seat: Seats) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(zhou.served.platform), K.ACCEPT)
    body = encode(SyncRequest(device_id=zhou.device, acts=(act,)))
    for cut in range(0, len(body), 23):
        zhou.refused("POST", "/v1/sync", 400, "unreadable", data=body[:cut])
    assert order_of(zhou.served.platform).rev == 1


def test_a_request_that_breaks_off_changes_nothing(seat: Seats) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(zhou.served.platform), K.ACCEPT)
    body = encode(SyncRequest(device_id=zhou.device, acts=(act,)))
    address = urlsplit(zhou.served.url)
    head = (
        f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: {zhou.http.headers['Authorization']!s}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port or 80), 5) as line:
        line.sendall(head.encode() + body[:-5])
    zhou.catch_up()
    assert order_of(zhou.served.platform).rev == 1


def test_too_much_is_refused_before_it_is_read(seat: Seats) -> None:
    zhou = seat("dispatcher")
    big = b"x" * (8 * 1024 * 1024 + 1)
    zhou.refused("POST", "/v1/sync", 413, "too_large", data=big)
    zhou.refused("POST", "/v1/sync", 413, "too_large", data=iter([big[:70_000]] * 130))
    bomb = gzip.compress(b" " * (64 * 1024 * 1024))
    zhou.refused(
        "POST", "/v1/sync", 413, "too_large", data=bomb, headers={"Content-Encoding": "gzip"}
    )
    zhou.refused("POST", "/v1/sessions", 413, "too_large", data=big[:70_000])


def test_too_many_acts_are_refused(seat: Seats) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(zhou.served.platform), K.NOTE)
    most = decode(zhou.get("/v1/hello").content, Hello).max_acts
    body = encode(SyncRequest(device_id=zhou.device, acts=(act,) * (most + 1)))
    zhou.refused("POST", "/v1/sync", 413, "too_many_acts", data=body)


def nested(levels: int) -> object:
    value: object = "底"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.fault("security.rubbish_requests")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"payload": {"text": "字" * 50_000}}, "too_large"),
        ({"needs_files": tuple(f"{n:064x}" for n in range(51))}, "files"),
        ({"payload": {"text": "好", "more": nested(9)}}, "unreadable"),
        ({"payload": {"text": "好", "more": {"a": nested(7)}}}, "unreadable"),
    ],
)
def test_an_act_out_of_bounds_is_refused_and_its_neighbours_are_taken(
    seat: Seats, change: dict[str, Any], code: str
) -> None:
    zhou = seat("dispatcher")
    first, last = (act_on(zhou, order_of(zhou.served.platform), K.NOTE) for _ in range(2))
    huge = replace(act_on(zhou, order_of(zhou.served.platform), K.NOTE), **change)
    results = {result.act_id: result for result in zhou.push(first, huge, last)}
    assert (results[huge.id].outcome, results[huge.id].code) == (Outcome.REJECTED, code)
    assert {results[act.id].outcome for act in (first, last)} <= {Outcome.APPLIED, Outcome.MERGED}


def test_a_compressed_request_is_read_and_a_damaged_one_is_not(seat: Seats) -> None:
    zhou = seat("dispatcher")
    body = encode(SyncRequest(device_id=zhou.device))
    packed = {"Content-Encoding": "gzip", "Content-Digest": content_digest(body)}
    zhou.send("POST", "/v1/sync", 200, data=gzip.compress(body), headers=packed)
    zhou.refused("POST", "/v1/sync", 400, "digest", data=gzip.compress(body)[:-9], headers=packed)
    zhou.refused("POST", "/v1/sync", 400, "digest", data=b"no gzip", headers=packed)
    more = gzip.compress(body) + b"more"
    zhou.refused("POST", "/v1/sync", 400, "digest", data=more, headers=packed)
    other = {"Content-Encoding": "br"}
    zhou.refused("POST", "/v1/sync", 415, "encoding", data=body, headers=other)


def test_a_flipped_bit_is_noticed_where_a_digest_is_sent(seat: Seats) -> None:
    zhou = seat("dispatcher")
    body = encode(SyncRequest(device_id=zhou.device))
    header = {"Content-Digest": content_digest(body)}
    flipped = body.replace(b"500", b"501")
    zhou.refused("POST", "/v1/sync", 400, "digest", data=flipped, headers=header)


@pytest.mark.parametrize(
    ("asked", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("identity", False), ("gzip;q=0", False)],
)
def test_answers_are_compressed_only_when_asked(seat: Seats, asked: str, packed: bool) -> None:
    zhou = seat("dispatcher")
    zhou.http.headers["Accept-Encoding"] = asked
    answer = zhou.get("/v1/snapshot")  # the digest, of the unpacked content, is checked inside
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert "content-encoding" not in zhou.get("/v1/hello").headers


def test_unknown_addresses_and_methods_are_told_as_problems(seat: Seats) -> None:
    zhou = seat("dispatcher")
    zhou.refused("GET", "/v2/hello", 404, "not_found")
    zhou.refused("DELETE", "/v1/hello", 405, "method")
    zhou.refused("GET", "/v1/sync", 405, "method")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/sync"), ("GET", "/v1/changes"), ("GET", "/v1/snapshot"),
        ("DELETE", "/v1/sessions"), ("POST", "/v1/files"), ("GET", "/v1/files/" + "0" * 64),
    ],
)  # fmt: skip
@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer x", "Basic eDp5", "Bearer " + "x" * 5000])
def test_without_a_session_nothing_is_told(
    served: RunningPlatform, method: str, path: str, token: str
) -> None:
    seat = Seat(served, "dispatcher")
    seat.http.headers["Authorization"] = token
    seat.refused(method, path, 401, "not_signed_in", data=b'{"device_id":"x"}')


def test_another_devices_name_is_refused(seat: Seats) -> None:
    body = encode(SyncRequest(device_id="somebody-else"))
    seat("dispatcher").refused("POST", "/v1/sync", 403, "device", data=body)
