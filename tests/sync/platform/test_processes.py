"""Several processes on one database: any of them answers any request, and one may go at any time."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.clock import SystemClock
from sync.platform.platform import Platform
from tests.support.acts import make_act
from tests.support.center import sample_intake
from tests.support.platform import PASSWORD, RunningPlatform, make_platform
from tests.support.processes import Served, served_process
from tests.sync.platform.conftest import CENTER, order_of
from tests.sync.platform.seats import Seat
from tests.sync.platform.test_changes import Waiting

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

PIECE = 64 * 1024
PHOTO = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(200)) * 40  # 256 kB
SECRETS = ("张女士", "13800001234", "东街", "塌陷", "dispatcher", PASSWORD, "周女士")


@pytest.fixture
def platform(postgres_url: str) -> Iterator[Platform]:
    """A third process: this one."""
    made = make_platform(postgres_url, SystemClock())
    made.dispatch([sample_intake(n) for n in (1, 2)])
    yield made
    made.close()


@pytest.fixture
def pair(platform: Platform, postgres_url: str, tmp_path: Path) -> Iterator[tuple[Served, Served]]:
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(
                served_process(postgres_url, tmp_path, name, "--metrics", "127.0.0.1:0")
            )
            for name in ("first", "second")
        )
        yield first, second


def at(platform: Platform, process: Served, person: str) -> Seat:
    return Seat(RunningPlatform(platform, process.url, ""), person)


def moved(seat: Seat, process: Served) -> Seat:
    """Let a balancer send the seat's next request to another process."""
    seat.served = replace(seat.served, url=process.url)
    return seat


def test_nothing_is_kept_in_a_process(platform: Platform, pair: tuple[Served, Served]) -> None:
    first, second = pair
    zhou = at(platform, first, "dispatcher")
    # A session made here is good there, and so is the next pair of tokens.
    moved(zhou, second).catch_up()
    spent = {"refresh_token": zhou.session.refresh_token, "device_id": zhou.device}
    fresh = zhou.post("/v1/sessions/refresh", spent).json()
    moved(zhou, first).http.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    zhou.catch_up()

    # The pieces of one upload arrive by turns; a poll here hears of an act there.
    sha = hashlib.sha256(PHOTO).hexdigest()
    sun = at(platform, second, "dispatcher2")
    _upload(sun, sha, pair)
    waiting = Waiting(zhou)
    now = platform.now()
    note = make_act(order_of(platform), CENTER, "dispatcher2", K.NOTE, now, seat=sun.device)
    sun.push(replace(note, needs_files=(sha,)))
    assert [order.id for order in waiting.result().orders] == [order_of(platform).id]
    assert waiting.took < 4, "heard by the notice, not by the seldom look"
    for process in pair:
        assert moved(sun, process).get(f"/v1/files/{sha}").content == PHOTO

    # An order cached there is not served stale here.
    for n, process in enumerate((first, second, first, second)):
        act = make_act(order_of(platform), CENTER, "dispatcher2", K.NOTE, now, seat=sun.device)
        (result,) = moved(sun, process).push(act)
        assert (result.outcome, result.rev) == ("applied", 3 + n)
    _logs_tell_nothing(pair)


def _upload(seat: Seat, sha: str, pair: tuple[Served, Served]) -> None:
    named = base64.b64encode(sha.encode()).decode()
    tus = {"Tus-Resumable": "1.0.0"}
    begin = {**tus, "Upload-Length": str(len(PHOTO)), "Upload-Metadata": f"sha256 {named}"}
    seat.send("POST", "/v1/files", 201, headers=begin)
    for n, offset in enumerate(range(0, len(PHOTO), PIECE)):
        process = pair[(n + 1) % 2]
        piece = {
            **tus,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        moved(seat, process).send(
            "PATCH", f"/v1/files/{sha}", 204, headers=piece, data=PHOTO[offset : offset + PIECE]
        )


def _logs_tell_nothing(pair: tuple[Served, Served]) -> None:
    for process in pair:
        text = process.log.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        assert any(line.get("route") == "/v1/sync" for line in lines)
        assert [secret for secret in SECRETS if secret in text] == []


def test_a_process_that_stops_lets_its_polls_answer_and_says_it_is_not_ready(
    platform: Platform, postgres_url: str, tmp_path: Path
) -> None:
    with served_process(postgres_url, tmp_path, "going", "--drain", "2") as going:
        zhou = at(platform, going, "dispatcher")
        zhou.catch_up()
        assert zhou.get("/ready").json()["status"] == "ready"
        waiting = Waiting(zhou)
        at(platform, going, "secretary").catch_up()
        going.signal(signal.SIGTERM)
        answer = waiting.result()
        assert (answer.orders, answer.cursor) == ((), zhou.cursor)
        assert waiting.took < 15
        # Still answering while balancers take notice, on connections that end with the answer.
        late = requests.get(f"{going.url}/ready", timeout=10)
        assert (late.status_code, late.json()["code"]) == (503, "draining")
        assert late.headers["Connection"] == "close"
        assert requests.get(f"{going.url}/health", timeout=10).status_code == 200
        assert going.ended() == 0


def test_a_killed_process_costs_nothing(platform: Platform, pair: tuple[Served, Served]) -> None:
    first, second = pair
    zhou = at(platform, first, "dispatcher")
    zhou.catch_up()
    act = make_act(order_of(platform), CENTER, "dispatcher", K.NOTE, platform.now(),
                   p.Text("杀掉以前"), seat=zhou.device)  # fmt: skip
    assert [r.outcome for r in zhou.push(act)] == ["applied"]
    first.signal(signal.SIGKILL)
    first.ended()
    assert [r.outcome for r in moved(zhou, second).push(act)] == ["duplicate"]
    assert [o.rev for o in zhou.sync().orders] == [2]


def test_processes_share_one_port(platform: Platform, postgres_url: str, tmp_path: Path) -> None:
    with served_process(postgres_url, tmp_path, "a", "--share-port") as first:
        port = first.url.rsplit(":", 1)[1]
        with served_process(postgres_url, tmp_path, "b", "--share-port", "--port", port) as second:
            assert second.url == first.url
            first.signal(signal.SIGTERM)
            assert first.ended() == 0
            at(platform, second, "dispatcher").catch_up()
