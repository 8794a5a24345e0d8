"""Bytes from the line, both ways: whatever comes, a message or a failure, and no act without a verdict."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.orders import Outcome
from sync.client.answers import MAX_BODY, Reply, message_of, unpack
from sync.client.backoff import parse_retry_after
from sync.client.failures import Failure, FailureKind
from sync.platform import feed
from sync.platform.answers import parse
from sync.platform.inbox import RawSyncRequest, open_inbox
from sync.platform.oversight import Oversight
from sync.platform.platform import Platform
from sync.platform.problems import PlatformProblem
from sync.platform.tus import metadata
from sync.protocol.codec import content_digest
from sync.protocol.messages import Hello, Login, RawSyncAnswer, Refresh, Session
from tests.support.canned import hello_bytes
from tests.support.center import sample_intake
from tests.support.clock import START, ManualClock
from tests.support.platform import make_platform

pytestmark = pytest.mark.fault("security.rubbish_requests")

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 11, 20, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=20,
)
DEEP = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
FIELDS = (
    "server_id", "epoch", "end", "now", "cursor", "orders", "center", "results", "product", "ack",
    "access_token", "refresh_token", "expires_in", "person_id", "protocol_min", "protocol_max",
)  # fmt: skip
ANSWERS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=16).map(
    lambda value: json.dumps(value, allow_nan=True).encode(errors="replace")
)


def reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    named = {
        "content-type": "application/json", "content-digest": content_digest(body),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    return Reply(status, named, body)


# --- what a seat reads ----------------------------------------------------------------------------


@QUICK
@given(st.binary(max_size=200) | ANSWERS, st.sampled_from([Hello, Session, RawSyncAnswer]))
@example(DEEP, Hello)
@example(b"[" * 100_000, RawSyncAnswer)
@example(b'{"server_id":"\\ud800","epoch":"e","end":"e"}', Hello)
@example(b'{"now":"' + b"9" * 10_000 + b'"}', Hello)
def test_a_seat_makes_a_failure_of_any_answer_that_is_none(body: bytes, kind: Any) -> None:
    found = message_of(reply(body), kind, NOW)
    assert isinstance(found, Failure | kind)


@QUICK
@given(
    st.integers(100, 599),
    st.binary(max_size=80) | ANSWERS,
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_a_seat_makes_a_failure_of_any_refusal(
    status: int, body: bytes, media: str, retry: str
) -> None:
    if status in (200, 201):
        return
    found = message_of(reply(body, status, content_type=media, retry_after=retry), Hello, NOW)
    assert isinstance(found, Failure)
    assert found.problem.title
    assert found.retry_after is None or 0 <= found.retry_after <= 900


@QUICK
@given(st.integers(0, 400), st.binary(min_size=1, max_size=3), st.integers(0, 3))
def test_a_changed_byte_never_becomes_another_message(at: int, piece: bytes, cut: int) -> None:
    good = hello_bytes()
    assert isinstance(message_of(reply(good), Hello, NOW), Hello)
    at %= len(good)
    bad = good[:at] + piece + good[at + cut :]
    found = message_of(
        Reply(200, {"content-type": "application/json", "content-digest": content_digest(good)}, bad),
        Hello, NOW,
    )  # fmt: skip
    assert isinstance(found, Failure) or bad == good


@QUICK
@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "identity", "br", "GZIP", "x"]))
def test_unpacking_gives_content_or_a_failure(wire: bytes, encoding: str) -> None:
    assert isinstance(unpack(wire, encoding), bytes | Failure)


@pytest.mark.fault("security.bombs")
@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_unpacks_to_no_more_than_the_bound(layers: int) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(bytes(MAX_BODY + 1_000_000)) + packer.flush()
    assert len(bomb) < 200_000
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb, mtime=0)
    found = unpack(bomb, "gzip")
    if layers == 1:
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.TOO_BIG
    else:
        assert isinstance(found, bytes)
        assert len(found) < 1_000_000, "one layer is taken off, never more"


@QUICK
@given(st.text(max_size=40), st.none() | st.text(max_size=40))
@example("9" * 5000, None)
@example("-1", None)
@example("1e400", "nan")
def test_a_wait_is_read_bounded_or_not_at_all(text: str, date: str | None) -> None:
    found = parse_retry_after(text, date, NOW)
    assert found is None or 0 <= found <= 900


# --- what the platform reads ----------------------------------------------------------------------


def refused(read: Callable[[], object]) -> int:
    """Return the status of the refusal, 0 when it was read. Anything else fails the test."""
    try:
        read()
    except PlatformProblem as problem:
        return problem.status
    return 0


@QUICK
@given(st.binary(max_size=200) | JSON.map(lambda v: json.dumps(v).encode(errors="replace")))
@example(DEEP)
@example(b'{"account":"\\ud800","password":"\\udc00","device_id":"d"}')
@example(b'{"limit":' + b"9" * 10_000 + b"}")
def test_the_platform_reads_a_message_or_says_it_cannot(body: bytes) -> None:
    for kind in (Login, Refresh, RawSyncRequest):
        assert refused(partial(parse, body, kind)) in (0, 400)


@QUICK
@given(st.text(max_size=120))
def test_a_cursor_that_was_made_up_says_nothing(text: str) -> None:
    assert feed.unseal(text, b"key" * 10) is None


@QUICK
@given(st.text(max_size=120))
def test_upload_metadata_is_read_or_refused(header: str) -> None:
    assert refused(lambda: metadata(header)) in (0, 400)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    made = make_platform(str(folder / "platform.db"), ManualClock())
    made.dispatch([sample_intake(n) for n in (1, 2, 3)])
    yield made
    made.close()


NAMES = (
    "text", "reason", "handlers", "opinion", "result", "corrections", "place", "met_whom", "taken",
    "by_whom", "nature", "measures", "finished", "promise", "settled", "category", "note", "field",
    "alerts", "conflict_id", "choice", "act_id", "to", "reached", "caption", "deputy", "starts_at",
    "ends_at", "delegation",
)  # fmt: skip
TEXTS = st.sampled_from(
    ["", "x", "\0", "\ud800", "同意" * 3000, "<b>", "'; DROP TABLE acts;--", "=1+1"]
)
PAYLOAD = st.dictionaries(st.sampled_from(NAMES), JSON | TEXTS, max_size=6)
STRANGE = TEXTS | JSON


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    person=st.sampled_from(["dispatcher", "secretary", "village", "admin", "inspector"]),
    kind=st.sampled_from([k.value for k in K]) | st.text(max_size=5),
    order=st.integers(1, 3),
    payload=PAYLOAD,
    changed=st.dictionaries(
        st.sampled_from(["id", "subject", "device_seq", "base_rev", "base_hash", "occurred_at",
                         "needs_files", "clock", "payload", "actor"]), STRANGE, max_size=2),
)  # fmt: skip
@example(person="dispatcher", kind="note", order=1, payload={}, changed={"payload": "deep"})
def test_every_act_gets_a_verdict_and_none_breaks_the_platform(
    platform: Platform, person: str, kind: str, order: int, payload: Any, changed: Any
) -> None:
    """No act is put off because judging it failed: it would come back for ever."""
    found = platform.order(sample_intake(order).number)
    assert found is not None
    who = platform.center().person(person)
    assert who is not None
    act = {
        "id": f"fuzz-{abs(hash(str((person, kind, order, payload, changed))))}",
        "subject": found.id, "kind": kind, "occurred_at": START.isoformat(),
        "actor": {"person_id": person, "role": who.role.value, "name": who.name, "title": who.title},
        "base_rev": found.rev, "device_seq": 1, "payload": payload,
    }  # fmt: skip
    if changed.get("payload") == "deep":
        changed = {"payload": {"text": json.loads("[" * 200 + "]" * 200)}}
    raw = json.dumps({**act, **changed}, allow_nan=True).encode(errors="replace")
    try:
        inbox = open_inbox((msgspec.Raw(raw),))
    except Exception as error:  # pragma: no cover - what the test is there to find
        raise AssertionError(raw) from error
    judged = platform.push(platform.caller(person, "device"), inbox.acts)
    for result in (*judged.results, *inbox.unreadable):
        assert (result.outcome, result.code) != (Outcome.DEFERRED, "error"), raw


def test_after_all_of_that_the_history_still_holds(platform: Platform) -> None:
    assert Oversight(platform).verify().findings == []
