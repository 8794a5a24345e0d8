"""View = fold(base, waiting acts), whatever is recorded, sent, lost, doubled, reordered, reopened or destroyed."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import fold
from desktop_app.domain.ids import ActId, OrderId, PersonId
from desktop_app.domain.refusals import Refusal
from local_store import backups, recovery
from local_store.rows import OutboxStatus
from local_store.store import FILE_NAME, Store
from sync.protocol.messages import SyncAnswer
from tests.support.acts import PAYLOADS
from tests.support.answering import KEY, Answering, new_store, pull, record, with_orders
from tests.support.clock import START

K = ActKind
ORDERS = ("order-1", "order-2")
HERE = PersonId("dispatcher")
MINE = (
    K.ACCEPT, K.VERIFY, K.PROPOSE, K.WITHDRAW_PROPOSAL, K.EMERGENCY, K.NOTE, K.URGE, K.REVIEW,
    K.REPORT_BACK, K.ARCHIVE, K.CALL,
)  # fmt: skip
THEIRS = (
    ("dispatcher2", K.ACCEPT), ("dispatcher2", K.VERIFY), ("dispatcher2", K.PROPOSE),
    ("secretary", K.SIGN), ("secretary", K.RETURN_PROPOSAL), ("village", K.HANDLER_ACCEPT),
    ("village", K.MEET), ("village", K.EXPLAIN), ("leader", K.DETERMINE), ("village", K.CONCLUDE),
    ("platform", K.CALL_BACK), ("platform", K.STOP_CLOCK), ("platform", K.WITHDRAW),
)  # fmt: skip
PENDING = (
    OutboxStatus.WAITING, OutboxStatus.BLOCKED, OutboxStatus.DEFERRED, OutboxStatus.ANSWERED,
)  # fmt: skip


class StoreMachine(RuleBasedStateMachine):
    """One real store against a platform of real rules, over the worst of lines."""

    @initialize()
    def start(self) -> None:
        self.profile = Path(tempfile.mkdtemp(prefix="fold-"))
        self.platform: Answering = with_orders(1, 2)
        self.store: Store = new_store(self.profile)
        self.now: datetime = START
        self.recorded: list[ActId] = []
        self.old: list[tuple[SyncAnswer, tuple[Act, ...]]] = []
        pull(self.store, self.platform, self.now)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.profile)

    def tick(self) -> datetime:
        self.now += timedelta(minutes=7)
        return self.now

    @rule(order=st.sampled_from(ORDERS), kind=st.sampled_from(MINE))
    def record(self, order: str, kind: ActKind) -> None:
        try:
            act = record(self.store, HERE, order, kind, self.tick()).act
        except Refusal:
            return
        self.recorded.append(act.id)

    @rule(order=st.sampled_from(ORDERS), theirs=st.sampled_from(THEIRS))
    def others_act(self, order: str, theirs: tuple[str, ActKind]) -> None:
        person, kind = theirs
        self.platform.do(order, person, kind, self.tick(), PAYLOADS.get(kind))

    @rule(limit=st.integers(1, 4))
    def sync(self, limit: int) -> None:
        acts = self.store.next_batch(limit, HERE)
        answer = self.platform.answer(self.tick(), self.store.sync_point().cursor, acts, limit)
        self.store.apply_answer(answer, acts)
        self.old.append((answer, acts))

    @rule()
    def lose_the_answer(self) -> None:
        acts = self.store.next_batch(2, HERE)
        answer = self.platform.answer(self.tick(), self.store.sync_point().cursor, acts)
        self.old.append((answer, acts))

    @rule(data=st.data())
    def an_old_answer_comes_again(self, data: st.DataObject) -> None:
        """Without its cursor: the engine never goes back, but states and results may repeat."""
        if not self.old:
            return
        answer, acts = data.draw(st.sampled_from(self.old))
        cursor = self.store.sync_point().cursor
        self.store.apply_answer(
            SyncAnswer(
                server_id="s", epoch="e1", now=self.now, cursor=cursor, more=True,
                results=answer.results, orders=answer.orders, end="e1",
            ),
            acts,
        )  # fmt: skip

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = new_store(self.profile)

    @rule()
    def back_up(self) -> None:
        self.store.back_up(self.now)

    @rule()
    def the_file_is_destroyed(self) -> None:
        """Rebuilt of a backup if there is one; what the platform has comes again from there."""
        self.store.close()
        (self.profile / FILE_NAME).write_bytes(b"destroyed" * 1000)
        recovery.rebuild(self.profile, KEY)
        self.store = new_store(self.profile)
        pull(self.store, self.platform, self.tick())

    @rule()
    def somebody_goes_back_to_a_backup(self) -> None:
        made = backups.backups(self.profile)
        if made:
            self.store.close()
            recovery.restore(self.profile, KEY, made[-1])
            self.store = new_store(self.profile)
            pull(self.store, self.platform, self.tick())

    @invariant()
    def view_is_fold(self) -> None:
        if not hasattr(self, "store"):
            return
        center = self.store.center()
        assert center is not None
        outbox = self.store.outbox()
        for order in ORDERS:
            acts = tuple(i.act for i in outbox if i.act.subject == order and i.status in PENDING)
            base = self.store.base(OrderId(order))
            assert base is not None
            assert self.store.view(OrderId(order)) == fold(base, acts, center)

    @invariant()
    def nothing_recorded_is_lost(self) -> None:
        if not hasattr(self, "store"):
            return
        here = {item.act.id for item in self.store.outbox()}
        there = {e.act_id for o in self.platform.orders.values() for e in o.history}
        refused = {i for i, r in self.platform.results.items() if r.outcome.value == "rejected"}
        assert set(self.recorded) <= here | there | refused
        assert [f for f in self.store.doctor() if not f.ok] == []

    @rule()
    def all_quiet(self) -> None:
        for _ in range(3):
            acts = self.store.next_batch(99, HERE)
            pull(self.store, self.platform, self.tick(), acts)
        assert self.store.pending_count() == 0
        for order in ORDERS:
            assert self.store.view(OrderId(order)) == self.platform.orders[OrderId(order)]


StoreMachine.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestStoreMachine = StoreMachine.TestCase
