"""Drafts, photos and alert marks survive; too large or empty files are refused with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.alert_values import AlertMark
from desktop_app.domain.alerts import alert_id
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import Stage
from desktop_app.domain.refusals import Refusal
from local_store.files import CHUNK, LARGEST
from local_store.rows import ActDraft
from local_store.store import Store
from tests.support.acts import actor_of
from tests.support.answering import Answering, pull, record
from tests.support.center import sample_center
from tests.support.clock import START

ORDER = OrderId("order-1")


def test_a_draft_outlives_the_process(
    store: Store, open_store: Callable[[Answering], Store], platform: Answering
) -> None:
    store.save_draft(ORDER, "meet", {"text": "临沟一侧塌了约 2 米", "photos": ["a"]}, START)
    store.save_draft(ORDER, "meet", {"text": "临沟一侧塌了约 3 米", "photos": []}, START)
    store.close()
    again = open_store(platform)
    draft = again.load_draft(ORDER, "meet")
    assert draft is not None
    assert draft.values == {"text": "临沟一侧塌了约 3 米", "photos": []}
    assert draft.saved_at == START
    assert [d.form for d in again.drafts()] == ["meet"]
    again.drop_draft(ORDER, "meet")
    assert again.load_draft(ORDER, "meet") is None
    again.drop_draft(ORDER, "meet")


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_photo_comes_back_whole_and_in_parts(store: Store, size: int) -> None:
    data = bytes(n * 31 % 251 for n in range(size))
    stored = store.add_file(data, "破损面.jpg")
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert store.file_bytes(stored.sha256) == data
    for offset, length in ((0, 10), (size // 2, CHUNK), (CHUNK, 5), (size, 4)):
        part = store.file_bytes(stored.sha256, offset, length)
        assert part == data[offset : offset + length]
    assert store.add_file(data, "同一张.jpg") == stored


def test_a_file_by_path_and_one_that_is_gone(store: Store, tmp_path: Path) -> None:
    photo = tmp_path / "很长的名字的照片.jpg"
    photo.write_bytes(b"photo")
    assert store.add_file(photo, photo.name).size == 5
    with pytest.raises(Refusal, match="读不出来"):
        store.add_file(tmp_path / "gone.jpg", "gone.jpg")
    with pytest.raises(KeyError):
        store.file_bytes("0" * 64)
    assert store.file_status("0" * 64) is None


def test_empty_and_too_large_files_are_refused_with_the_reason(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="空的"):
        store.add_file(b"", "empty.jpg")
    with pytest.raises(Refusal, match="最多 10 MB"):
        store.add_file(bytes(LARGEST + 1), "large.jpg")
    large = tmp_path / "large.jpg"
    large.write_bytes(bytes(LARGEST + 1))
    with pytest.raises(Refusal, match="最多 10 MB"):
        store.add_file(large, "large.jpg")
    assert store.add_file(bytes(LARGEST), "largest.jpg").size == LARGEST


def test_only_photos_of_recorded_acts_are_uploaded_and_progress_is_kept(store: Store) -> None:
    loose = store.add_file(b"x" * 100, "loose.jpg")
    stored = store.add_file(b"y" * 100, "road.jpg")
    assert store.next_file() is None
    actor = actor_of(sample_center(), "dispatcher")
    note = ActDraft(ORDER, ActKind.NOTE, p.Text("见照片"), actor, files=(stored.sha256,))
    store.record(note, START + timedelta(minutes=1))
    assert store.next_file() == stored
    assert store.next_file(frozenset({stored.sha256})) is None
    store.file_sent(stored.sha256, 40)
    half = store.next_file()
    assert half is not None
    assert (half.sent, half.uploaded) == (40, False)
    store.file_sent(stored.sha256, 100)
    assert store.next_file() is None
    status = store.file_status(stored.sha256)
    assert status is not None
    assert status.uploaded
    assert store.file_status(loose.sha256) == loose


def test_alert_marks_are_replaced(store: Store) -> None:
    mark = AlertMark(START, None, START + timedelta(minutes=10), 1)
    store.mark_alerts({"a": mark, "b": AlertMark(shown_at=START)})
    store.mark_alerts({"b": AlertMark(acknowledged_at=START)})
    assert store.alert_marks() == {"a": mark, "b": AlertMark(acknowledged_at=START)}


def test_marks_go_with_the_orders_that_nobody_is_reminded_of_any_more(
    store: Store, platform: Answering
) -> None:
    """Else years of them would be read with every 知道了."""
    one, two, three = list(platform.orders)[:3]
    archived = {o: replace(platform.orders[o], stage=Stage.ARCHIVED, rev=9) for o in (one, two)}
    record(store, "dispatcher", two, ActKind.NOTE, START, p.Text("还没有上传"))
    platform.dispatch(*archived.values())
    pull(store, platform, START)
    marks = {alert_id(order, "settle", -600): AlertMark(START) for order in (one, two, three)}
    store.mark_alerts(marks)
    store.tidy(START)
    assert list(store.alert_marks()) == [alert_id(order, "settle", -600) for order in (two, three)]


def test_meta_and_device_id_are_kept(
    store: Store, open_store: Callable[[Answering], Store], platform: Answering
) -> None:
    device = store.device_id
    store.set_meta("scale", "1.25")
    store.set_meta("gone", "x")
    store.set_meta("gone", None)
    store.close()
    again = open_store(platform)
    assert again.device_id == device
    assert (again.get_meta("scale"), again.get_meta("gone")) == ("1.25", None)
