"""A village seat: days without a line, photos, power cuts; then everything arrives, once."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.services import handling, intake, signoff
from sync.client import events as ev
from sync.client.mailbox import Note
from sync.platform.townships import LOCAL
from sync.protocol.codec import encode
from sync.protocol.messages import Problem
from tests.e2e.conftest import MakeSeat
from tests.support.canned import response
from tests.support.center import HANDLERS, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat

PATCH = b"PATCH /v1/files"


@pytest.fixture
def village(running: RunningPlatform, make_seat: MakeSeat) -> SyncedSeat:
    """A village seat with four orders signed to it."""
    running.platform.dispatch([sample_intake(n) for n in range(1, 5)])
    dispatcher, secretary = make_seat("dispatcher"), make_seat("secretary")
    dispatcher.sync()
    for order_id in dispatcher.orders():
        intake.accept(dispatcher.seat, order_id)
        intake.verify(dispatcher.seat, order_id, "matches", "一致")
        intake.propose(dispatcher.seat, order_id, HANDLERS, "先看现场")
    dispatcher.sync()
    secretary.sync()
    for order_id in secretary.orders():
        proposal = secretary.seat.order(order_id).proposal
        assert proposal is not None
        signoff.sign(secretary.seat, order_id, proposal.hash, "同意")
    secretary.sync()
    seat = make_seat("village")
    seat.sync()
    assert len(seat.orders()) == 4
    return seat


def photo(seat: SyncedSeat, dice: random.Random, size: int) -> tuple[str, bytes]:
    data = dice.randbytes(size)
    return seat.store.add_file(data, "现场照片.jpg").sha256, data


def uploaded(running: RunningPlatform, sha256: str) -> bytes | None:
    path = Path(running.database.removeprefix("sqlite:///")).parent / "platform-files"
    path = path / LOCAL / sha256[:2] / sha256
    return path.read_bytes() if path.exists() else None


def files_done(seat: SyncedSeat) -> bool:
    return seat.store.next_file() is None


def kinds(running: RunningPlatform, order_id: OrderId) -> list[ActKind]:
    order = running.platform.order_by_id(order_id)
    assert order is not None
    return [entry.kind for entry in order.history]


def test_days_offline_two_hundred_records_and_photos_a_power_cut_and_back(
    running: RunningPlatform, village: SyncedSeat, line: FaultProxy, clock: ManualClock
) -> None:
    dice = random.Random(3)
    line.down()
    photos = {}
    for n in range(50):
        for order_id in village.orders():
            files: tuple[str, ...] = ()
            if n % 10 == 0:
                sha256, data = photo(village, dice, dice.randrange(1, 300_000))
                photos[sha256] = data
                files = (sha256,)
            handling.progress(village.seat, order_id, f"第 {n} 次到现场", files=files)
            clock.advance(timedelta(minutes=21))
        village.mailbox.drain()
        village.runner.turn()
    waiting = village.store.pending_count()
    assert waiting == 200
    village.reopen()
    assert village.store.pending_count() == 200
    line.up()
    line.arm(Fault(b"POST /v1/sync", cut_response=300))
    line.arm(Fault(PATCH, cut_request=9000, times=2))
    line.arm(Fault(PATCH, cut_response=0, times=2))
    village.sync(400)
    while not files_done(village):
        clock.advance(timedelta(seconds=30))
        village.sync(400)
    assert not line.armed()
    assert village.store.pending_count() == 0
    for order_id in village.orders():
        assert kinds(running, order_id).count(ActKind.PROGRESS) == 50
    for sha256, data in photos.items():
        assert uploaded(running, sha256) == data


@pytest.mark.fault("files.photos_500")
def test_acts_do_not_wait_for_photos(
    running: RunningPlatform, village: SyncedSeat, line: FaultProxy
) -> None:
    dice = random.Random(4)
    order_id = village.orders()[0]
    sha256, _ = photo(village, dice, 2_000_000)
    handling.progress(village.seat, order_id, "照片很大", files=(sha256,))
    village.mailbox.post(Note.WOKEN)
    while not isinstance(village.runner.task, ev.SendFile):
        village.runner.turn()
    village.runner.turn()
    village.runner.turn()
    assert not files_done(village)
    handling.meet(village.seat, order_id, "门口", "张女士", "属实")
    village.mailbox.post(Note.WOKEN)
    village.runner.turn()
    village.runner.turn()
    assert village.store.pending_count() == 0
    assert not files_done(village)
    village.sync(400)
    assert files_done(village)
    assert uploaded(running, sha256) is not None


def test_small_photos_go_first_and_one_the_platform_refuses_lets_the_others_pass(
    running: RunningPlatform, village: SyncedSeat, line: FaultProxy
) -> None:
    dice = random.Random(5)
    order_id = village.orders()[0]
    big, _ = photo(village, dice, 400_000)
    small, _ = photo(village, dice, 2_000)
    handling.progress(village.seat, order_id, "两张照片", files=(big, small))
    document = Problem(type="urn:x", title="不收", status=400, code="sha256", end="e")
    refusal = response(encode(document), "400 Bad", "application/problem+json")
    line.arm(Fault(b"POST /v1/files", answer=refusal))
    village.sync(400)
    village.clock.advance(timedelta(seconds=60))
    village.sync(400)
    assert uploaded(running, big) is not None
    assert uploaded(running, small) is None, "it was first, was refused, and waits"
    assert village.runner.state.online
    village.clock.advance(timedelta(hours=1))
    village.sync(400)
    assert uploaded(running, small) is not None


@pytest.mark.fault("files.offset_lost")
def test_a_piece_whose_answer_was_lost_is_not_sent_twice(
    running: RunningPlatform, village: SyncedSeat, line: FaultProxy
) -> None:
    dice = random.Random(6)
    order_id = village.orders()[0]
    sha256, data = photo(village, dice, 500_000)
    handling.progress(village.seat, order_id, "一张照片", files=(sha256,))
    line.arm(Fault(PATCH, cut_response=0))
    village.sync(400)
    while not files_done(village):
        village.clock.advance(timedelta(seconds=10))
        village.sync(400)
    assert uploaded(running, sha256) == data
    resumed = [e for e in line.exchanges if e.startswith(b"POST /v1/files")]
    assert len(resumed) == 2, "asked once more how far it came"
