"""An act is one transaction: outbox, view, list and draft move together, or nothing does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import CENTER, OrderId, PersonId
from desktop_app.domain.orders import UNCONFIRMED, Stage
from desktop_app.domain.refusals import Refusal
from local_store.rows import ActDraft, OutboxStatus, SyncState
from local_store.store import Store
from tests.support.acts import actor_of
from tests.support.answering import Answering, new_store, pull, record
from tests.support.clock import START

K = ActKind
ORDER = OrderId("order-1")
LATER = START + timedelta(minutes=5)


def _center(store: Store) -> Center:
    center = store.center()
    assert center is not None
    return center


def test_the_act_the_view_and_the_list_move_together(store: Store) -> None:
    recorded = record(store, "dispatcher", ORDER, K.ACCEPT, LATER)
    assert recorded.order is not None
    assert recorded.order.stage is Stage.ACCEPTED
    assert recorded.changes.orders == {ORDER}
    assert recorded.changes.outbox
    view, base, row = store.view(ORDER), store.base(ORDER), store.row(ORDER)
    assert view is not None
    assert base is not None
    assert row is not None
    assert (view.stage, base.stage) == (Stage.ACCEPTED, Stage.DISPATCHED)
    assert (row.stage, row.sync, row.pending) == (Stage.ACCEPTED, SyncState.PENDING, 1)
    (item,) = store.outbox()
    assert item.act == recorded.act
    assert (item.status, item.number) == (OutboxStatus.WAITING, view.number)


def test_acts_are_numbered_densely_and_know_the_platforms_revision(store: Store) -> None:
    acts = [
        record(store, "dispatcher", order, K.ACCEPT, LATER).act
        for order in ("order-1", "order-2", "order-3")
    ]
    acts.append(record(store, "dispatcher", ORDER, K.VERIFY, LATER + timedelta(minutes=1)).act)
    assert [a.device_seq for a in acts] == [1, 2, 3, 4]
    assert [a.base_rev for a in acts] == [1, 1, 1, 1]  # own waiting acts do not count
    assert {a.actor.device_id for a in acts} == {store.device_id}


def test_a_refused_act_leaves_nothing(store: Store) -> None:
    before = store.row(ORDER)
    with pytest.raises(Refusal) as refused:
        record(store, "dispatcher", ORDER, K.PROPOSE, LATER)
    assert refused.value.code == "stage"
    assert store.row(ORDER) == before
    assert store.outbox() == []
    assert record(store, "dispatcher", ORDER, K.ACCEPT, LATER).act.device_seq == 1


def test_a_second_click_is_refused_and_not_recorded(store: Store) -> None:
    record(store, "dispatcher", ORDER, K.ACCEPT, LATER)
    with pytest.raises(Refusal):
        record(store, "dispatcher", ORDER, K.ACCEPT, LATER)
    assert store.pending_count() == 1


def test_clock_quality_is_kept_on_the_act(store: Store) -> None:
    draft = ActDraft(ORDER, K.NOTE, p.Text("说明"), actor_of(_center(store), "dispatcher"))
    act = store.record(draft, LATER, ClockQuality.SUSPECT).act
    assert store.next_batch(10, PersonId("dispatcher")) == (act,)
    assert act.clock is ClockQuality.SUSPECT


def test_the_draft_goes_with_the_act_and_stays_when_it_is_refused(store: Store) -> None:
    store.save_draft(ORDER, "note", {"text": "半句"}, LATER)
    actor = actor_of(_center(store), "dispatcher")
    empty = ActDraft(ORDER, K.NOTE, p.Text(" "), actor, drops=(ORDER, "note"))
    with pytest.raises(Refusal):
        store.record(empty, LATER)
    assert store.load_draft(ORDER, "note") is not None
    store.record(ActDraft(ORDER, K.NOTE, p.Text("整句"), actor, drops=(ORDER, "note")), LATER)
    assert store.load_draft(ORDER, "note") is None


def test_an_order_that_is_not_here_and_a_store_without_center_are_said(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="本机没有这件单"):
        record(store, "dispatcher", "nowhere", K.NOTE, LATER)
    empty = new_store(tmp_path / "empty")
    actor = actor_of(_center(store), "dispatcher")
    with pytest.raises(Refusal, match="联网登录"):
        empty.record(ActDraft(ORDER, K.ACCEPT, p.Empty(), actor), LATER)
    empty.close()


def test_a_photo_has_to_be_in_the_store(store: Store) -> None:
    actor = actor_of(_center(store), "dispatcher")
    draft = ActDraft(ORDER, K.NOTE, p.Text("见照片"), actor, files=("0" * 64,))
    with pytest.raises(Refusal, match="照片"):
        store.record(draft, LATER)


def test_an_authorisation_holds_here_before_it_is_sent(store: Store, platform: Answering) -> None:
    grant = p.AuthoriseDeputy(PersonId("leader"), LATER, LATER + timedelta(days=2), "出差")
    changes = record(store, "secretary", CENTER, K.AUTHORISE_DEPUTY, LATER, grant).changes
    assert changes.center
    assert len(_center(store).delegations) == 1
    batch = store.next_batch(10, PersonId("secretary"))
    pull(store, platform, LATER + timedelta(minutes=1), batch)
    assert store.outbox() == []
    assert _center(store) == platform.center
    assert len(_center(store).delegations) == 1


def test_a_conflict_that_the_act_itself_opens_is_only_a_guess(
    store: Store, platform: Answering
) -> None:
    """The view is what folding the act gives: no time limit that this seat's clock has set."""
    for n, (kind, person) in enumerate(
        ((K.ACCEPT, "dispatcher2"), (K.VERIFY, "dispatcher2"), (K.PROPOSE, "dispatcher2"))
    ):
        platform.do("order-1", person, kind, START + timedelta(minutes=n + 1))
    pull(store, platform, START + timedelta(minutes=5))
    center = store.center()
    assert center is not None
    stale = ActDraft(
        OrderId("order-1"), K.SIGN, p.Sign("同意。"),
        actor_of(center, "secretary", store.device_id), base_hash="of an older version",
    )  # fmt: skip
    recorded = store.record(stale, START + timedelta(minutes=6))
    assert recorded.order is not None
    (conflict,) = recorded.order.conflicts
    assert conflict.alerts == UNCONFIRMED
    assert all(finding.ok for finding in store.doctor()), store.doctor()
