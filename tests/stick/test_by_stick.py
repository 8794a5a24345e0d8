"""From an outbox without a line to the center: everything arrives once, under its own name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.orders import Outcome
from local_store.rows import OutboxStatus
from sync.platform.uploads import Uploads
from sync.protocol.stick import MAX_PIECE
from tests.stick.conftest import Town, export, visit

K = ActKind
pytestmark = pytest.mark.fault("stick.outbox_by_usb")


def test_acts_and_photos_arrive_and_are_known_when_the_line_is_back(
    town: Town, tmp_path: Path
) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    photo = bytes(range(256)) * (MAX_PIECE // 100)
    visit(village, order_id, "现场属实", (photo, b"second"))
    visit(village, order_id, "第二次去")
    done = export(village, tmp_path / "a.jiban")
    assert (done.acts, done.photos, done.left) == (2, 2, 0)
    taken = town.take(tmp_path / "a.jiban")
    assert (taken.new, taken.known, taken.not_taken, taken.photos.new) == (2, 0, [], 2)
    order = town.center.platform.order_by_id(order_id)
    assert order is not None
    assert [e.actor.person_id for e in order.history[-2:]] == ["village", "village"]
    sha = hashlib.sha256(photo).hexdigest()
    leader = town.center.platform.caller("leader", "desk-leader")
    uploads = Uploads(town.center.platform, town.files)
    assert uploads.readable(leader, sha).read_bytes() == photo, "others see it"

    assert len(village.store.outbox()) == 2, "on the stick is not at the platform yet"
    rev = order.rev
    village.sync()
    assert village.store.outbox() == []
    after = town.center.platform.order_by_id(order_id)
    assert after is not None
    assert after.rev == rev, "what came by stick counts once"
    assert village.store.view(order_id) == after


@pytest.mark.fault("stick.replayed")
def test_what_came_over_the_line_first_is_known_to_the_stick(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实", (b"photo",))
    export(village, tmp_path / "a.jiban")
    village.sync()
    for _ in range(2):  # and taken in twice
        taken = town.take(tmp_path / "a.jiban")
        assert (taken.new, taken.known, taken.photos.known) == (0, 1, 1)


def test_exported_records_stay_in_the_outbox_and_say_when(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    done = export(village, tmp_path / "a.jiban")
    (item,) = village.store.outbox()
    assert (item.status, item.exported_at) == (OutboxStatus.WAITING, done.at)
    assert sorted(f.name for f in tmp_path.glob("a.jiban*")) == ["a.jiban"]


def test_the_rules_judge_what_comes_by_stick_like_anything_else(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village, leader = town.seat(), town.seat("leader")
    for seat in (village, leader):
        seat.seat.record(order_id, K.DETERMINE, p.Determine(
            "reasonable" if seat is leader else "disputed"))  # fmt: skip
    leader.sync()
    export(village, tmp_path / "a.jiban")
    town.center.platform.act_as_platform(K.WITHDRAW, "20261120-0001", {"reason": "重复"})
    taken = town.take(tmp_path / "a.jiban")
    assert (taken.new, len(taken.not_taken)) == (0, 1)
    assert "平台已撤回" in taken.not_taken[0].reason
    (refused,) = town.center.platform.rejected()
    assert refused.act.payload == {"nature": "disputed", "text": ""}
    village.sync()
    (item,) = village.store.outbox()
    assert item.status is OutboxStatus.REJECTED, "and the author reads why, when the line is back"


def test_a_rival_that_comes_by_stick_is_a_task_for_who_decides(town: Town, tmp_path: Path) -> None:
    (order_id,) = town.handled_orders(1)
    village, leader = town.seat(), town.seat("leader")
    village.seat.record(order_id, K.DETERMINE, p.Determine("disputed"))
    leader.seat.record(order_id, K.DETERMINE, p.Determine("reasonable"))
    leader.sync()
    export(village, tmp_path / "a.jiban")
    taken = town.take(tmp_path / "a.jiban")
    assert (taken.new, taken.asked) == (1, 1)
    leader.sync()
    (task,) = leader.store.decisions(leader.seat.person)
    assert task.why_not == ""
    assert task.second is not None
    assert task.second.outcome is Outcome.CONFLICT


def test_only_the_acts_of_who_sits_there_go_and_only_under_that_name(
    town: Town, tmp_path: Path
) -> None:
    (order_id,) = town.handled_orders(1)
    village = town.seat()
    visit(village, order_id, "现场属实")
    village.person_id = "leader"
    village.sign_in()
    village.reopen()
    village.sync()
    village.seat.record(order_id, K.NOTE, p.Text("领导的备注"))
    assert export(village, tmp_path / "leader.jiban").acts == 1
    taken = town.take(tmp_path / "leader.jiban")
    assert (taken.person, taken.new) == ("分管农业领导 李领导", 1)


def test_an_order_the_center_does_not_have_yet_is_said_and_nothing_is_lost(
    town: Town, tmp_path: Path
) -> None:
    first, second = town.handled_orders(2)
    village = town.seat()
    visit(village, first, "一")
    visit(village, second, "二")
    export(village, tmp_path / "a.jiban")
    with town.center.platform.database.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM orders WHERE id = ?", (second,))
    taken = town.take(tmp_path / "a.jiban")
    assert (taken.new, len(taken.not_taken)) == (1, 1)
    assert "还没有这件单" in taken.not_taken[0].reason


@pytest.mark.fault("stick.thousand")
def test_a_thousand_records_with_photos(town: Town, tmp_path: Path) -> None:
    ids = town.handled_orders(20)
    village = town.seat()
    for n in range(1000):
        photos = (b"photo %d" % n,) if n % 10 == 0 else ()
        visit(village, ids[n % 20], f"第 {n} 次", photos)
    assert export(village, tmp_path / "a.jiban").acts == 1000
    taken = town.take(tmp_path / "a.jiban")
    assert (taken.new, taken.photos.new, taken.not_taken) == (1000, 100, [])
    assert town.take(tmp_path / "a.jiban").known == 1000
    village.sync(most=2000)
    assert village.store.outbox() == []
