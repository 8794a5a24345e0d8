"""Photos and files on their way up: cut, forgotten, garbled, changed."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from desktop_app.services import notes
from sync.client.mailbox import Note
from sync.client.uploads import LEAVE_OUT
from sync.platform import tables
from tests.faults.checks import all_once
from tests.faults.uploading import (
    BEGIN,
    PIECE,
    folder,
    noted_offset,
    photo,
    stored,
    until_sent,
)
from tests.support.link import FAIR, Link
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat


@pytest.mark.fault("files.cut")
@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(PIECE, cut_request=n, times=2) for n in (0, 100, 400, 5_000, 40_000)),
        *(Fault(PIECE, cut_response=n, times=2) for n in (0, 10, 100)),
        *(Fault(BEGIN, cut_request=n, times=2) for n in (0, 50)),
        *(Fault(BEGIN, cut_response=n, times=2) for n in (0, 10, 100)),
        Fault(PIECE, cut_request=30_000, reset=True, times=4),
    ],
    ids=lambda f: f"{f.match[:5].decode()}-{f.cut_request}-{f.cut_response}-{f.reset}",
)
def test_an_upload_that_is_cut_goes_on_where_it_stopped(
    fault: Fault, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    sha256, data = photo(desk, 200_000)
    line.arm(fault)
    desk.sync()
    until_sent(desk)
    assert not line.armed()
    assert stored(running, sha256) == data
    assert list((folder(running) / "parts").iterdir()) == []
    all_once(running, desk)


def part_of(running: RunningPlatform, sha256: str) -> Path:
    (part,) = (folder(running) / "parts").glob(f"{sha256}*")
    return part


def half_sent(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, size: int = 300_000
) -> tuple[str, bytes]:
    """Return a photo of which the platform holds a part, with the upload cut."""
    sha256, data = photo(desk, size)
    line.shape(Link(rate=300_000))  # what had come before the cut had been read, too
    line.arm(Fault(BEGIN, rewrite=and_close))  # over a kept connection it would be repeated at once
    line.arm(Fault(PIECE, cut_request=50_000))
    desk.mailbox.post(Note.ASKED)
    while line.armed():
        desk.runner.turn()
    deadline = time.monotonic() + 5
    while not noted_offset(running, sha256) and time.monotonic() < deadline:
        time.sleep(0.01)
    line.shape(FAIR)
    return sha256, data


def and_close(whole: bytes) -> bytes:
    return whole.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


@pytest.mark.fault("files.cut")
def test_what_arrived_before_the_cut_is_not_sent_again(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    sha256, data = half_sent(running, line, desk, 60_000)
    assert part_of(running, sha256).stat().st_size > 30_000
    until_sent(desk)
    pieces = [e for e in line.exchanges if e.startswith(PIECE)]
    assert len(pieces) == 2, "the rest in one piece"
    assert stored(running, sha256) == data


@pytest.mark.fault("files.offset_lost")
@pytest.mark.parametrize("left", [0, 1000, 120_000], ids=["nothing", "less", "more"])
def test_a_platform_that_holds_another_length_than_it_said(
    left: int, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    """A crash of the platform may take what the file system had not written, or leave more of it."""
    sha256, data = half_sent(running, line, desk)
    part = part_of(running, sha256)
    held = part.read_bytes()
    part.write_bytes((held + bytes(left))[:left] if left > len(held) else held[:left])
    until_sent(desk)
    assert stored(running, sha256) == data


@pytest.mark.fault("files.expired")
@pytest.mark.parametrize("restarted", [False, True])
def test_an_upload_that_the_platform_has_forgotten_is_begun_again(
    *, restarted: bool, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    sha256, data = half_sent(running, line, desk)
    part_of(running, sha256).unlink()
    running.platform.database.write(
        lambda db: db.execute(delete(tables.files).where(tables.files.c.sha256 == sha256))
    )
    if restarted:
        desk.reopen()
    until_sent(desk)
    assert stored(running, sha256) == data
    with running.platform.database.read() as db:
        rows = db.execute(select(tables.files).where(tables.files.c.sha256 == sha256)).all()
    assert len(rows) == 1


@pytest.mark.fault("files.wrong_checksum")
def test_a_piece_that_was_garbled_on_the_way_is_not_kept_and_goes_again(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    wrong, data = photo(desk, 50_000, seed=1)
    right, other = photo(desk, 60_000, seed=2)
    line.arm(Fault(PIECE, flip_request=20_000))
    desk.sync()
    until_sent(desk, timedelta(seconds=LEAVE_OUT + 600))
    assert not line.armed()
    assert stored(running, right) == other, "the others pass"
    assert stored(running, wrong) == data


@pytest.mark.fault("files.source_changed")
@pytest.mark.parametrize("change", ["overwritten", "cut short", "deleted"])
def test_what_was_attached_is_what_arrives_whatever_becomes_of_the_source(
    change: str, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, tmp_path: Path
) -> None:
    source = tmp_path / "存储卡照片.jpg"
    data = random.Random(3).randbytes(150_000)
    source.write_bytes(data)
    sha256 = desk.store.add_file(source, source.name).sha256
    notes.note(desk.seat, desk.orders()[0], "见照片", files=(sha256,))
    line.arm(Fault(PIECE, cut_request=30_000))
    desk.mailbox.post(Note.ASKED)
    while line.armed():
        desk.runner.turn()
    match change:
        case "overwritten":
            source.write_bytes(bytes(150_000))
        case "cut short":
            source.write_bytes(data[:10])
        case _:
            source.unlink()
    until_sent(desk)
    assert stored(running, sha256) == data
