"""Files that are huge, empty, many or have long names, and uploads of an independent client."""

from __future__ import annotations

import base64
import hashlib
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from desktop_app.domain.acts import ActKind
from desktop_app.domain.refusals import Refusal
from desktop_app.services import notes
from sync.client.mailbox import Note
from sync.platform.platform import LIMITS
from tests.faults.checks import all_once, kinds
from tests.faults.scale import scaled
from tests.faults.uploading import (
    PIECE,
    folder,
    noted_offset,
    stored,
    token,
    until_sent,
)
from tests.support.link import Link
from tests.support.platform import RunningPlatform
from tests.support.proxy import Fault, FaultProxy
from tests.support.synced import SyncedSeat

MAX_FILE = LIMITS.max_file
GIGABYTE = 1024**3


# --- sizes and names ---------------------------------------------------------------------------------


def memory() -> int:
    """Return the most memory this process has taken so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.fixture
def gigabyte(tmp_path: Path) -> Path:
    """A file of 1 GB that takes no room."""
    path = tmp_path / "录像.mp4"
    with path.open("wb") as file:
        file.truncate(GIGABYTE)
    return path


@pytest.mark.fault("files.one_gb")
def test_a_gigabyte_is_refused_at_the_seat_before_it_is_read(
    desk: SyncedSeat, gigabyte: Path
) -> None:
    before, began = memory(), time.monotonic()
    with pytest.raises(Refusal, match="最多 10 MB") as refused:
        desk.store.add_file(gigabyte, gigabyte.name)
    assert refused.value.advice
    assert memory() - before < 20_000_000
    assert time.monotonic() - began < 2
    assert desk.store.next_file() is None


def endless(size: int) -> Iterator[bytes]:
    for _ in range(size // 65536):
        yield bytes(65536)


@pytest.mark.fault("files.one_gb")
def test_a_gigabyte_is_not_taken_by_the_platform_whatever_it_is_said_to_be(
    running: RunningPlatform, desk: SyncedSeat, gigabyte: Path
) -> None:
    before = memory()
    with gigabyte.open("rb") as file, pytest.raises(TusCommunicationError) as refused:
        tus(running, desk).uploader(
            file_stream=file, chunk_size=2**20, metadata={"sha256": "a" * 64}
        ).upload()
    assert refused.value.status_code == 413
    honest = hashlib.sha256(b"small").hexdigest()
    url = begin(running, desk, honest, 5)
    headers = piece(desk, 0)
    try:
        answer = requests.patch(
            url, data=endless(scaled(GIGABYTE, 2**27)), headers=headers, timeout=60
        )
        assert answer.status_code == 413
    except requests.ConnectionError:
        pass  # hung up on, which stops a sender that does not listen
    assert memory() - before < 60_000_000
    assert stored(running, honest) is None


def begin(running: RunningPlatform, desk: SyncedSeat, sha256: str, size: int) -> str:
    name = base64.b64encode(sha256.encode()).decode()
    headers = {**token(desk), "Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
    headers["Upload-Metadata"] = f"sha256 {name}"
    answer = requests.post(f"{running.url}/v1/files", headers=headers, timeout=10)
    assert answer.status_code == 201
    return running.url + answer.headers["location"]


def piece(desk: SyncedSeat, offset: int) -> dict[str, str]:
    return {
        **token(desk), "Tus-Resumable": "1.0.0", "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.fault("files.one_gb")
def test_the_largest_file_is_taken_in_bounded_memory(
    running: RunningPlatform, desk: SyncedSeat
) -> None:
    size = scaled(MAX_FILE, MAX_FILE // 2)
    digest = hashlib.sha256()
    for part in endless(size):
        digest.update(part)
    url = begin(running, desk, digest.hexdigest(), size)
    before = memory()
    answer = requests.patch(url, data=endless(size), headers=piece(desk, 0), timeout=60)
    assert answer.status_code == 204
    assert memory() - before < 30_000_000
    (kept,) = folder(running).rglob(digest.hexdigest())
    assert kept.stat().st_size == size


@pytest.mark.fault("files.zero_bytes")
def test_nothing_is_refused_at_the_seat_and_whole_at_the_platform(
    running: RunningPlatform, desk: SyncedSeat, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="空的"):
        desk.store.add_file(b"", "空.jpg")
    empty = tmp_path / "空.jpg"
    empty.touch()
    with pytest.raises(Refusal, match="空的"):
        desk.store.add_file(empty, empty.name)
    assert desk.store.next_file() is None
    name = hashlib.sha256(b"").hexdigest()
    begin(running, desk, name, 0)
    assert stored(running, name) == b""


@pytest.mark.slow
@pytest.mark.fault("files.photos_500")
def test_hundreds_of_photos_all_arrive_and_hold_nothing_up(
    running: RunningPlatform, line: FaultProxy, desk: SyncedSeat
) -> None:
    count = scaled(500, 120)
    dice = random.Random(5)
    photos = {}
    first, second, _ = desk.orders()
    for n in range(count):
        data = dice.randbytes(dice.randrange(1, 4_000))
        photos[desk.store.add_file(data, f"第 {n} 张.jpg").sha256] = data
    notes.note(desk.seat, first, "全部照片", files=tuple(photos)[:50])
    for begin_at in range(50, count, 50):
        notes.note(desk.seat, first, "续", files=tuple(photos)[begin_at : begin_at + 50])
    desk.mailbox.post(Note.ASKED)
    while sum(e.startswith(PIECE) for e in line.exchanges) < 10:
        desk.runner.turn()
    notes.note(desk.seat, second, "照片还在传的时候记的")
    running.platform.act_as_platform(
        ActKind.URGE, desk.seat.order(second).number, {"text": "请抓紧"}
    )
    desk.mailbox.post(Note.WOKEN)
    line.exchanges.clear()
    while desk.store.pending_count():
        desk.runner.turn()
    assert sum(e.startswith(PIECE) for e in line.exchanges) <= 2, "acts go first"
    line.arm(Fault(PIECE, cut_response=0, times=5))
    desk.sync(4 * count)
    until_sent(desk)
    for sha256, data in photos.items():
        assert stored(running, sha256) == data
    all_once(running, desk)
    assert {ActKind.NOTE, ActKind.URGE} <= set(kinds(running, second))


LONG = "魏家湾村东街十二号门前农村道路破损塌陷现场照片（雨后第三次复查，含两侧排水沟）" * 6 + ".jpg"


@pytest.mark.fault("files.long_names")
@pytest.mark.parametrize(
    "name", [LONG, "照片 (1).JPG", "‘引号’“双引号”；分号，逗号.jpg", "𠮷野家🙂.jpg", "a" * 2000]
)
def test_long_chinese_names_are_kept_whole(
    name: str, running: RunningPlatform, desk: SyncedSeat
) -> None:
    sha256 = desk.store.add_file(b"photo" + name.encode(), name).sha256
    notes.note(desk.seat, desk.orders()[0], "见照片", files=(sha256,))
    desk.sync()
    until_sent(desk)
    desk.reopen()
    status = desk.store.file_status(sha256)
    assert status is not None
    assert (status.name, status.uploaded) == (name, True)
    assert stored(running, sha256) == b"photo" + name.encode()


@pytest.mark.fault("files.long_names")
def test_a_file_whose_own_name_is_as_long_as_names_get_is_read(
    desk: SyncedSeat, tmp_path: Path
) -> None:
    deep = tmp_path / ("目录" * 40)
    deep.mkdir()
    path = deep / ("照" * 80 + ".jpg")  # 244 of 255 bytes
    path.write_bytes(b"photo")
    assert desk.store.add_file(path, path.name).name == path.name


# --- an independent client ---------------------------------------------------------------------------


def tus(running: RunningPlatform, desk: SyncedSeat, url: str = "") -> TusClient:
    assert urlsplit(running.url).hostname == "127.0.0.1"
    return TusClient(f"{url or running.url}/v1/files", headers=token(desk))


@pytest.mark.fault("files.cut", "files.offset_lost", "files.long_names")
@pytest.mark.parametrize("chunk", [20_000, 65_536, 10**6])
def test_an_independent_tus_client_uploads_and_resumes(
    chunk: int, running: RunningPlatform, line: FaultProxy, desk: SyncedSeat, tmp_path: Path
) -> None:
    data = random.Random(chunk).randbytes(100_123)
    source = tmp_path / "照片.jpg"
    source.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    about = {"sha256": sha256, "filename": LONG}
    line.shape(Link(rate=100_000))
    line.arm(Fault(PIECE, cut_request=15_000))
    with source.open("rb") as file:
        first = tus(running, desk, line.url).uploader(
            file_stream=file, chunk_size=chunk, metadata=about
        )
        with pytest.raises(TusCommunicationError):
            first.upload()
        deadline = time.monotonic() + 5
        while not noted_offset(running, sha256) and time.monotonic() < deadline:
            time.sleep(0.01)
        second = tus(running, desk).uploader(
            file_stream=file, chunk_size=chunk, metadata=about, url=first.url
        )
        assert 0 < second.offset < 15_000, "resumed from the platform's word"
        second.upload()
    assert stored(running, sha256) == data
