"""A frame file gives back every whole frame after a cut or a flipped bit anywhere, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_store.frames import FrameFile, Scan, scan
from local_store.sealing import Sealer, Unsealable

SEALER = Sealer(bytes(range(32)), "test")
CONTENTS = [b"first", b"", b"third " * 20]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "log"
    log = FrameFile.create(made, SEALER, CONTENTS[:1])
    for content in CONTENTS[1:]:
        log.append(content, durable=True)
    log.close()
    return made


def test_what_was_appended_is_read(path: Path) -> None:
    found = scan(path, SEALER)
    assert (found.frames, found.torn, found.lost, found.key_fits) == (CONTENTS, False, 0, True)
    assert found.end == path.stat().st_size


@pytest.mark.fault("storage.torn_journal")
def test_cut_at_every_offset_leaves_the_whole_frames(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        found = scan(path, SEALER)
        assert found.frames == CONTENTS[: len(found.frames)]
        assert found.end <= length
        assert found.torn or not whole[found.end : length].strip(b"\0")


def test_after_a_cut_it_goes_on_behind_the_last_whole_frame(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])
    log = FrameFile(path, SEALER, scan(path, SEALER))
    log.append(b"again", durable=True)
    log.close()
    assert scan(path, SEALER).frames == [*CONTENTS[:2], b"again"]


@pytest.mark.fault("storage.torn_journal")
def test_a_frame_that_was_under_way_when_the_power_went_is_left_out(tmp_path: Path) -> None:
    """Parts of it are on the disk, zeros where the rest should be: it was promised to nobody."""
    path = tmp_path / "log"
    log = FrameFile.create(path, SEALER, CONTENTS[:1])
    log.append(CONTENTS[2], durable=True)
    end = log.size
    content = bytearray(path.read_bytes())  # as it stands while it is open
    assert len(content) > end
    content[end - 60 : end] = bytes(60)
    log.close()
    path.write_bytes(content)
    found = scan(path, SEALER)
    assert (found.frames, found.lost, found.torn) == (CONTENTS[:1], 0, True)
    log = FrameFile(path, SEALER, found)
    log.append(b"again", durable=True)
    log.close()
    assert scan(path, SEALER).frames == [CONTENTS[0], b"again"]


@pytest.mark.fault("storage.torn_journal")
def test_a_flipped_bit_never_gives_other_content(path: Path) -> None:
    whole = path.read_bytes()
    for offset in range(len(whole)):
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 1]) + whole[offset + 1 :])
        found = scan(path, SEALER)
        assert all(frame in CONTENTS for frame in found.frames)
        assert found.torn or found.lost


def test_one_spoilt_frame_does_not_hide_those_behind_it(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4 + 16 + 12] ^= 1  # the first byte of the first frame's seal
    path.write_bytes(content)
    found = scan(path, SEALER)
    assert (found.frames, found.lost, found.key_fits) == (CONTENTS[1:], 1, True)


def test_what_is_taken_back_is_not_read(path: Path) -> None:
    log = FrameFile(path, SEALER, scan(path, SEALER))
    place = log.place()
    log.append(b"not to be", durable=True)
    log.cut_back(place)
    log.append(b"to be", durable=True)
    log.close()
    assert scan(path, SEALER).frames == [*CONTENTS, b"to be"]


def test_another_key_opens_nothing_and_says_so(path: Path) -> None:
    found = scan(path, Sealer(bytes(32), "test"))
    assert (found.frames, found.key_fits) == ([], False)


def test_frames_cannot_change_places_between_files(tmp_path: Path, path: Path) -> None:
    other = tmp_path / "other"
    FrameFile.create(other, SEALER, [b"x"]).close()
    head = other.read_bytes()[:20]
    other.write_bytes(head + path.read_bytes()[20:])
    assert scan(other, SEALER).frames == []


@pytest.mark.parametrize("content", [b"", b"JBJ1", b"something else entirely, long enough"])
def test_what_is_no_frame_file_holds_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log").write_bytes(content)
    assert scan(tmp_path / "log", SEALER).frames == []
    assert scan(tmp_path / "missing", SEALER) == Scan()


def test_a_seal_is_bound_to_its_place() -> None:
    sealed = SEALER.seal(b"text", b"here")
    assert SEALER.unseal(sealed, b"here") == b"text"
    for wrong in (b"there", b""):
        with pytest.raises(Unsealable):
            SEALER.unseal(sealed, wrong)
    with pytest.raises(Unsealable):
        SEALER.unseal(sealed[:10], b"here")
