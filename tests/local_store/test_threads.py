"""The GUI thread records while the sync thread takes pages in: both are served, neither sees halves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import PersonId
from local_store.store import Store
from tests.support.answering import Answering, pull, record
from tests.support.center import sample_order
from tests.support.clock import START

LATER = START + timedelta(minutes=5)


def test_recording_and_syncing_at_once(store: Store, platform: Answering) -> None:
    def write() -> None:
        for n in range(60):
            note = p.Text(f"第 {n} 条")
            record(store, "dispatcher", f"order-{n % 3 + 1}", ActKind.NOTE, LATER, note)

    def sync() -> None:
        for n in range(30):
            platform.dispatch(sample_order(START, 100 + n))
            pull(store, platform, LATER, store.next_batch(7, PersonId("dispatcher")))
            store.index_some(10)

    def look() -> None:
        for _ in range(60):
            for row in store.rows([1, 2, 3]):
                view = store.view(row.order_id)
                assert view is not None
                assert view.rev >= row.rev
            store.open_clocks()
            store.outbox()

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(work) for work in (write, sync, look)]:
            done.result(60)
    pull(store, platform, LATER, store.next_batch(99, PersonId("dispatcher")))
    assert store.outbox() == []
    for n in (1, 2, 3):
        order = platform.orders[f"order-{n}"]  # type: ignore[index]
        assert store.view(order.id) == order
        assert order.rev == 21
    assert [f for f in store.doctor() if not f.ok] == []
