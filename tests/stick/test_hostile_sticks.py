"""Sticks that are broken, forged, for somebody else or pulled out: clear words, and nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.orders import Outcome
from desktop_app.domain.refusals import Refusal
from desktop_app.services.outbox_export import StickFailed
from sync.client.stick_keys import load_keys
from sync.platform.oversight import Oversight
from sync.platform.platform import Platform
from sync.platform.quarantine import held
from sync.platform.stick_import import StickImport
from sync.platform.sticks import seal_key
from sync.platform.uploads import Uploads
from sync.protocol.codec import decode_act, encode
from sync.protocol.stick import (
    Manifest,
    Piece,
    StickError,
    StickReader,
    StickWriter,
    device_public,
    new_device_key,
    new_platform_key,
    platform_public,
)
from tests.stick.conftest import Town, export, visit
from tests.support.acts import make_act, walk
from tests.support.center import sample_center, sample_order
from tests.support.clock import START
from tests.support.platform import PASSWORD, running_platform
from tests.support.synced import SyncedSeat

PRIVATE, DEVICE = new_platform_key(), new_device_key()
ORDER = walk(sample_order(START), sample_center(), ActKind.HANDLER_ACCEPT)
VISIT = make_act(ORDER, sample_center(), "village", ActKind.MEET, START)
CODES = {"damaged", "foreign", "wrong_center"}


def manifest(person: str = "village", server: str = "server", key: bytes = DEVICE) -> Manifest:
    return Manifest(
        server_id=server, person_id=person, device_id="device", device_key=device_public(key),
        made_at=START,
    )  # fmt: skip


def stick(acts: list[Act] | None = None, photos: tuple[bytes, ...] = (b"\0" * 600,)) -> bytes:
    """Return a small file for a platform called ``server``."""
    out = io.BytesIO()
    header = ("server", "熊儿寨乡", platform_public(PRIVATE))
    writer = StickWriter(out, header, manifest(), DEVICE)
    writer.add_acts([VISIT] if acts is None else acts)
    for n, photo in enumerate(photos):
        writer.add_piece(Piece(f"{n:064x}", 0, len(photo), photo))
    writer.finish()
    return out.getvalue()


def read(data: bytes, server: str = "server") -> list[object]:
    parts = StickReader(io.BytesIO(data), server, PRIVATE).parts()
    return [part if isinstance(part, Piece) else list(map(decode_act, part)) for part in parts]


def test_a_whole_file_is_read_and_says_nothing_in_the_clear() -> None:
    data = stick()
    acts, piece = read(data)
    assert acts == [VISIT]
    assert isinstance(piece, Piece)
    for secret in ("village", "张女士", "现场属实", "device", VISIT.id, "门口"):
        assert secret.encode() not in data


@pytest.mark.fault("stick.tampered")
def test_no_byte_can_be_changed_anywhere() -> None:
    data = stick()
    for at in range(len(data)):
        for flip in (0x01, 0x80):
            spoilt = bytearray(data)
            spoilt[at] ^= flip
            with pytest.raises(StickError) as caught:
                read(bytes(spoilt))
            assert caught.value.code in CODES, at


@pytest.mark.fault("stick.tampered")
def test_nothing_can_be_cut_off_or_added() -> None:
    data = stick()
    for size in range(len(data)):
        with pytest.raises(StickError) as caught:
            read(data[:size])
        assert caught.value.code in CODES, size
    for more in (b"\0", data):
        with pytest.raises(StickError):
            read(data + more)


def frames(data: bytes) -> tuple[bytes, list[bytes]]:
    at = 12 + 4 + int.from_bytes(data[12:16], "big")
    head, found = data[:at], []
    while at < len(data):
        size = 4 + int.from_bytes(data[at : at + 4], "big")
        found.append(data[at : at + size])
        at += size
    return head, found


@pytest.mark.fault("stick.tampered")
def test_frames_cannot_be_dropped_moved_repeated_or_taken_from_another_file() -> None:
    head, own = frames(stick(photos=(b"1" * 99, b"2" * 99)))
    _, other = frames(stick(photos=(b"1" * 99, b"2" * 99)))
    assert read(head + b"".join(own))
    changed = [
        [*own[:2], *own[3:]],
        [own[0], own[1], own[3], own[2], own[4]],
        [*own[:3], *own[2:]],
        [*own[:2], other[2], *own[3:]],
        own[:-1],
    ]
    for each in changed:
        with pytest.raises(StickError):
            read(head + b"".join(each))


@pytest.mark.fault("stick.foreign_device")
def test_sealed_for_the_center_is_not_signed_by_the_seat() -> None:
    """Anybody can seal for the center: only the device's signature says whose records these are."""
    out = io.BytesIO()
    header = ("server", "熊儿寨乡", platform_public(PRIVATE))
    writer = StickWriter(out, header, manifest(), new_device_key())
    writer.add_acts([VISIT])
    writer.finish()
    with pytest.raises(StickError) as caught:
        read(out.getvalue())
    assert caught.value.code == "damaged"


@pytest.mark.fault("stick.wrong_center")
def test_another_centers_file_says_where_it_belongs() -> None:
    with pytest.raises(StickError) as caught:
        read(stick(), server="other")
    assert caught.value.code == "wrong_center"
    assert "熊儿寨乡" in caught.value.title


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<html>", os.urandom(4000)])
def test_some_other_file_is_recognised(data: bytes) -> None:
    with pytest.raises(StickError) as caught:
        read(data)
    assert caught.value.code == "foreign"


# --- at a real platform ---------------------------------------------------------------------------


def with_a_visit(town: Town) -> SyncedSeat:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实", (b"photo",))
    return village


def refused(town: Town, file: Path) -> str:
    """Return why a file is not taken; nothing of it may then be at the platform."""
    before = dict.fromkeys(path for path in town.files.rglob("*"))
    order = town.center.platform.order("20261120-0001")
    with pytest.raises(StickError) as caught:
        town.take(file)
    assert town.center.platform.order("20261120-0001") == order
    assert dict.fromkeys(town.files.rglob("*")) == before
    assert caught.value.advice
    return caught.value.code


@pytest.mark.fault("stick.wrong_center")
def test_the_desk_of_another_township_does_not_take_it(town: Town, tmp_path: Path) -> None:
    village = with_a_visit(town)
    export(village, tmp_path / "a.jiban")
    desk = StickImport(town.center.platform, Uploads(town.center.platform, town.files))
    with (tmp_path / "a.jiban").open("rb") as source, pytest.raises(StickError) as caught:
        desk.take_own(source, "110117999")
    assert caught.value.code == "other_township"
    assert town.take(tmp_path / "a.jiban").new == 1


@pytest.mark.fault("stick.wrong_center")
def test_another_platform_does_not_take_it(town: Town, tmp_path: Path) -> None:
    village = with_a_visit(town)
    export(village, tmp_path / "a.jiban")
    (tmp_path / "other").mkdir()
    with running_platform(tmp_path / "other", town.clock) as other:
        town.center, own = other, town.center
        other.platform.dispatch([])
        with pytest.raises(StickError) as caught:
            town.take(tmp_path / "a.jiban")
        town.center = own
    assert caught.value.code == "wrong_center"
    assert town.take(tmp_path / "a.jiban").new == 1


@pytest.mark.fault("stick.tampered")
def test_a_file_cut_short_on_the_stick_takes_nothing_and_can_be_exported_again(
    town: Town, tmp_path: Path
) -> None:
    village = with_a_visit(town)
    file = tmp_path / "a.jiban"
    export(village, file)
    file.write_bytes(file.read_bytes()[:-1])
    assert refused(town, file) == "damaged"
    export(village, file)
    assert town.take(file).new == 1


@pytest.mark.fault("stick.foreign_device")
def test_a_device_that_never_signed_in_is_not_believed(town: Town, tmp_path: Path) -> None:
    village = with_a_visit(town)
    platform = town.center.platform
    keys = load_keys(village.store)
    assert keys is not None
    forged = {
        "another device's key": ("village", village.store.device_id, new_device_key()),
        "a known device in another's name": ("leader", village.store.device_id, keys.device_key),
        "a known key under another device": ("village", "device-x", keys.device_key),
    }
    for name, (person, device, key) in forged.items():
        file = tmp_path / f"{name}.jiban"
        with file.open("wb") as out:
            said = Manifest(
                server_id=platform.server_id, person_id=person, device_id=device,
                device_key=device_public(key), made_at=START,
            )  # fmt: skip
            header = (platform.server_id, "本中心", seal_key(platform))
            writer = StickWriter(out, header, said, key)
            writer.add_acts([item.act for item in village.store.outbox()])
            writer.finish()
        assert refused(town, file) == "unknown_device", name


@pytest.mark.fault("stick.foreign_device")
def test_an_act_in_anothers_name_is_not_taken(town: Town, tmp_path: Path) -> None:
    village = with_a_visit(town)
    platform, keys = town.center.platform, load_keys(village.store)
    assert keys is not None
    order = platform.order("20261120-0001")
    assert order is not None
    forged = make_act(order, sample_center(), "leader", ActKind.DETERMINE, town.clock.now())
    with (tmp_path / "a.jiban").open("wb") as out:
        said = Manifest(
            server_id=platform.server_id, person_id="village", device_id=village.store.device_id,
            device_key=keys.device_public, made_at=START,
        )  # fmt: skip
        writer = StickWriter(out, (platform.server_id, "", keys.seal_key), said, keys.device_key)
        writer.add_acts([forged])
        writer.finish()
    taken = town.take(tmp_path / "a.jiban")
    assert (taken.new, len(taken.not_taken)) == (0, 1)
    assert platform.order("20261120-0001") == order


@pytest.mark.fault("stick.outbox_by_usb")
def test_an_act_that_this_platform_cannot_read_stops_no_other(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seat may be newer than the platform."""
    village = with_a_visit(town)
    newer = msgspec.Raw(encode(village.store.outbox()[0].act).replace(b'"meet"', b'"hologram"'))
    newer = msgspec.Raw(bytes(newer).replace(b'"id":"', b'"id":"x-'))
    add = StickWriter.add_acts
    with monkeypatch.context() as patch:
        patch.setattr(StickWriter, "add_acts", lambda w, acts: add(w, [newer, *acts]))  # type: ignore[list-item]
        export(village, tmp_path / "a.jiban")
    taken = town.take(tmp_path / "a.jiban")
    assert (taken.new, len(taken.not_taken)) == (1, 1)
    assert "读不懂" in taken.not_taken[0].reason
    town.center.platform.switch_account("village", active=False)
    assert town.take(tmp_path / "a.jiban").held == 2


@pytest.mark.fault("stick.outbox_by_usb")
def test_what_was_put_off_holds_back_what_follows_it_on_that_order_only(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the file is divided: as over the line, where they go in one batch."""
    first, second = town.handled_orders(2)
    village = town.seat()
    for order_id in (first, first, second):
        visit(village, order_id, "现场属实")
    acts = [item.act for item in village.store.outbox()]
    acts[0] = replace(acts[0], base_rev=99)  # made on a state that a restored platform has lost
    add = StickWriter.add_acts
    with monkeypatch.context() as patch:
        patch.setattr(StickWriter, "add_acts", lambda w, _: [add(w, [act]) for act in acts])
        export(village, tmp_path / "a.jiban")
    taken = town.take(tmp_path / "a.jiban")
    assert [(r.act_id, r.outcome) for r in taken.results] == [
        (acts[0].id, Outcome.DEFERRED), (acts[1].id, Outcome.BLOCKED), (acts[2].id, Outcome.APPLIED),
    ]  # fmt: skip
    assert (taken.new, len(taken.not_taken)) == (1, 2)


@pytest.mark.fault("stick.revoked")
def test_who_left_office_has_his_records_kept_aside_until_he_is_back(
    town: Town, tmp_path: Path
) -> None:
    village = with_a_visit(town)
    acts = [item.act for item in village.store.outbox()]
    export(village, tmp_path / "a.jiban")
    platform = town.center.platform
    platform.switch_account("village", active=False)
    for _ in range(2):
        taken = town.take(tmp_path / "a.jiban")
        assert (taken.held, taken.new) == (1, 0)
    assert held(platform, "local") == acts, "kept whole, visible, not judged"
    platform.switch_account("village", active=True)
    assert town.take(tmp_path / "a.jiban").new == 1
    assert held(platform, "local") == []


@pytest.mark.fault("stick.foreign_device")
@pytest.mark.parametrize("how", ["the computer was lost", "the password was changed"])
def test_what_was_ended_from_above_is_not_believed_on_a_stick_until_he_signs_in_again(
    town: Town, tmp_path: Path, how: str
) -> None:
    village, platform = with_a_visit(town), town.center.platform
    export(village, tmp_path / "a.jiban")
    if how == "the computer was lost":
        assert Oversight(platform).revoke_device(village.store.device_id) is not None
    else:
        platform.change_password("village", PASSWORD)
    assert refused(town, tmp_path / "a.jiban") == "unknown_device"
    Oversight(platform).allow_device(village.store.device_id)
    assert refused(town, tmp_path / "a.jiban") == "unknown_device"
    village.sign_in()
    assert town.take(tmp_path / "a.jiban").new == 1


@pytest.mark.fault("stick.outbox_by_usb")
def test_a_platform_restored_from_a_backup_still_reads_its_files(
    town: Town, tmp_path: Path
) -> None:
    village = with_a_visit(town)
    backup = tmp_path / "backup.db"
    with sqlite3.connect(tmp_path / "platform.db") as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    db.close()
    export(village, tmp_path / "a.jiban")
    restored = Platform(str(backup), town.clock)
    try:
        assert seal_key(restored) == seal_key(town.center.platform)
        uploads = Uploads(restored, tmp_path / "restored-files")
        with (tmp_path / "a.jiban").open("rb") as source:
            assert StickImport(restored, uploads).take(source).new == 1
    finally:
        restored.close()


# --- while exporting ------------------------------------------------------------------------------


def check_kept(seat: SyncedSeat, folder: Path) -> None:
    (item,) = seat.store.outbox()
    assert item.exported_at is None
    assert not list(folder.glob("*.part"))


@pytest.mark.fault("stick.full")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_stick_is_said_and_what_stood_there_stays(town: Town, tmp_path: Path) -> None:
    village = with_a_visit(town)
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "a.jiban").write_bytes(b"the last one")
    (folder / "a.jiban.part").symlink_to("/dev/full")
    with pytest.raises(StickFailed) as caught:
        export(village, folder / "a.jiban")
    assert "满了" in caught.value.title
    assert (folder / "a.jiban").read_bytes() == b"the last one"
    check_kept(village, folder)


@pytest.mark.fault("stick.pulled_out")
@pytest.mark.parametrize("code", [errno.EIO, errno.ENODEV, errno.ENOENT])
def test_a_stick_that_is_pulled_out_is_said(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    village = with_a_visit(town)

    def pulled(_handle: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", pulled)
        with pytest.raises(StickFailed) as caught:
            export(village, tmp_path / "a.jiban")
    assert "拔出" in caught.value.title
    assert "一条没少" in caught.value.advice
    check_kept(village, tmp_path)
    assert export(village, tmp_path / "a.jiban").acts == 1


@pytest.mark.fault("stick.full")
def test_a_stick_that_gives_back_something_else_is_not_called_done(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cheap sticks report more room than they have and lose what is beyond it."""
    village = with_a_visit(town)
    real = os.fsync

    def lossy(handle: int) -> None:
        real(handle)
        os.pwrite(handle, b"\0" * 16, 200)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lossy)
        with pytest.raises(StickFailed):
            export(village, tmp_path / "a.jiban")
    check_kept(village, tmp_path)


def test_a_folder_that_is_gone_or_may_not_be_written(town: Town, tmp_path: Path) -> None:
    village = with_a_visit(town)
    with pytest.raises(StickFailed):
        export(village, tmp_path / "gone" / "a.jiban")
    check_kept(village, tmp_path)


def test_without_the_centers_key_or_without_records_nothing_is_written(
    town: Town, tmp_path: Path
) -> None:
    village = town.seat()
    with pytest.raises(Refusal, match="没有等着传的记录"):
        export(village, tmp_path / "a.jiban")
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
    assert not (tmp_path / "a.jiban").exists()
