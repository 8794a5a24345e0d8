"""A line as bad as lines get: there for two seconds, gone for three, narrow, far away and lossy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.services import notes
from sync.client import engine
from sync.client.mailbox import Note
from tests.faults.checks import all_once, kinds
from tests.faults.hurried import HurriedClock, HurriedSeat
from tests.faults.scale import scaled
from tests.support.center import sample_intake
from tests.support.clock import ManualClock
from tests.support.link import FAIR, Link
from tests.support.platform import RunningPlatform
from tests.support.proxy import FaultProxy

TIMES = scaled(4.0, 12.0)
BAD = Link(delay=0.15, rate=32_000, loss=0.05, up=2.0, down=3.0)
CUTTING = Link(BAD.delay, BAD.rate, BAD.loss, BAD.up, BAD.down, cutting=True)
WITHIN = 3 * 3600.0  # seconds in that world; ten minutes are usual
NOTES = 40


@pytest.fixture
def clock() -> ManualClock:
    return HurriedClock(TIMES)


@pytest.fixture
def seat(
    running: RunningPlatform,
    line: FaultProxy,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[HurriedSeat]:
    monkeypatch.setattr(engine, "POLL_SECONDS", 1)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.platform.dispatch([sample_intake(n) for n in range(1, 4)])
    one = HurriedSeat(
        tmp_path / "seat", clock, "dispatcher", line.url, dice=random.Random(1).random, line=line
    )
    one.sign_in()
    one.sync()
    yield one
    one.close()


@pytest.mark.slow
@pytest.mark.fault("network.flapping")
@pytest.mark.parametrize("seed", range(scaled(3, 1)))
@pytest.mark.parametrize("link", [BAD, CUTTING], ids=["stands still", "cuts"])
def test_everything_arrives_once_over_a_flapping_line(
    link: Link, seed: int, running: RunningPlatform, line: FaultProxy, seat: HurriedSeat
) -> None:
    dice = random.Random(seed)
    photo = seat.store.add_file(dice.randbytes(40_000), "现场照片.jpg").sha256
    line.shape(link.faster(TIMES), seed)
    line.exchanges.clear()
    began, n = seat.clock.monotonic(), 0
    while seat.clock.monotonic() - began < WITHIN:
        if n < NOTES:
            files = (photo,) if n == 5 else ()
            notes.note(seat.seat, seat.orders()[n % 3], f"第 {n} 次：线路时断时续", files=files)
            n += 1
            seat.mailbox.post(Note.WOKEN)
        seat.runner.turn()
        if n == NOTES and seat.store.pending_count() == 0 and seat.store.next_file() is None:
            break
    took = seat.clock.monotonic() - began
    assert seat.store.pending_count() == 0, "in spite of the line"
    assert seat.store.next_file() is None
    assert len(line.exchanges) < 60 + took * 2, "and without hammering at it"
    line.shape(FAIR)
    all_once(running, seat)
    assert sum(kinds(running, i).count(ActKind.NOTE) for i in seat.orders()) == NOTES
