"""Somebody answers, and it is not what was asked for: errors, portals, other services, other platforms."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.services import intake, notes
from sync.client.failures import FailureKind as K
from tests.faults.checks import SYNC, all_once, kinds, standing
from tests.faults.scale import scaled
from tests.support.canned import answer_bytes, response
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.support.proxy import PORTAL, Fault, FaultProxy
from tests.support.synced import SyncedSeat

FOREIGN = b'{"status":"ok","results":[],"orders":[],"cursor":"9"}'


def portal(status: str = "200 OK", *, digest: bool = False) -> bytes:
    page = "<html><h1>请先登录校园网</h1></html>".encode()
    return response(page, status, "text/html; charset=utf-8", digest=digest)


@pytest.mark.parametrize(
    "answer",
    [
        *(
            pytest.param(answer, marks=pytest.mark.fault("network.captive_portal"))
            for answer in (
                PORTAL,
                portal(),
                portal(digest=True),
                portal("401 Unauthorized"),
                portal("403 Forbidden"),
                response(b"", "302 Found", headers={"Location": "http://portal.example/login"}),
                response(b"", "511 Network Authentication Required", "text/html"),
            )
        ),
        *(
            pytest.param(answer, marks=pytest.mark.fault("network.foreign_json"))
            for answer in (
                response(FOREIGN),
                response(FOREIGN, digest=False),
                response(b'{"error":"forbidden"}', "403 Forbidden"),
                response(b"[]"),
                response(b"null"),
            )
        ),
        *(
            pytest.param(answer, marks=pytest.mark.fault("network.empty_json"))
            for answer in (
                response(b"{}"),
                response(b"{}", digest=False),
                response(b"{}", media="application/problem+json"),
                response(b"", "204 No Content"),
            )
        ),
    ],
    ids=lambda answer: answer[9:60].partition(b"\r")[0].decode(),
)
def test_whoever_else_answers_changes_nothing(
    answer: bytes, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    before = standing(desk)
    line.arm(Fault(answer=answer, times=None))
    for _ in range(3):
        desk.try_once()
        assert standing(desk) == before
    assert desk.runner.state.problem is not None
    assert desk.runner.state.problem.kind in (K.NOT_PLATFORM, K.SERVER_ERROR)
    assert "本机" in desk.runner.state.problem.advice
    assert desk.runner.state.signed_in, "nobody is signed out by a stranger"
    assert desk.notices == []
    line.clear()
    all_once(running, desk)
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT]
    assert desk.runner.state.problem is None


@pytest.mark.fault("network.captive_portal", "network.foreign_json", "network.empty_json")
@pytest.mark.parametrize("answer", [portal(), response(FOREIGN), response(b"{}")])
def test_nor_does_it_at_the_start_or_when_the_session_is_renewed(
    answer: bytes, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    desk.clock.advance(timedelta(hours=3))  # the access token is over
    line.arm(Fault(b"POST /v1/sessions/refresh", answer=answer, times=2))
    desk.reopen()
    line.arm(Fault(b"GET /v1/hello", answer=answer, times=2))
    all_once(running, desk)
    assert not line.armed()
    assert desk.notices == []


@pytest.mark.fault("network.random_5xx")
@pytest.mark.parametrize("seed", range(scaled(40, 4)))
def test_half_of_all_answers_are_errors(
    seed: int, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, clock: ManualClock
) -> None:
    """Some instead of the platform's answer, some after the platform has done its work."""
    dice = random.Random(seed)
    spoil = line.take
    seen: list[float] = []

    def error() -> bytes:
        status = dice.choice(["500 Oops", "502 Bad Gateway", "503 Busy", "504 Late"])
        return response(b"<html>error", status, "text/html")

    def half(head: bytes) -> Fault | None:
        spoil(head)
        seen.append(clock.monotonic())
        if dice.random() < 0.5:
            return None
        late = dice.random() < 0.5
        return Fault(rewrite=lambda _: error()) if late else Fault(answer=error())

    line.take = half  # type: ignore[method-assign]
    for n in range(10):
        for order_id in desk.orders():
            notes.note(desk.seat, order_id, f"第 {n} 次联系")
        desk.sync(600)
    line.take = spoil  # type: ignore[method-assign]
    all_once(running, desk)
    for order_id in desk.orders():
        assert kinds(running, order_id).count(ActKind.NOTE) == 10
    busiest = max(sum(1 for at in seen if begin <= at < begin + 60) for begin in seen)
    assert busiest <= 90, "never hot"


@pytest.mark.fault("network.http_429")
@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("7", 7, 8),
        ("Fri, 20 Nov 2026 00:15:40 GMT", 1, 900),
        ("Fri, 20 Nov 2099 00:15:40 GMT", 900, 901),
        ("Fri, 20 Nov 1999 00:15:40 GMT", 1, 3),
        ("99999999", 900, 901),
        ("9" * 400, 900, 901),
        ("-5", 1, 3),
        ("1e9", 1, 3),
        ("soon", 1, 3),
        ("", 1, 3),
        (None, 1, 3),
    ],
)
@pytest.mark.parametrize("status", ["429 Slow", "503 Busy"])
def test_a_platform_that_asks_to_wait_is_waited_for(
    status: str,
    value: str | None,
    least: float,
    most: float,
    running: RunningPlatform,
    line: FaultProxy,
    desk: SyncedSeat,
) -> None:
    intake.accept(desk.seat, desk.orders()[0])
    headers = {} if value is None else {"Retry-After": value}
    line.arm(Fault(SYNC, answer=response(b"", status, "text/plain", headers=headers)))
    began = desk.clock.monotonic()
    desk.sync()
    assert least <= desk.clock.monotonic() - began <= most
    all_once(running, desk)


@pytest.mark.fault("network.http_429")
def test_nobody_s_impatience_breaks_the_wait_that_was_asked_for(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, clock: ManualClock
) -> None:
    """F5 again and again while the platform asks for 10 minutes each time."""
    intake.accept(desk.seat, desk.orders()[0])
    busy = response(b"", "429 Slow", "text/plain", headers={"Retry-After": "600"})
    line.arm(Fault(SYNC, answer=busy, times=3))
    line.exchanges.clear()
    began = clock.monotonic()
    while line.armed():
        desk.try_once()
    assert clock.monotonic() - began >= 2 * 600
    assert len(line.exchanges) == 3
    all_once(running, desk)


@pytest.mark.fault("server.another")
def test_an_answer_of_somebody_else_s_platform_changes_nothing_and_says_so(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    before = standing(desk)
    line.arm(Fault(SYNC, answer=response(answer_bytes(server_id="other"))))
    desk.try_once()
    assert standing(desk) == before
    assert [n.kind for n in desk.notices] == [K.OTHER_SERVER]
    assert desk.runner.state.problem is not None
    assert "另一个平台" in desk.runner.state.problem.title
    all_once(running, desk)
