"""Uploads: resumable, verified, and readable by whoever may see an order with them."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.orders import Outcome
from sync.protocol.codec import digest_holds
from tests.sync.platform.conftest import act_on, order_of
from tests.sync.platform.seats import Seat

Seats = Callable[..., Seat]
PHOTO = bytes(range(256)) * 2000
SHA = hashlib.sha256(PHOTO).hexdigest()
TUS = {"Tus-Resumable": "1.0.0"}


def begin(seat: Seat, data: bytes = PHOTO, sha: str = "", expect: int = 201) -> requests.Response:
    name = base64.b64encode((sha or hashlib.sha256(data).hexdigest()).encode()).decode()
    title = base64.b64encode("很长的中文照片名.jpg".encode()).decode()
    headers = {
        **TUS,
        "Upload-Length": str(len(data)),
        "Upload-Metadata": f"sha256 {name},filename {title}",
    }
    return seat.send("POST", "/v1/files", expect, headers=headers)


def patch(
    seat: Seat, offset: int, data: bytes, expect: int = 204, sha: str = SHA, checksum: str = ""
) -> requests.Response:
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    kind |= {"Upload-Checksum": checksum} if checksum else {}
    answer = seat.send("PATCH", f"/v1/files/{sha}", expect, headers={**TUS, **kind}, data=data)
    assert answer.headers["tus-resumable"] == "1.0.0", "tus has it in refusals, too"
    return answer


def name(seat: Seat, sha: str = SHA) -> None:
    """Let the history of the first order name the file: only then anybody may read it."""
    note = replace(act_on(seat, order_of(seat.served.platform), K.NOTE), needs_files=(sha,))
    assert [r.outcome for r in seat.push(note)] == [Outcome.APPLIED]


def offset(seat: Seat, sha: str = SHA) -> int:
    answer = seat.send("HEAD", f"/v1/files/{sha}", 200, headers=TUS)
    return int(answer.headers["upload-offset"])


def test_a_file_goes_up_in_pieces_and_comes_down_whole(seat: Seats) -> None:
    zhou = seat("dispatcher")
    assert begin(zhou).headers["location"] == f"/v1/files/{SHA}"
    assert patch(zhou, 0, PHOTO[:1000]).headers["upload-offset"] == "1000"
    assert begin(zhou).headers["upload-offset"] == "1000"  # begun again: goes on
    assert offset(zhou) == 1000
    patch(zhou, 0, PHOTO[:10], expect=409)
    patch(zhou, 1001, PHOTO[1001:], expect=409)
    patch(zhou, 1000, PHOTO[1000:])
    name(zhou)
    answer = zhou.send("GET", f"/v1/files/{SHA}", 200)
    assert answer.content == PHOTO
    assert digest_holds(answer.headers["content-digest"], PHOTO)
    assert begin(zhou).headers["upload-offset"] == str(len(PHOTO))


def test_a_part_can_be_read_and_carries_its_own_digest(seat: Seats) -> None:
    zhou = seat("dispatcher")
    large = PHOTO * 3
    sha = hashlib.sha256(large).hexdigest()
    begin(zhou, large)
    patch(zhou, 0, large, sha=sha)
    name(zhou, sha)
    path = f"/v1/files/{sha}"
    for wanted, start, end in (
        ("bytes=5-9", 5, 10),
        ("bytes=0-", 0, 1024 * 1024),  # never more than that in one answer
        (f"bytes=7-{10**14}", 7, 7 + 1024 * 1024),
        (f"bytes={len(large) - 3}-", len(large) - 3, len(large)),
    ):
        part = zhou.send("GET", path, 206, headers={"Range": wanted})
        assert part.content == large[start:end]
        assert digest_holds(part.headers["content-digest"], part.content)
        assert digest_holds(part.headers["repr-digest"], large)
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(large)}"
    for beyond in (f"bytes={len(large)}-", "bytes=9-5"):
        zhou.refused("GET", path, 416, "range", headers={"Range": beyond})
    for unknown in ("bytes=0-1,5-9", "bytes=-5", "lines=1-2", "bytes=a-b"):
        assert zhou.send("GET", path, 200, headers={"Range": unknown}).content == large


def test_a_file_that_no_history_names_is_read_by_nobody(seat: Seats) -> None:
    zhou, village = seat("dispatcher"), seat("village2")
    for who in (zhou, village):
        begin(who)
        if offset(who) == 0:
            patch(who, 0, PHOTO)
        who.refused("GET", f"/v1/files/{SHA}", 404, "no_file")
    # An act that was refused names nothing either.
    foreign = replace(act_on(village, order_of(zhou.served.platform), K.NOTE), needs_files=(SHA,))
    assert [r.outcome for r in village.push(foreign)] == [Outcome.REJECTED]
    for who in (zhou, village):
        who.refused("GET", f"/v1/files/{SHA}", 404, "no_file")
    name(zhou)
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO
    village.refused("GET", f"/v1/files/{SHA}", 404, "no_file")


def sending(seat: Seat) -> socket.socket:
    """Return a line on which the photo has been announced and nothing of it sent."""
    address = urlsplit(seat.served.url)
    head = (
        f"PATCH /v1/files/{SHA} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(PHOTO)}\r\n"
        "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nConnection: close\r\n"
        "Content-Type: application/offset+octet-stream\r\n"
        f"Authorization: {seat.http.headers['Authorization']!s}\r\n\r\n"
    )
    line = socket.create_connection((address.hostname, address.port or 80), 30)
    line.sendall(head.encode())
    return line


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which file it is")
def test_what_is_said_to_have_arrived_is_on_the_disk(
    seat: Seats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part before its offset is told; the whole and its name before it is told as whole."""
    zhou = seat("dispatcher")
    begin(zhou)
    order: list[str] = []
    real_sync, files = os.fsync, tmp_path / "platform-files"

    def synced(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").resolve()
        if files in path.parents:
            order.append("part" if path.name.startswith(SHA) else "folder")
        real_sync(handle)

    monkeypatch.setattr(os, "fsync", synced)
    patch(zhou, 0, PHOTO[:1000])
    assert order == ["part"]
    patch(zhou, 1000, PHOTO[1000:])
    assert order == ["part", "part", "part", "folder"], "the second part is the copy that is filed"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said_and_the_upload_goes_on_when_there_is_room(
    seat: Seats, tmp_path: Path
) -> None:
    zhou = seat("dispatcher")
    begin(zhou)
    patch(zhou, 0, b"")
    (part,) = (tmp_path / "platform-files" / "parts").iterdir()
    part.unlink()
    part.symlink_to("/dev/full")
    assert patch(zhou, 0, PHOTO[:1000], expect=507).json()["code"] == "disk_full"
    part.unlink()
    assert offset(zhou) == 0
    patch(zhou, 0, PHOTO)
    name(zhou)
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO


def not_filed(seat: Seat, files: Path) -> Path:
    """Send all of the file while it cannot be put under its name; return what is in the way."""
    in_the_way = files / seat.served.platform.township() / SHA[:2]
    in_the_way.parent.mkdir(parents=True)
    in_the_way.touch()
    begin(seat)
    patch(seat, 0, PHOTO, expect=503)
    return in_the_way


@pytest.mark.parametrize("asked", ["POST", "HEAD"])
def test_a_whole_file_that_could_not_be_filed_is_filed_when_the_seat_asks_for_it(
    seat: Seats, tmp_path: Path, asked: str
) -> None:
    """Who hears that all of it is here sends no more: until it is filed, nobody may hear that."""
    zhou = seat("dispatcher")
    in_the_way = not_filed(zhou, tmp_path / "platform-files")
    begin(zhou, expect=503)
    in_the_way.unlink()
    told = offset(zhou) if asked == "HEAD" else int(begin(zhou).headers["upload-offset"])
    assert told == len(PHOTO)
    name(zhou)
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO
    assert not any((tmp_path / "platform-files" / "parts").iterdir())


def test_a_whole_file_that_was_never_filed_and_cleared_away_is_sent_again(
    seat: Seats, tmp_path: Path
) -> None:
    zhou = seat("dispatcher")
    not_filed(zhou, tmp_path / "platform-files").unlink()
    (part,) = (tmp_path / "platform-files" / "parts").iterdir()
    part.unlink()
    assert begin(zhou).headers["upload-offset"] == "0"
    patch(zhou, 0, PHOTO)
    name(zhou)
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO


def test_nobody_writes_into_a_file_that_was_verified(seat: Seats, tmp_path: Path) -> None:
    zhou = seat("dispatcher")
    begin(zhou)
    with sending(zhou) as line:
        line.sendall(PHOTO[:100])
        while not any((tmp_path / "platform-files" / "parts").glob("*")):  # until it is held open
            pass
        patch(zhou, 0, PHOTO)
        name(zhou)
        line.sendall(b"x" * (len(PHOTO) - 100))
        while line.recv(4096):
            pass
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO
    assert offset(zhou) == len(PHOTO)


def test_what_arrived_before_a_cut_stays(seat: Seats) -> None:
    zhou = seat("dispatcher")
    begin(zhou)
    with sending(zhou) as line:
        line.sendall(PHOTO[:200_000])
    while offset(zhou) == 0:  # the platform notices the cut in its own time
        pass
    done = offset(zhou)
    assert 0 < done <= 200_000
    patch(zhou, done, PHOTO[done:])
    name(zhou)
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO


def test_wrong_content_is_noticed_and_begins_again(seat: Seats) -> None:
    zhou = seat("dispatcher")
    begin(zhou)
    problem = patch(zhou, 0, PHOTO[:-1] + b"x", expect=460)
    assert problem.json()["code"] == "checksum"
    assert offset(zhou) == 0
    name(zhou)
    zhou.send("GET", f"/v1/files/{SHA}", 404)
    patch(zhou, 0, PHOTO)
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO


@pytest.mark.fault("files.wrong_checksum")
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_that_does_not_match_its_checksum_is_not_kept(seat: Seats, algorithm: str) -> None:
    zhou = seat("dispatcher")
    begin(zhou)

    def of(data: bytes) -> str:
        digest = hashlib.new(algorithm, data).digest()
        return f"{algorithm} {base64.b64encode(digest).decode()}"

    patch(zhou, 0, PHOTO[:1000], checksum=of(PHOTO[:1000]))
    problem = patch(zhou, 1000, PHOTO[1000:], expect=460, checksum=of(PHOTO[999:]))
    assert problem.json()["code"] == "piece_checksum"
    assert offset(zhou) == 1000
    for rubbish in ("md4 AAAA", algorithm, f"{algorithm} %"):
        patch(
            zhou, 1000, PHOTO[1000:], expect=400 if rubbish != algorithm else 460, checksum=rubbish
        )
    assert offset(zhou) == 1000
    patch(zhou, 1000, PHOTO[1000:], checksum=of(PHOTO[1000:]))
    assert offset(zhou) == len(PHOTO)


def test_one_persons_bad_upload_does_not_spoil_anothers(seat: Seats) -> None:
    zhou, sun = seat("dispatcher"), seat("dispatcher2")
    begin(zhou)
    begin(sun)
    patch(zhou, 0, b"x" * 1000)
    patch(sun, 0, PHOTO)
    name(sun)
    assert sun.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO
    patch(zhou, 1000, b"x" * (len(PHOTO) - 1000), expect=460)
    assert sun.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO


def test_an_empty_file_is_complete_at_once(seat: Seats) -> None:
    zhou = seat("dispatcher")
    begin(zhou, b"")
    empty = hashlib.sha256(b"").hexdigest()
    name(zhou, empty)
    assert zhou.send("GET", f"/v1/files/{empty}", 200).content == b""
    begin(zhou, b"", sha=SHA, expect=460)


def test_bad_requests_are_refused(seat: Seats) -> None:
    zhou = seat("dispatcher")
    begin(zhou, sha="../../../etc/passwd", expect=400)
    begin(zhou, sha=SHA.upper(), expect=400)
    zhou.refused("POST", "/v1/files", 412, "tus")
    zhou.refused("POST", "/v1/files", 400, "unreadable", headers=TUS)
    big = {**TUS, "Upload-Length": str(10**12), "Upload-Metadata": f"sha256 {SHA}"}
    zhou.refused(
        "POST", "/v1/files", 400, "unreadable", headers={**big, "Upload-Metadata": "sha256 %"}
    )
    name = base64.b64encode(SHA.encode()).decode()
    big["Upload-Metadata"] = f"sha256 {name}"
    zhou.refused("POST", "/v1/files", 413, "too_large", headers=big)
    for unknown in (SHA, "no-hash", "%00"):
        patch(zhou, 0, b"x", expect=404, sha=unknown)
        head = zhou.http.head(f"{zhou.served.url}/v1/files/{unknown}", headers=TUS, timeout=30)
        assert (head.status_code, head.headers["tus-resumable"]) == (404, "1.0.0")
    begin(zhou)
    patch(zhou, 0, PHOTO + b"more", expect=413)
    assert offset(zhou) == 0
    answer = zhou.send("OPTIONS", "/v1/files", 204)
    assert answer.headers["tus-version"] == "1.0.0"


def test_a_part_that_was_lost_on_the_disk_begins_again(seat: Seats, tmp_path: Path) -> None:
    zhou = seat("dispatcher")
    begin(zhou)
    patch(zhou, 0, PHOTO[:1000])
    (part,) = (tmp_path / "platform-files" / "parts").iterdir()
    part.write_bytes(b"")
    patch(zhou, 1000, PHOTO[1000:], expect=409)
    assert offset(zhou) == 0


def test_a_file_that_the_folder_has_lost_is_taken_again(seat: Seats, tmp_path: Path) -> None:
    """The folder may come from an older backup than the database, which says that all of it is here."""
    zhou = seat("dispatcher")
    begin(zhou)
    patch(zhou, 0, PHOTO)
    name(zhou)
    (kept,) = (tmp_path / "platform-files").rglob(SHA)
    kept.unlink()
    assert begin(zhou).headers["upload-offset"] == "0"
    patch(zhou, 0, PHOTO)
    assert zhou.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO


def test_files_never_hold_an_act_up_and_are_for_those_who_see_the_order(seat: Seats) -> None:
    zhou, boss, village, other = (
        seat(n) for n in ("dispatcher", "secretary", "village", "village2")
    )
    platform = zhou.served.platform
    for who, kind in ((zhou, K.ACCEPT), (zhou, K.VERIFY), (zhou, K.PROPOSE), (boss, K.SIGN)):
        who.push(act_on(who, order_of(platform), kind))
    leader = seat("leader")
    photo = replace(act_on(village, order_of(platform), K.PHOTO), needs_files=(SHA,))
    meet = act_on(village, order_of(platform), K.MEET)
    assert [r.outcome for r in village.push(meet, photo)] == [Outcome.APPLIED, Outcome.APPLIED]
    leader.refused("GET", f"/v1/files/{SHA}", 404, "no_file")  # not here yet
    begin(village)
    patch(village, 0, PHOTO)
    for allowed in (leader, village, zhou, boss):
        assert allowed.send("GET", f"/v1/files/{SHA}", 200).content == PHOTO
    begin(other)  # knowing its name and size is not having it
    other.refused("GET", f"/v1/files/{SHA}", 404, "no_file")
    other.refused("GET", "/v1/files/..%2F..%2Fplatform.db", 404, "not_found")
