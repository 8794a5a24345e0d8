"""What an answer does: each outcome has its place, and nothing older ever replaces what is newer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import Outcome, Stage
from local_store.rows import OutboxStatus, SyncState
from local_store.store import Store
from sync.protocol import codec
from sync.protocol.messages import ActResult, RawSyncAnswer, SyncAnswer
from tests.support.answering import Answering, pull, record
from tests.support.center import sample_order
from tests.support.clock import START

K = ActKind
ORDER = OrderId("order-1")
DISPATCHER = PersonId("dispatcher")
T1, T2, T3 = (START + timedelta(minutes=m) for m in (5, 10, 15))


def _result(store: Store, act_id: str, outcome: Outcome, **more: object) -> SyncAnswer:
    point = store.sync_point()
    result = msgspec.convert({"act_id": act_id, "outcome": outcome.value, **more}, ActResult)
    return SyncAnswer(
        server_id="s", epoch="e1", now=T2, cursor=point.cursor, results=(result,), end="e1"
    )


def test_an_answered_act_leaves_the_outbox_with_the_state_that_holds_it(
    store: Store, platform: Answering
) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    pull(store, platform, T2, [act])
    assert store.outbox() == []
    assert store.view(ORDER) == store.base(ORDER) == platform.orders[ORDER]
    row = store.row(ORDER)
    assert row is not None
    assert (row.sync, row.pending) == (SyncState.SYNCED, 0)
    assert store.sync_point().ack == 1


def test_a_result_without_the_order_keeps_the_act_in_the_view(
    store: Store, platform: Answering
) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    rev = platform.judge(act, T2).rev
    store.apply_answer(_result(store, act.id, Outcome.APPLIED, rev=rev), [act])
    (item,) = store.outbox()
    assert item.status is OutboxStatus.ANSWERED
    assert store.pending_count() == 0
    assert store.next_batch(10, DISPATCHER) == ()
    view = store.view(ORDER)
    assert view is not None
    assert view.stage is Stage.ACCEPTED
    pull(store, platform, T3)
    assert store.outbox() == []


def test_a_lost_answer_is_made_good_by_sending_again(store: Store, platform: Answering) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    platform.answer(T2, store.sync_point().cursor, [act])  # never arrives
    assert store.next_batch(10, DISPATCHER) == (act,)
    pull(store, platform, T3, [act])
    assert store.outbox() == []
    assert store.view(ORDER) == platform.orders[ORDER]
    assert platform.orders[ORDER].rev == 2


def test_a_refused_act_stays_to_be_decided_until_it_is_set_aside(
    store: Store, platform: Answering
) -> None:
    platform.do(ORDER, "dispatcher2", K.ACCEPT, T1)
    platform.do(ORDER, "platform", K.WITHDRAW, T1)
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T2).act
    note = record(store, "dispatcher", ORDER, K.VERIFY, T2, p.Verify("matches", "通话三分钟")).act
    pull(store, platform, T3, [act, note])
    center = store.center()
    assert center is not None
    person = center.person("dispatcher")
    assert person is not None
    (decision,) = [d for d in store.decisions(person) if d.act]
    assert decision.act == note
    assert decision.reason
    row = store.row(ORDER)
    assert row is not None
    assert row.sync is SyncState.REJECTED
    view = store.view(ORDER)
    assert view is not None
    assert view.stage is Stage.WITHDRAWN
    assert store.next_batch(10, DISPATCHER) == ()
    record(store, "dispatcher", ORDER, K.SET_ASIDE, T3, p.SetAside(note.id, "已电话说明"))
    assert store.decisions(person) == []
    assert store.outbox(waiting_only=True)[0].act.kind is K.SET_ASIDE
    row = store.row(ORDER)
    assert row is not None
    assert row.sync is SyncState.PENDING


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.DEFERRED, OutboxStatus.DEFERRED), (Outcome.BLOCKED, OutboxStatus.BLOCKED)],
)
def test_an_act_put_off_waits_with_its_reason_behind_the_others(
    store: Store, outcome: Outcome, status: OutboxStatus
) -> None:
    first = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    second = record(store, "dispatcher", "order-2", K.ACCEPT, T1).act
    store.apply_answer(_result(store, first.id, outcome, reason="照片还没传完"), [first])
    item = store.outbox()[0]
    assert (item.status, item.reason) == (status, "照片还没传完")
    assert store.next_batch(1, DISPATCHER) == (second,)
    assert store.next_batch(9, DISPATCHER) == (second, first)


def test_the_acts_behind_one_that_is_held_take_no_room_from_the_others(store: Store) -> None:
    held = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    record(store, "dispatcher", ORDER, K.NOTE, T2)
    other = record(store, "dispatcher", "order-2", K.ACCEPT, T3).act
    assert store.next_batch(1, DISPATCHER, {held.id}) == (other,)
    assert store.next_batch(9, DISPATCHER, {held.id}) == (other,)


def test_results_never_asked_for_change_nothing_and_missing_ones_leave_acts_waiting(
    store: Store,
) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    store.apply_answer(_result(store, "nobody-knows", Outcome.REJECTED), [act])
    store.apply_answer(_result(store, act.id, Outcome.REJECTED), [])
    assert store.next_batch(10, DISPATCHER) == (act,)
    assert store.outbox()[0].status is OutboxStatus.WAITING


def test_an_older_page_changes_nothing(
    store: Store, platform: Answering, open_store: Callable[[Answering], Store]
) -> None:
    old = platform.answer(T1)
    platform.do(ORDER, "dispatcher2", K.ACCEPT, T1)
    pull(store, platform, T2)
    store.apply_answer(old)
    assert store.base(ORDER) == platform.orders[ORDER]
    row = store.row(ORDER)
    assert row is not None
    assert row.stage is Stage.ACCEPTED


def test_raw_pages_are_taken_like_decoded_ones(store: Store, platform: Answering) -> None:
    platform.do(ORDER, "dispatcher2", K.ACCEPT, T1)
    wire = codec.encode(platform.answer(T2, store.sync_point().cursor))
    store.apply_answer(codec.decode(wire, RawSyncAnswer))
    assert store.base(ORDER) == platform.orders[ORDER]


def test_a_page_with_an_unreadable_order_changes_nothing(store: Store) -> None:
    point = store.sync_point()
    answer = RawSyncAnswer(
        server_id="s", epoch="e1", now=T1, cursor="99", end="e1",
        orders=(msgspec.Raw(b'{"id": 1}'),),
    )  # fmt: skip
    with pytest.raises(msgspec.ValidationError):
        store.apply_answer(answer)
    assert store.sync_point() == point


def test_an_answer_of_another_epoch_is_not_taken(store: Store, platform: Answering) -> None:
    point = store.sync_point()
    platform.epoch = "e2"
    with pytest.raises(ValueError, match="epoch"):
        store.apply_answer(platform.answer(T1))
    assert store.sync_point() == point


def test_after_a_restore_every_kept_act_is_sent_again_and_older_states_are_taken(
    store: Store, platform: Answering
) -> None:
    backup = dict(platform.orders)
    sent = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    pull(store, platform, T2, [sent])
    waiting = record(store, "dispatcher", "order-2", K.ACCEPT, T2).act
    restored = Answering(platform.center, backup, epoch="e2", feed=list(backup))
    store.start_replay("s", "e2")
    assert store.sync_point().cursor == ""
    assert store.sync_point().ack == 0
    assert store.next_batch(10, DISPATCHER) == (sent, waiting)
    view = store.view(ORDER)
    assert view is not None
    assert view.stage is Stage.ACCEPTED  # nothing disappears from the screen meanwhile
    store.apply_answer(restored.answer(T3, "", limit=2))
    base = store.base(ORDER)
    assert base is not None
    assert base.rev == 1
    pull(store, restored, T3, [sent, waiting])
    assert store.outbox() == []
    assert store.view(ORDER) == restored.orders[ORDER]
    assert all(f.ok for f in store.doctor())
    store.apply_answer(platform_answer_of_old_rev(restored))
    assert store.view(ORDER) == restored.orders[ORDER]  # the replay is over: newest wins again


def test_an_order_that_comes_back_late_after_a_restore_is_taken_whatever_its_revision(
    store: Store, platform: Answering
) -> None:
    """A handler is sent an order again only when the signature that names him is back."""
    sent = [record(store, "dispatcher", ORDER, K.NOTE, T1 + timedelta(n)).act for n in range(3)]
    pull(store, platform, T2, sent)
    lost = store.base(ORDER)
    assert lost is not None
    store.start_replay("s", "e2")
    others = {key: order for key, order in platform.orders.items() if key != ORDER}
    restored = Answering(platform.center, others, epoch="e2", feed=list(others))
    store.apply_answer(restored.answer(T3, ""))
    assert store.base(ORDER) == lost, "nothing disappears from the screen"
    back = sample_order(START, 1, center=platform.center)
    assert back.rev < lost.rev
    restored.orders[ORDER] = back
    restored.feed.append(ORDER)
    store.apply_answer(restored.answer(T3, "2"))
    assert store.base(ORDER) == back
    assert all(f.ok for f in store.doctor())


def platform_answer_of_old_rev(platform: Answering) -> SyncAnswer:
    first = sample_order(START, 1, center=platform.center)
    return SyncAnswer(
        server_id="s", epoch="e2", now=T3, cursor=str(len(platform.feed)), orders=(first,), end="e2"
    )


def test_many_orders_say_look_at_everything(store: Store, platform: Answering) -> None:
    platform.dispatch(*(sample_order(START, n, center=platform.center) for n in range(10, 620)))
    changes = store.apply_answer(platform.answer(T1, store.sync_point().cursor))
    assert changes.everything
    assert len(changes.orders) == 610
    while store.index_some(200):
        pass
    assert all(f.ok for f in store.doctor())


def test_the_journal_keeps_ninety_days(store: Store, platform: Answering) -> None:
    for n, order in enumerate(("order-1", "order-2", "order-3")):
        act = record(store, "dispatcher", order, K.ACCEPT, T1 + timedelta(days=60 * n)).act
        pull(store, platform, T2 + timedelta(days=60 * n), [act])
    store.tidy(T1 + timedelta(days=121))
    assert all(f.ok for f in store.doctor())
    store.start_replay("s", "e2")
    assert [a.subject for a in store.next_batch(9, DISPATCHER)] == ["order-2", "order-3"]
