"""An order that only own acts changed need not come back: its digest proves that both have the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.ids import OrderId, PersonId
from local_store.store import Store
from sync.protocol import codec
from sync.protocol.folding import as_folded, as_received, state_digest, wire_time
from sync.protocol.messages import SyncAnswer
from tests.support.answering import Answering, pull, record
from tests.support.clock import START

K = ActKind
ORDER, OTHER = OrderId("order-1"), OrderId("order-2")
T1, T2, T3, T4 = (START + timedelta(minutes=m) for m in (5, 10, 15, 20))


def _folded(platform: Answering, store: Store, acts: Sequence[Act], at: object = T3) -> SyncAnswer:
    """Return the answer to ``acts`` without the orders, with their digests."""
    answer = platform.answer(T3, store.sync_point().cursor, acts)
    last = {act.subject: act.id for act in acts}
    counts = {s: sum(a.subject == s for a in acts) for s in last}
    results = tuple(
        msgspec.structs.replace(
            r,
            state=_digest(platform, subject, counts[subject]) if last[subject] == r.act_id else "",
        )
        for r, subject in zip(answer.results, (a.subject for a in acts), strict=True)
    )
    left = tuple(o for o in answer.orders if o.id not in last)
    return msgspec.structs.replace(answer, results=results, orders=left, received_at=at)


def _digest(platform: Answering, subject: OrderId, count: int) -> str:
    return state_digest(as_folded(codec.encode(platform.orders[subject]), count))


def test_orders_taken_by_their_digest_are_what_the_platform_has(
    store: Store, platform: Answering
) -> None:
    acts = [
        record(store, "dispatcher", ORDER, K.ACCEPT, T1).act,
        record(store, "dispatcher", OTHER, K.ACCEPT, T1).act,
        record(store, "dispatcher", ORDER, K.NOTE, T2, p.Text("到过现场")).act,
    ]
    answer = _folded(platform, store, acts)
    assert answer.orders == ()
    changes = store.apply_answer(answer, acts)
    assert changes.orders == {ORDER, OTHER}
    assert store.outbox() == []
    for order_id in (ORDER, OTHER):
        assert store.base(order_id) == store.view(order_id) == platform.orders[order_id]
    row = store.row(ORDER)
    assert row is not None
    assert (row.rev, row.pending) == (3, 0)
    assert store.sync_point().cursor == answer.cursor
    assert store.sync_point().ack == 3
    assert all(finding.ok for finding in store.doctor())


def test_the_times_of_receipt_come_into_the_file_in_the_background(
    store: Store, platform: Answering
) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    store.apply_answer(_folded(platform, store, [act]), [act])
    assert store.settle_some() == 1
    assert store.settle_some() == 0
    assert store.base(ORDER) == store.view(ORDER) == platform.orders[ORDER]
    assert all(finding.ok for finding in store.doctor())


@pytest.mark.parametrize("settled", [False, True])
def test_the_next_act_stands_on_what_was_taken(
    store: Store, platform: Answering, settled: bool
) -> None:
    first = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    store.apply_answer(_folded(platform, store, [first]), [first])
    if settled:
        store.settle_some()
    second = record(store, "dispatcher", ORDER, K.NOTE, T4, p.Text("再记一条")).act
    assert second.base_rev == platform.orders[ORDER].rev
    assert store.base(ORDER) == platform.orders[ORDER]
    store.apply_answer(_folded(platform, store, [second]), [second])
    assert store.view(ORDER) == platform.orders[ORDER]
    assert all(finding.ok for finding in store.doctor())


@pytest.mark.fault("answers.other_state")
def test_another_digest_lets_the_order_come_whole(store: Store, platform: Answering) -> None:
    """Somebody else wrote meanwhile, or the platform knows better: the cursor stays before that."""
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    before = store.sync_point().cursor
    platform.do(ORDER, "dispatcher", K.NOTE, T2, p.Text("别处记的"))
    store.apply_answer(_folded(platform, store, [act]), [act])
    assert store.sync_point().cursor == before
    assert store.base(ORDER) != platform.orders[ORDER]
    assert store.next_batch(10, PersonId("dispatcher")) == ()  # answered: not sent again
    pull(store, platform, T4)
    assert store.base(ORDER) == store.view(ORDER) == platform.orders[ORDER]
    assert store.outbox() == []


def test_an_act_recorded_while_the_answer_was_on_its_way_is_kept(
    store: Store, platform: Answering
) -> None:
    first = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    answer = _folded(platform, store, [first])
    second = record(store, "dispatcher", ORDER, K.NOTE, T2, p.Text("答复途中记的")).act
    store.apply_answer(answer, [first])
    pull(store, platform, T4, store.next_batch(10, PersonId("dispatcher")))
    view = store.view(ORDER)
    assert view == platform.orders[ORDER]
    assert view is not None
    assert view.history[-1].act_id == second.id
    assert all(finding.ok for finding in store.doctor())


def test_a_digest_without_the_time_of_receipt_proves_nothing(
    store: Store, platform: Answering
) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    before = store.sync_point().cursor
    store.apply_answer(_folded(platform, store, [act], at=None), [act])
    assert store.sync_point().cursor == before
    pull(store, platform, T4)
    assert store.view(ORDER) == platform.orders[ORDER]


def test_a_newer_state_replaces_what_was_taken(store: Store, platform: Answering) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    store.apply_answer(_folded(platform, store, [act]), [act])
    platform.do(ORDER, "dispatcher", K.NOTE, T4, p.Text("别处后来记的"))
    pull(store, platform, T4)
    assert store.base(ORDER) == store.view(ORDER) == platform.orders[ORDER]
    assert all(finding.ok for finding in store.doctor())


def test_times_of_receipt_are_put_in_and_taken_out() -> None:
    def entry(occurred: str, received: str) -> str:
        return f'{{"act_id":"a","occurred_at":"{occurred}","received_at":"{received}","rev":1}}'

    def state(*receipts: str) -> bytes:
        entries = ",".join(entry(f"o{n}", at) for n, at in enumerate(receipts))
        return f'{{"id":"x","history":[{entries}]}}'.encode()

    assert as_folded(state("r0", "r1", "r2"), 2) == state("r0", "o1", "o2")
    assert as_received(state("r0", "o1", "o2"), 2, "now") == state("r0", "now", "now")
    assert as_received(state("r0"), 0, "now") == state("r0")
    with pytest.raises(ValueError, match="not found"):
        as_folded(state("r0"), 2)
    assert wire_time(START).endswith("Z")


@pytest.mark.fault("answers.other_state")
def test_a_result_that_comes_twice_counts_once(store: Store, platform: Answering) -> None:
    """Else one act more than there are would be given a time of receipt, and the order be unreadable."""
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    answer = _folded(platform, store, [act])
    doubled = msgspec.structs.replace(answer, results=answer.results * 5)
    store.apply_answer(doubled, [act])
    assert store.base(ORDER) == store.view(ORDER) == platform.orders[ORDER]
    assert store.settle_some() == 1
    assert all(finding.ok for finding in store.doctor())
