"""Conflicts reach whoever decides, with both versions and what each choice leads to."""

from __future__ import annotations

from datetime import timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId
from desktop_app.domain.orders import ConflictKind
from local_store.rows import Decision, DecisionKind, SavedView, SyncState
from local_store.store import Store
from tests.support.acts import walk
from tests.support.answering import Answering, pull, record
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
ORDER = OrderId("order-1")
CENTER = sample_center()
PEOPLE = {p.id: p for p in CENTER.people}
LATER = START + timedelta(hours=3)


def _two_conclusions(store: Store, platform: Answering) -> None:
    """The lead concludes in town while the village, offline, concludes otherwise."""
    platform.dispatch(walk(sample_order(START, 1), CENTER, K.DETERMINE))
    pull(store, platform, LATER)
    interim = p.Conclude("已立警示牌", finished=False, promise="11 月 25 日")
    platform.do(ORDER, "leader", K.CONCLUDE, LATER, interim)
    act = record(store, "village", ORDER, K.CONCLUDE, LATER, p.Conclude("当天已清空")).act
    pull(store, platform, LATER + timedelta(minutes=1), [act])


def _only(store: Store, person: str) -> Decision:
    (decision,) = store.decisions(PEOPLE[person])  # type: ignore[index]
    return decision


def test_both_versions_and_the_choices_of_who_decides(store: Store, platform: Answering) -> None:
    _two_conclusions(store, platform)
    decision = _only(store, "leader")
    assert decision.kind is DecisionKind.CONFLICT
    assert decision.why_not == ""
    assert decision.first is not None
    assert decision.second is not None
    assert decision.first.payload["measures"] == "已立警示牌"
    assert decision.second.payload["measures"] == "当天已清空"
    effects = {c.key: c.effect for c in decision.choices}
    assert "仍是“办理中”" in effects["first"]
    assert "转为“待回访复查”" in effects["second"]
    assert [c.why_not for c in decision.choices] == ["", "", ""]
    assert decision.choices[1].tells == "魏家湾村书记"


def test_others_see_it_and_read_who_decides(store: Store, platform: Answering) -> None:
    _two_conclusions(store, platform)
    decision = _only(store, "village")
    assert "领办" in decision.why_not
    assert all(c.why_not == decision.why_not for c in decision.choices[:2])
    row = store.row(ORDER)
    assert row is not None
    assert row.sync is SyncState.CONFLICT
    assert store.counts([SavedView.CONFLICT], LATER, PEOPLE["village"])[SavedView.CONFLICT] == 1  # type: ignore[index]


def test_a_choice_settles_it_everywhere(store: Store, platform: Answering) -> None:
    _two_conclusions(store, platform)
    conflict = _only(store, "leader").conflict
    assert conflict is not None
    choice = p.Resolve(conflict.id, "second", "现场已看过")
    act = record(store, "leader", ORDER, K.RESOLVE_CONFLICT, LATER, choice).act
    assert store.decisions(PEOPLE["leader"]) == []  # type: ignore[index]
    pull(store, platform, LATER, [act])
    assert store.view(ORDER) == platform.orders[ORDER]
    assert store.outbox() == []


def test_a_stale_signature_cannot_be_carried_over(store: Store, platform: Answering) -> None:
    platform.dispatch(walk(sample_order(START, 1), CENTER, K.PROPOSE))
    pull(store, platform, LATER)
    platform.do(ORDER, "dispatcher", K.WITHDRAW_PROPOSAL, LATER)
    platform.do(ORDER, "dispatcher", K.PROPOSE, LATER, p.Propose(HANDLERS, "改了说明"))
    act = record(store, "secretary", ORDER, K.SIGN, LATER).act
    pull(store, platform, LATER + timedelta(minutes=1), [act])
    decision = _only(store, "secretary")
    assert decision.conflict is not None
    assert decision.conflict.kind is ConflictKind.STALE_SIGNATURE
    assert "不能转用" in decision.choices[1].why_not
    record(store, "secretary", ORDER, K.SIGN, LATER + timedelta(minutes=2))
    assert store.decisions(PEOPLE["secretary"]) == []  # type: ignore[index]
