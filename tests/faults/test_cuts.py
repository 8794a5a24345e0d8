"""The line is cut or garbled: what came whole counts, nothing else does."""

from __future__ import annotations

import gzip
import time

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import Outcome
from desktop_app.services import intake, notes
from sync.client import answers
from sync.client.failures import FailureKind as K
from sync.protocol.codec import decode
from sync.protocol.folding import whole
from sync.protocol.messages import SyncAnswer
from tests.faults.checks import SYNC, all_once, kinds, standing
from tests.faults.scale import scaled
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat

HEAD_END = b"\r\n\r\n"
ONCE = [ActKind.DISPATCH, ActKind.ACCEPT, ActKind.NOTE]


def lost_answer(desk: SyncedSeat, line: FaultProxy) -> bytes:
    """Record two acts, let the platform take them, and return the answer, which the seat never saw."""
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    notes.note(desk.seat, first, "电话里说得很急")
    kept: list[bytes] = []

    def keep(whole: bytes) -> bytes:
        kept.append(whole)
        return whole

    line.drop()  # over a kept connection the exchange would be repeated at once
    line.arm(Fault(SYNC, rewrite=keep, cut_response=0))
    desk.try_once()
    assert desk.store.pending_count() == 2
    (whole,) = kept
    return whole


def hear(desk: SyncedSeat, line: FaultProxy, answer: bytes) -> bool:
    """Let the next exchange be answered with these bytes; return whether the seat believed them."""
    line.clear()
    line.arm(Fault(SYNC, answer=answer, times=None))
    before = desk.runner.engine.synced_at
    desk.try_once()
    return desk.runner.engine.synced_at != before


def hear_at_last(desk: SyncedSeat, line: FaultProxy, answer: bytes) -> bool:
    """Let the whole answer come to the request it belongs to, which holds the acts."""
    desk.reopen()  # after failures push and pull go by turns
    desk.try_once()  # greets
    return hear(desk, line, answer)


@pytest.mark.fault("network.cut_before_request")
@pytest.mark.parametrize("offset", [0, 1, 40, 300, 600])
def test_what_was_cut_before_it_was_out_is_sent_again(
    offset: int, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    notes.note(desk.seat, first, "现场电话打不通")
    before = standing(desk)
    line.drop()
    line.arm(Fault(SYNC, cut_request=offset))
    desk.try_once()
    assert not line.armed(), "the fault was met"
    assert standing(desk) == before
    assert kinds(running, first) == [ActKind.DISPATCH], "the platform took nothing of it"
    all_once(running, desk)
    assert kinds(running, first) == ONCE


@pytest.mark.fault("network.cut_after_commit")
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("reset", [False, True])
def test_what_was_committed_before_the_cut_has_one_effect(
    times: int, *, reset: bool, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    notes.note(desk.seat, first, "电话里说得很急")
    line.drop()
    line.arm(Fault(SYNC, cut_response=0, times=times, reset=reset))
    desk.try_once()
    assert kinds(running, first) == ONCE, "committed"
    assert desk.store.pending_count() == 2, "and nobody told the seat"
    all_once(running, desk)
    assert not line.armed()
    assert kinds(running, first) == ONCE


@pytest.mark.fault("network.cut_mid_response")
def test_of_an_answer_cut_at_any_offset_nothing_counts(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    whole = lost_answer(desk, line)
    before = standing(desk)
    body = whole.index(HEAD_END) + len(HEAD_END)
    offsets = {*range(0, len(whole), scaled(1, 97)), body - 1, body, body + 1, len(whole) - 1}
    for offset in sorted(offsets):
        assert not hear(desk, line, whole[:offset]), offset
        assert standing(desk) == before, offset
    assert hear_at_last(desk, line, whole), "the whole answer counts, or this test sees nothing"
    line.clear()
    all_once(running, desk)
    assert kinds(running, desk.orders()[0]) == ONCE


def reframed(whole: bytes, *headers: bytes, body: bytes) -> bytes:
    """Return the answer in another framing: the same fields but for length and coding."""
    head, _, _ = whole.partition(HEAD_END)
    kept = [
        line
        for line in head.split(b"\r\n")
        if not line.lower().startswith((b"content-length:", b"content-encoding:", b"connection:"))
    ]
    return b"\r\n".join([*kept, *headers]) + HEAD_END + body


@pytest.mark.fault("network.close_delimited")
def test_an_answer_without_a_length_that_ends_early_is_known_to_be_cut(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    whole = lost_answer(desk, line)
    body = whole.partition(HEAD_END)[2]
    before = standing(desk)
    for size in {*range(0, len(body), scaled(1, 61)), len(body) - 1}:
        assert not hear(desk, line, reframed(whole, b"Connection: close", body=body[:size])), size
    assert standing(desk) == before
    assert desk.runner.engine.problem is K.CUT_OFF
    assert hear_at_last(desk, line, reframed(whole, b"Connection: close", body=body))
    line.clear()
    all_once(running, desk)


@pytest.mark.fault("network.truncated_gzip")
@pytest.mark.parametrize("length", [False, True], ids=["closed", "length"])
def test_a_compressed_answer_cut_short_is_known_to_be_cut(
    *, length: bool, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    """``length``: the length fits what is left, as behind a proxy that cut it itself."""
    whole = lost_answer(desk, line)
    packed = gzip.compress(whole.partition(HEAD_END)[2])
    before = standing(desk)

    def sent(data: bytes) -> bytes:
        framing = b"Content-Length: %d" % len(data) if length else b"Connection: close"
        return reframed(whole, b"Content-Encoding: gzip", framing, body=data)

    for size in {*range(0, len(packed), scaled(1, 43)), len(packed) - 8, len(packed) - 1}:
        assert not hear(desk, line, sent(packed[:size])), size
    assert standing(desk) == before
    assert hear_at_last(desk, line, sent(packed))
    line.clear()
    all_once(running, desk)


def believed_flips(desk: SyncedSeat, line: FaultProxy, step: int) -> list[int]:
    """Turn one bit of each ``step``-th byte of an answer's body; return where the seat believed it."""
    whole = lost_answer(desk, line)
    begin = whole.index(HEAD_END) + len(HEAD_END)
    found = []
    for offset in range(begin, len(whole), step):
        spoilt = bytearray(whole)
        spoilt[offset] ^= 1 << offset % 7
        if hear(desk, line, bytes(spoilt)):
            found.append(offset - begin)
    return found


@pytest.mark.fault("network.bit_flip")
def test_a_flipped_bit_anywhere_is_not_believed(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    assert believed_flips(desk, line, scaled(1, 41)) == []
    assert desk.store.pending_count() == 2
    line.clear()
    line.arm(Fault(SYNC, flip=700, times=3))  # and on a line that does it, not in a copy of ours
    all_once(running, desk)
    assert not line.armed()
    assert kinds(running, desk.orders()[0]) == ONCE


@pytest.mark.control("digest_off")
def test_without_the_digest_a_flipped_bit_would_be_believed(
    line: FaultProxy, desk: SyncedSeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "digest_holds", lambda _header, _body: True)
    assert believed_flips(desk, line, 13) != []


@pytest.mark.fault("network.replayed_3x")
def test_the_same_request_three_times_at_once_has_one_effect(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    first = desk.orders()[0]
    intake.accept(desk.seat, first)
    for n in range(20):
        notes.note(desk.seat, first, f"第 {n} 次联系")
    acts = desk.store.next_batch(99, desk.seat.person_id)
    line.arm(Fault(SYNC, replay=3))
    desk.sync()
    deadline = time.monotonic() + 10
    while len(line.replayed) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)  # the other two may be answered after ours
    assert len(line.replayed) == 2
    all_once(running, desk)
    assert kinds(running, first) == [ActKind.DISPATCH, ActKind.ACCEPT, *[ActKind.NOTE] * 20]
    told = [decode(copy.partition(HEAD_END)[2], SyncAnswer).results for copy in line.replayed]
    for results in (
        whole(acts, brief) for brief in told
    ):  # any of the three may be the first judged
        assert {r.act_id for r in results} == {act.id for act in acts}
        assert {r.original or r.outcome for r in results} == {Outcome.APPLIED}
