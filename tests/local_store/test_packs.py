"""Orders that came packed are read, listed, found and changed like any others."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId, PersonId
from local_store.rows import ListQuery, SavedView
from local_store.store import Store
from sync.protocol import codec
from sync.protocol.messages import RawSyncAnswer, SyncAnswer
from sync.protocol.packing import MOST_BYTES, PACK_BYTES, packed, unpacked
from tests.support.answering import Answering, new_store, pull, record, with_orders
from tests.support.clock import START

K = ActKind
MANY = 60
ORDER = OrderId("order-7")
T1, T2, T3 = (START + timedelta(minutes=m) for m in (5, 10, 15))


@pytest.fixture
def platform() -> Answering:
    return with_orders(*range(1, MANY + 1))


@pytest.fixture
def store(tmp_path: Path, platform: Answering) -> Store:
    """A store whose first sync came packed."""
    made = new_store(tmp_path / "packed")
    made.apply_answer(_packed(platform.answer(START)))
    return made


@pytest.fixture
def singly(open_store: Callable[[Answering], Store], platform: Answering) -> Store:
    """The same store, synced order by order."""
    return open_store(platform)


def _packed(answer: SyncAnswer) -> SyncAnswer:
    packs = tuple(packed(codec.encode(order) for order in answer.orders))
    return msgspec.structs.replace(answer, orders=(), packs=packs)


def test_packed_and_single_orders_read_the_same(
    store: Store, singly: Store, platform: Answering
) -> None:
    center = platform.center
    person = center.person(PersonId("dispatcher"))
    assert person is not None
    query = ListQuery(view=SavedView.ALL)
    ids, same = (s.order_ids(query, T1, person) for s in (store, singly))
    rows, expected = store.rows(ids), singly.rows(same)
    assert [r.order_id for r in rows] == [r.order_id for r in expected]
    assert [(r.title, r.clock, r.nodes) for r in rows] == [
        (r.title, r.clock, r.nodes) for r in expected
    ]
    for order_id, order in platform.orders.items():
        assert store.base(order_id) == store.view(order_id) == order
    assert [c.order_id for c in store.open_clocks()] == [c.order_id for c in singly.open_clocks()]
    while store.index_some():
        pass
    assert all(finding.ok for finding in store.doctor())
    store.close()


def test_an_order_leaves_its_pack_when_it_changes(store: Store, platform: Answering) -> None:
    act = record(store, "dispatcher", ORDER, K.ACCEPT, T1).act
    assert store.base(ORDER) == platform.orders[ORDER]
    pull(store, platform, T2, [act])
    other = OrderId("order-8")
    platform.do(other, "dispatcher", K.NOTE, T2, p.Text("别处记的"))
    pull(store, platform, T3)
    for order_id, order in platform.orders.items():
        assert store.base(order_id) == store.view(order_id) == order
    assert all(finding.ok for finding in store.doctor())
    store.close()


def test_a_pack_with_orders_that_are_here_brings_what_is_newer(
    store: Store, platform: Answering
) -> None:
    platform.do(ORDER, "dispatcher", K.NOTE, T2, p.Text("别处记的"))
    store.start_replay("s", "e1")
    store.apply_answer(_packed(platform.answer(T3)))
    for order_id, order in platform.orders.items():
        assert store.base(order_id) == order
    assert all(finding.ok for finding in store.doctor())
    store.close()


def test_packs_nobody_needs_any_more_are_dropped(store: Store, platform: Answering) -> None:
    for order_id in platform.orders:
        platform.do(order_id, "dispatcher", K.NOTE, T2, p.Text("改过"))
    pull(store, platform, T2)
    store.tidy(T3)
    with store._db.read() as tx:
        assert tx.one("SELECT count(*) FROM packs")[0] == 0
    assert store.base(ORDER) == platform.orders[ORDER]
    store.close()


@pytest.mark.fault("answers.no_pack")
@pytest.mark.parametrize(
    "pack",
    [b"", b"no", zlib.compress(b"[1,")[:-1], zlib.compress(b"{}"), zlib.compress(b"[]") + b"x"],
)
def test_what_is_no_pack_changes_nothing(store: Store, pack: bytes) -> None:
    before = store.sync_point()
    answer = RawSyncAnswer(server_id="s", epoch="e1", now=T2, cursor="999", packs=(pack,), end="e1")
    with pytest.raises(ValueError, match=r"pack|array"):
        store.apply_answer(answer)
    assert store.sync_point() == before
    store.close()


@pytest.mark.fault("answers.no_pack")
def test_a_pack_that_would_fill_the_memory_is_refused() -> None:
    bomb = zlib.compress(b"[" + b" " * (MOST_BYTES + 1) + b"]")
    with pytest.raises(ValueError, match="whole"):
        unpacked(bomb)


def test_packs_are_small_and_keep_the_order() -> None:
    states = [b'{"n":%d,"text":"%s"}' % (n, b"x" * 5000) for n in range(50)]
    packs = list(packed(states))
    assert len(packs) > 1
    assert [bytes(state) for pack in packs for state in unpacked(pack)] == states
    assert max(sum(map(len, map(bytes, unpacked(pack)))) for pack in packs) < PACK_BYTES + 6000
    assert list(packed([])) == []
