"""Photos of other seats: fetched after everything else, whole and right or not at all."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from desktop_app.domain.ids import OrderId
from desktop_app.services import handling, intake, signoff
from local_store.rows import StoredFile
from sync.client import downloads
from sync.client import events as ev
from sync.client.mailbox import Note
from tests.e2e.conftest import MakeSeat
from tests.support.canned import response
from tests.support.center import HANDLERS, sample_intake
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat

GET = b"GET /v1/files"


@pytest.fixture
def dispatcher(running: RunningPlatform, make_seat: MakeSeat) -> SyncedSeat:
    """The dispatcher's seat, with one order that is signed to the village."""
    running.platform.dispatch([sample_intake(1)])
    seat, secretary = make_seat("dispatcher"), make_seat("secretary")
    seat.sync()
    (order_id,) = seat.orders()
    intake.accept(seat.seat, order_id)
    intake.verify(seat.seat, order_id, "matches", "一致")
    intake.propose(seat.seat, order_id, HANDLERS, "先看现场")
    seat.sync()
    secretary.sync()
    proposal = secretary.seat.order(order_id).proposal
    assert proposal is not None
    signoff.sign(secretary.seat, order_id, proposal.hash, "同意")
    secretary.sync()
    seat.sync()
    return seat


@pytest.fixture
def village(dispatcher: SyncedSeat, make_seat: MakeSeat) -> SyncedSeat:
    seat = make_seat("village")
    seat.sync()
    return seat


@pytest.fixture
def order_id(dispatcher: SyncedSeat) -> OrderId:
    return dispatcher.orders()[0]


def take(seat: SyncedSeat, order_id: OrderId, *sizes: int, seed: int = 1) -> dict[str, bytes]:
    """Record photos of these sizes in one step."""
    dice = random.Random(seed)
    photos = {}
    for size in sizes:
        data = dice.randbytes(size)
        photos[seat.store.add_file(data, "现场照片.jpg").sha256] = data
    handling.progress(seat.seat, order_id, "照片如下", files=tuple(photos))
    return photos


def here(seat: SyncedSeat, sha256: str) -> bytes | None:
    return seat.store.file_bytes(sha256) if seat.store.file_status(sha256) else None


def asked(line: FaultProxy) -> list[bytes]:
    return [e for e in line.exchanges if e.startswith(GET)]


def until_fetching(seat: SyncedSeat) -> None:
    """Go on until a piece of a file is next."""
    for _ in range(50):
        if isinstance(seat.runner.task, ev.FetchFile):
            return
        seat.runner.turn()
    raise AssertionError(seat.runner.task)


def test_a_village_photo_taken_offline_reaches_the_dispatcher_when_it_comes_back(
    village: SyncedSeat, dispatcher: SyncedSeat, line: FaultProxy, order_id: OrderId
) -> None:
    line.down()
    photos = take(village, order_id, 150_000, 3_000_000)
    village.try_once()
    assert village.store.pending_count() == 1
    line.up()
    village.clock.advance(timedelta(minutes=10))
    village.sync(400)
    dispatcher.changes.clear()
    dispatcher.sync(400)
    for sha256, data in photos.items():
        assert here(dispatcher, sha256) == data
        assert dispatcher.store.file_status(sha256) == StoredFile(
            sha256, len(data), "", sent=len(data)
        )
    told = [c for c in dispatcher.changes if c.touches(order_id)]
    assert len(told) == 3, "the order, then each photo as it came"
    assert dispatcher.store.next_file() is None, "what came from there is not sent there"
    assert dispatcher.store.downloaded_bytes() == 3_150_000
    count = len(asked(line))
    dispatcher.sync()
    dispatcher.reopen()
    dispatcher.sync()
    assert len(asked(line)) == count, "asked once"


def test_the_act_may_come_long_before_the_photo(
    village: SyncedSeat, dispatcher: SyncedSeat, line: FaultProxy, order_id: OrderId
) -> None:
    photos = take(village, order_id, 100_000)
    line.arm(Fault(b"POST /v1/files", cut_response=0, times=None))
    village.sync()
    line.clear()
    dispatcher.sync()
    (sha256,) = photos
    assert here(dispatcher, sha256) is None
    assert dispatcher.runner.state.online
    assert dispatcher.runner.state.problem is None
    count = len(asked(line))
    for _ in range(5):
        dispatcher.mailbox.post(Note.WOKEN)
        dispatcher.turns()
    assert len(asked(line)) == count, "not asked again at once"
    village.clock.advance(timedelta(minutes=6))
    village.sync(400)
    dispatcher.mailbox.post(Note.WOKEN)
    dispatcher.turns()
    assert here(dispatcher, sha256) == photos[sha256], (
        "no change of the order tells; it is asked again"
    )


def test_a_foreign_village_cannot_fetch_it(
    village: SyncedSeat,
    dispatcher: SyncedSeat,
    make_seat: MakeSeat,
    line: FaultProxy,
    order_id: OrderId,
) -> None:
    (sha256,) = take(village, order_id, 5_000)
    village.sync()
    foreign = make_seat("village2")
    foreign.sync()
    assert foreign.orders() == []
    line.exchanges.clear()
    foreign.runner._downloader._asked[sha256] = frozenset({order_id})  # type: ignore[union-attr]
    foreign.mailbox.want_files(order_id)
    foreign.turns()
    assert len(asked(line)) == 1
    assert here(foreign, sha256) is None


def test_a_cut_in_the_middle_is_gone_on_from(
    village: SyncedSeat, dispatcher: SyncedSeat, line: FaultProxy, order_id: OrderId
) -> None:
    ((sha256, data),) = take(village, order_id, 1_000_000).items()
    village.sync(400)
    dispatcher.mailbox.post(Note.ASKED)
    until_fetching(dispatcher)
    while not asked(line):
        dispatcher.runner.turn()
    dispatcher.runner.turn()
    line.arm(Fault(GET, cut_response=9_000))
    line.arm(Fault(GET, cut_response=0))
    line.arm(Fault(GET, flip=20_000))
    while line.armed():
        dispatcher.clock.advance(timedelta(seconds=10))
        dispatcher.sync(100)
    while here(dispatcher, sha256) is None:
        dispatcher.clock.advance(timedelta(seconds=10))
        dispatcher.sync(100)
    assert here(dispatcher, sha256) == data
    assert dispatcher.runner.state.online, "a photo that fails is not a line that fails"


def test_wrong_bytes_are_refused_and_the_others_pass(
    village: SyncedSeat,
    dispatcher: SyncedSeat,
    running: RunningPlatform,
    line: FaultProxy,
    order_id: OrderId,
) -> None:
    (wrong, right) = take(village, order_id, 3_000, 90_000)
    village.sync()
    (path,) = (dispatcher.profile.parent / "platform-files").rglob(wrong)
    path.write_bytes(
        b"x" * 3_000
    )  # the platform's own disk went wrong: its digest fits what it sends
    dispatcher.sync(400)
    assert here(dispatcher, wrong) is None
    assert here(dispatcher, right) is not None
    count = len(asked(line))
    dispatcher.mailbox.post(Note.WOKEN)
    dispatcher.turns()
    assert len(asked(line)) == count, "left out for a while"


def test_a_portal_in_between_is_not_a_photo(
    village: SyncedSeat, dispatcher: SyncedSeat, line: FaultProxy, order_id: OrderId
) -> None:
    ((sha256, data),) = take(village, order_id, 3_000).items()
    village.sync()
    line.arm(Fault(GET, answer=response(data, "200 OK", "image/jpeg", digest=False)))
    dispatcher.try_once()
    until_fetching(dispatcher)
    while line.armed():
        dispatcher.runner.turn()
    assert here(dispatcher, sha256) is None
    dispatcher.clock.advance(timedelta(seconds=10))
    dispatcher.sync()
    assert here(dispatcher, sha256) == data


def test_acts_pass_while_a_large_photo_comes(
    village: SyncedSeat, dispatcher: SyncedSeat, line: FaultProxy, order_id: OrderId
) -> None:
    ((sha256, data),) = take(village, order_id, 4_000_000).items()
    village.sync(400)
    dispatcher.mailbox.post(Note.ASKED)
    until_fetching(dispatcher)
    while not asked(line):
        dispatcher.runner.turn()
    intake.log_call(dispatcher.seat, order_id, "张女士", reached=True, text="已告知")
    dispatcher.mailbox.post(Note.WOKEN)
    dispatcher.runner.turn()
    dispatcher.runner.turn()
    assert dispatcher.store.pending_count() == 0
    assert here(dispatcher, sha256) is None
    dispatcher.sync(400)
    assert here(dispatcher, sha256) == data


def test_an_act_breaks_a_piece_off_that_hangs(
    village: SyncedSeat, dispatcher: SyncedSeat, line: FaultProxy, order_id: OrderId
) -> None:
    ((sha256, data),) = take(village, order_id, 5_000).items()
    village.sync()
    line.arm(Fault(GET, swallow=True))
    dispatcher.mailbox.post(Note.ASKED)
    until_fetching(dispatcher)
    while not dispatcher.runner._downloader._open:  # type: ignore[union-attr]
        dispatcher.runner.turn()
    intake.log_call(dispatcher.seat, order_id, "张女士", reached=True, text="已告知")

    class Speaking(list[bytes]):
        """Says, when the first piece has been asked for, that something was recorded."""

        def append(self, head: bytes) -> None:
            super().append(head)
            if head.startswith(GET) and len(asked(line)) == 1:
                dispatcher.mailbox.post(Note.WOKEN)

    line.exchanges = Speaking()
    dispatcher.runner.turn()
    assert here(dispatcher, sha256) is None
    dispatcher.turns()
    assert dispatcher.store.pending_count() == 0
    assert here(dispatcher, sha256) == data


def test_small_photos_come_first_and_what_is_looked_at_before_all(
    village: SyncedSeat, dispatcher: SyncedSeat, line: FaultProxy, order_id: OrderId
) -> None:
    big, middle, small = take(village, order_id, 900_000, 300_000, 1_000)
    village.sync(400)
    arrived: list[str] = []
    dispatcher.mailbox.post(Note.ASKED)
    while len(arrived) < 3:
        dispatcher.runner.turn()
        arrived += [s for s in (big, middle, small) if s not in arrived and here(dispatcher, s)]
    assert arrived == [small, middle, big]


def test_the_secretary_has_photos_only_of_what_is_opened(
    village: SyncedSeat, make_seat: MakeSeat, line: FaultProxy, order_id: OrderId
) -> None:
    photos = take(village, order_id, 1_000, 200_000)
    village.sync(400)
    line.exchanges.clear()
    secretary = make_seat("secretary")
    secretary.sync()
    assert asked(line) == []
    assert set(secretary.store.missing_files([order_id])) == set(photos)
    secretary.mailbox.want_files(order_id)
    secretary.turns()
    assert {s: here(secretary, s) for s in photos} == photos
    assert secretary.store.missing_files([order_id]) == {}


def test_a_full_store_takes_only_what_is_looked_at(
    village: SyncedSeat,
    dispatcher: SyncedSeat,
    order_id: OrderId,
    monkeypatch: pytest.MonkeyPatch,
    clock: ManualClock,
) -> None:
    monkeypatch.setattr(dispatcher.runner._downloader, "_room", 250_000)
    first = take(village, order_id, 100_000, 120_000, seed=1)
    village.sync(400)
    dispatcher.sync()
    second = take(village, order_id, 90_000, seed=2)
    village.sync(400)
    dispatcher.sync()
    (late,) = second
    assert all(here(dispatcher, s) for s in first)
    assert here(dispatcher, late) is None
    dispatcher.mailbox.want_files(order_id)
    dispatcher.turns()
    assert here(dispatcher, late) == second[late], "somebody looks at it: an older one makes way"
    assert dispatcher.store.downloaded_bytes() <= 250_000
    assert len([s for s in first if here(dispatcher, s)]) == 1
    assert downloads.ROOM == 200 * 1024 * 1024
