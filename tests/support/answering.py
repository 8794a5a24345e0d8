"""A platform in memory for tests of the store: the real rules, answers as they come over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center
from desktop_app.domain.center_rules import decide_center
from desktop_app.domain.ids import CENTER, ActId, OrderId
from desktop_app.domain.orders import Order, Outcome
from desktop_app.domain.refusals import Refusal
from local_store.rows import ActDraft, Recorded
from local_store.store import Store
from sync.protocol.messages import ActResult, SyncAnswer
from tests.support.acts import PAYLOADS, actor_of, make_act
from tests.support.center import sample_center, sample_order
from tests.support.clock import START

KEY = bytes(range(32))


@dataclass
class Answering:
    """Takes acts and orders, and answers with what changed since a cursor."""

    center: Center = field(default_factory=sample_center)
    orders: dict[OrderId, Order] = field(default_factory=dict)
    results: dict[ActId, ActResult] = field(default_factory=dict)
    feed: list[str] = field(default_factory=list)
    epoch: str = "e1"

    def dispatch(self, *orders: Order) -> None:
        for order in orders:
            self.orders[order.id] = order
            self.feed.append(order.id)

    def do(
        self, order_id: str, person: str, kind: ActKind, at: datetime, payload: object | None = None
    ) -> Act:
        """Let somebody at another seat act on the newest state."""
        order = self.orders[OrderId(order_id)]
        act = make_act(order, self.center, person, kind, at, payload, seat=f"other-{person}")
        self.judge(act, at)
        return act

    def judge(self, act: Act, at: datetime) -> ActResult:
        """Take one act; a repeat gets the original answer."""
        first = self.results.get(act.id)
        if first is not None:
            return ActResult(
                act_id=act.id, outcome=Outcome.DUPLICATE, rev=first.rev, original=first.outcome,
                code=first.code, reason=first.reason,
            )  # fmt: skip
        try:
            result = self._apply(act, at)
        except Refusal as refusal:
            result = ActResult(
                act_id=act.id, outcome=Outcome.REJECTED, code=refusal.code, reason=str(refusal)
            )
        self.results[act.id] = result
        return result

    def _apply(self, act: Act, at: datetime) -> ActResult:
        self.feed.append(act.subject)
        if act.subject == CENTER:
            self.center = decide_center(self.center, act, at)
            return ActResult(act_id=act.id, outcome=Outcome.APPLIED, rev=self.center.rev)
        decision = decide(self.orders[act.subject], act, self.center, at)
        self.orders[act.subject] = decision.order
        return ActResult(
            act_id=act.id, outcome=decision.outcome, rev=decision.order.rev, reason=decision.note
        )

    def answer(
        self, at: datetime, cursor: str = "", acts: Sequence[Act] = (), limit: int | None = None
    ) -> SyncAnswer:
        """Push ``acts``, pull what changed since ``cursor``, at most ``limit`` feed entries."""
        results = tuple(self.judge(act, at) for act in acts)
        start = int(cursor or 0)
        end = len(self.feed) if limit is None else min(len(self.feed), start + limit)
        changed = dict.fromkeys(self.feed[start:end])
        return SyncAnswer(
            server_id="s", epoch=self.epoch, now=at, cursor=str(end), more=end < len(self.feed),
            results=results, end=self.epoch,
            orders=tuple(self.orders[OrderId(i)] for i in changed if i != CENTER),
            center=self.center if start == 0 or CENTER in changed else None,
        )  # fmt: skip


def new_store(path: Path) -> Store:
    return Store.open(path, KEY)


def synced_store(path: Path, platform: Answering, at: datetime = START) -> Store:
    """Return a store that has pulled everything."""
    store = new_store(path)
    pull(store, platform, at)
    return store


def pull(store: Store, platform: Answering, at: datetime, acts: Iterable[Act] = ()) -> None:
    """One sync: push ``acts``, pull everything."""
    sent = tuple(acts)
    store.apply_answer(platform.answer(at, store.sync_point().cursor, sent), sent)


def with_orders(*numbers: int, tier: str = "general") -> Answering:
    """Return a platform with some invented orders, dispatched at ``START``."""
    platform = Answering()
    platform.dispatch(*(sample_order(START, n, tier, platform.center) for n in numbers))
    return platform


def record(
    store: Store, person: str, order_id: str, kind: ActKind, at: datetime, payload: object = None
) -> Recorded:
    """Record an act of ``person`` at this seat, with a complete payload."""
    center = store.center()
    assert center is not None
    view = store.view(OrderId(order_id))
    shown = view.proposal.hash if kind is ActKind.SIGN and view and view.proposal else ""
    return store.record(
        ActDraft(
            OrderId(order_id),
            kind,
            payload or PAYLOADS.get(kind) or _empty(),
            actor_of(center, person, store.device_id),
            base_hash=shown,
        ),
        at,
    )


def _empty() -> object:
    from desktop_app.domain.payloads import Empty

    return Empty()
