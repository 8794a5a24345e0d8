"""The verbs, one after the other, along the whole path of an order; and their refusals."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import Stage
from desktop_app.domain.refusals import Refusal
from desktop_app.services import (
    alerts,
    closing,
    decisions,
    deputies,
    handling,
    intake,
    notes,
    signoff,
    unmasking,
)
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.store import Store
from tests.services.conftest import SeatOf
from tests.support.answering import Answering, new_store, pull
from tests.support.center import HANDLERS, ROAD
from tests.support.clock import ManualClock

ORDER = OrderId("order-1")


def _stage(seat: Seat) -> Stage:
    return seat.order(ORDER).stage


def _signed(seat_of: SeatOf) -> None:
    desk, secretary = seat_of("dispatcher"), seat_of("secretary")
    intake.accept(desk, ORDER)
    intake.verify(desk, ORDER, "matches", "通话三分钟")
    intake.propose(desk, ORDER, HANDLERS, "请村里先看现场。")
    signoff.sign(secretary, ORDER, secretary.order(ORDER).proposal.hash, "同意。")  # type: ignore[union-attr]


def test_the_whole_path(
    seat_of: SeatOf, clock: ManualClock, platform: Answering, store: Store
) -> None:
    desk, secretary = seat_of("dispatcher"), seat_of("secretary")
    village, leader = seat_of("village"), seat_of("leader")
    assert intake.accept(desk, ORDER) == ChangeSet(frozenset({ORDER}), outbox=True)
    intake.log_call(desk, ORDER, "张女士", reached=True, text="通话三分钟")
    intake.verify(desk, ORDER, "corrected", corrections=(("address", "东街", "西街 7 号"),))
    intake.classify(desk, ORDER, ROAD)
    intake.propose(desk, ORDER, HANDLERS)
    intake.withdraw_proposal(desk, ORDER, "漏了站所")
    intake.propose(desk, ORDER, HANDLERS, "请村里先看现场。")
    proposal = secretary.order(ORDER).proposal
    assert proposal is not None
    signoff.return_proposal(secretary, ORDER, proposal.hash, "请加上农办")
    intake.propose(desk, ORDER, HANDLERS, "已加农办。")
    proposal = secretary.order(ORDER).proposal
    assert proposal is not None
    signoff.sign_changed(secretary, ORDER, proposal.hash, "同意,两家都去。", HANDLERS[:2])
    assert _stage(desk) is Stage.SIGNED
    clock.advance(timedelta(hours=1))
    handling.accept(village, ORDER)
    handling.meet(village, ORDER, "门口", "张女士本人", "现场属实")
    handling.add_photo(village, ORDER, b"photo", "破损面.jpg", "破损面")
    handling.plan(village, ORDER, "先垫平再翻修")
    handling.progress(village, ORDER, "已垫平")
    handling.explain(village, ORDER, "村书记", "讲了安排", "objects")
    handling.determine(leader, ORDER, "reasonable")
    intake.urge(desk, ORDER, "请抓紧")
    handling.conclude(leader, ORDER, "已立警示牌", "11 月 25 日", finished=False)
    handling.conclude(village, ORDER, "已修复")
    closing.review(desk, ORDER, settled=True, text="张女士认可")
    closing.report_back(desk, ORDER, "已修复,张女士认可。")
    notes.note(desk, ORDER, "平台回访前再看一次")
    assert _stage(desk) is Stage.REPORTED
    pull(store, platform, clock.now(), [item.act for item in store.outbox()])
    assert store.outbox() == []
    platform.do(ORDER, "platform", ActKind.CALL_BACK, clock.now())
    pull(store, platform, clock.now())
    closing.archive(desk, ORDER)
    assert _stage(desk) is Stage.ARCHIVED


def test_an_emergency_runs_before_its_signature(seat_of: SeatOf) -> None:
    desk, secretary = seat_of("dispatcher"), seat_of("secretary")
    intake.accept(desk, ORDER)
    intake.start_emergency(desk, ORDER, HANDLERS, "路面塌陷,先封路")
    assert desk.order(ORDER).signature_pending
    intake.propose(desk, ORDER, HANDLERS)
    signoff.sign(secretary, ORDER, secretary.order(ORDER).proposal.hash, "同意补签。")  # type: ignore[union-attr]
    assert not desk.order(ORDER).signature_pending


def test_refusals_come_with_the_reason_and_change_nothing(seat_of: SeatOf, store: Store) -> None:
    village = seat_of("village")
    with pytest.raises(Refusal, match="派单员"):
        intake.accept(village, ORDER)
    with pytest.raises(Refusal, match="少填一项"):
        notes.note(village, ORDER, "  ")
    assert store.outbox() == []
    assert "派单员" in village.why_not(village.order(ORDER), ActKind.ACCEPT)
    desk = seat_of("dispatcher")
    step = desk.next_step(desk.order(ORDER))
    assert step is not None
    assert step.kind is ActKind.ACCEPT


def test_a_seat_without_center_or_order_says_so(seat_of: SeatOf, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="没有这件单"):
        seat_of("dispatcher").order(OrderId("nowhere"))
    with pytest.raises(Refusal, match="名册"):
        _ = seat_of("stranger").actor
    empty = new_store(tmp_path / "empty")
    with pytest.raises(Refusal, match="联网"):
        _ = Seat(empty, seat_of("dispatcher").time, PersonId("dispatcher")).center
    empty.close()


def test_the_full_number_is_shown_only_with_the_record_of_it(seat_of: SeatOf) -> None:
    desk = seat_of("dispatcher")
    with pytest.raises(Refusal, match="理由"):
        unmasking.unmask(desk, ORDER, "phone", " ")
    assert unmasking.unmask(desk, ORDER, "phone", "电话核实").value == "13800001234"
    assert desk.order(ORDER).history[-1].kind is ActKind.UNMASK
    assert "塌陷" in unmasking.unmask(desk, ORDER, "text", "核对原文").value
    with pytest.raises(Refusal, match="没有这一项"):
        unmasking.unmask(desk, ORDER, "history", "看看")


def test_a_deputy_signs_while_authorised(seat_of: SeatOf, clock: ManualClock) -> None:
    desk, secretary, leader = seat_of("dispatcher"), seat_of("secretary"), seat_of("leader2")
    intake.accept(desk, ORDER)
    intake.verify(desk, ORDER, "matches")
    intake.propose(desk, ORDER, HANDLERS)
    proposal = desk.order(ORDER).proposal
    assert proposal is not None
    with pytest.raises(Refusal):
        signoff.sign(leader, ORDER, proposal.hash, "同意。")
    now = clock.now()
    changes = deputies.authorise(secretary, leader.person_id, now, now + timedelta(days=1), "出差")
    assert changes.center
    (grant,) = secretary.center.delegations
    signoff.sign(leader, ORDER, proposal.hash, "同意。")
    signature = desk.order(ORDER).signature
    assert signature is not None
    assert signature.on_behalf_of == "secretary"
    deputies.revoke(secretary, grant.act_id, "已回")
    assert secretary.center.delegations[0].revoked_at is not None


def test_an_alert_is_known_once_and_recorded_per_order(
    seat_of: SeatOf, clock: ManualClock, store: Store
) -> None:
    desk = seat_of("dispatcher")
    refs = [(ORDER, "order-1:accept:0"), (ORDER, "order-1:settle:0"), (OrderId("order-2"), "o2")]
    alerts.shown(desk, [alert for _, alert in refs])
    first = clock.now()
    clock.advance(timedelta(minutes=1))
    alerts.shown(desk, ["o2"])
    assert store.alert_marks()["o2"].shown_at == first
    changes = alerts.acknowledge(desk, refs)
    assert changes.orders == {ORDER, "order-2"}
    assert store.pending_count() == 2
    assert store.alert_marks()["order-1:settle:0"].acknowledged_at == clock.now()
    until = clock.now() + timedelta(minutes=10)
    alerts.snooze(desk, [(ORDER, "order-1:settle:0")], until)
    mark = store.alert_marks()["order-1:settle:0"]
    assert (mark.snoozed_until, mark.snoozes, mark.shown_at) == (until, 1, first)
    alerts.acknowledge(desk, [(OrderId("gone"), "gone:x:0")])  # an order that left this seat
    assert store.pending_count() == 3


def test_a_refused_record_without_its_order_can_be_set_aside(seat_of: SeatOf, store: Store) -> None:
    assert decisions.set_aside(seat_of("dispatcher"), OrderId("gone"), "nothing") == ChangeSet()  # type: ignore[arg-type]


def test_a_correction_stands_beside_what_it_corrects(seat_of: SeatOf) -> None:
    desk = seat_of("dispatcher")
    intake.accept(desk, ORDER)
    entry = desk.order(ORDER).history[-1]
    notes.correct(desk, ORDER, entry.act_id, "签收人应为孙先生")
    kinds = [e.kind for e in desk.order(ORDER).history]
    assert kinds[-2:] == [ActKind.ACCEPT, ActKind.CORRECT]
