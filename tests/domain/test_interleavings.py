"""Three seats go offline and come back in any order: the invariants of the domain hold, and all agree.

Seats and platform run the real ``decide``; only the wire between them is a list. What a seat pushes
may arrive once, twice or be answered and lost; a seat may be killed and start again from its store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide, fold
from desktop_app.domain.ids import ActId
from desktop_app.domain.orders import Order, Outcome, Stage
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from tests.support.acts import PAYLOADS, make_act
from tests.support.center import sample_center, sample_order
from tests.support.clock import START

K = ActKind
CENTER = sample_center()
PEOPLE = ("dispatcher", "secretary", "leader", "village", "village2")
SEATS = ("desk", "field", "away")
KINDS = [k for k in PAYLOADS if k not in (K.ACKNOWLEDGE, K.SNOOZE)] + [
    K.ACCEPT,
    K.HANDLER_ACCEPT,
    K.ARCHIVE,
]
VARIANTS = {
    K.CONCLUDE: (p.Conclude("已修复"), p.Conclude("先垫平", finished=False, promise="25 日前")),
    K.DETERMINE: (p.Determine("reasonable"), p.Determine("disputed")),
    K.SIGN: (p.Sign("同意。"), p.Sign("同意,抓紧。")),
    K.VERIFY: (p.Verify("matches"), p.Verify("unreachable")),
    K.REVIEW: (p.Review(True), p.Review(False, "还有积水")),
}


@dataclass
class PlatformModel:
    """What the platform keeps: the order and every result it ever gave."""

    order: Order
    results: dict[ActId, tuple[Outcome, str]] = field(default_factory=dict)

    def take(self, act: Act, at: datetime) -> tuple[Outcome, str]:
        """Apply an act once; a repeat gets the original answer."""
        if act.id in self.results:
            return self.results[act.id]
        try:
            decision = decide(self.order, act, CENTER, at)
        except Refusal as refusal:
            self.results[act.id] = (Outcome.REJECTED, refusal.code)
        else:
            self.order = decision.order
            self.results[act.id] = (decision.outcome, "")
        return self.results[act.id]


@dataclass
class SeatModel:
    """What a seat keeps on disk: the platform's last state, and its own acts still to be sent."""

    base: Order
    pending: list[Act] = field(default_factory=list)
    refused: list[Act] = field(default_factory=list)

    shown: tuple[tuple[int, int], Order] | None = None

    @property
    def view(self) -> Order:
        key = (self.base.rev, len(self.pending))
        if self.shown is None or self.shown[0] != key:
            self.shown = (key, fold(self.base, tuple(self.pending), CENTER))
        return self.shown[1]


class ThreeSeats(RuleBasedStateMachine):
    """Random people act on random seats; seats sync when it pleases the network."""

    @initialize()
    def begin(self) -> None:
        order = sample_order(START, center=CENTER)
        self.now = START
        self.platform = PlatformModel(order)
        self.seats = {name: SeatModel(order) for name in SEATS}
        self.recorded: list[Act] = []
        self.longest: tuple[ActId, ...] = ()

    @rule(
        seat=st.sampled_from(SEATS),
        person=st.sampled_from(PEOPLE),
        kind=st.sampled_from(KINDS),
        variant=st.integers(0, 1),
    )
    def anybody_tries_anything(self, seat: str, person: str, kind: ActKind, variant: int) -> None:
        self._try(seat, person, kind, variant)

    @rule(seat=st.sampled_from(SEATS), variant=st.integers(0, 1), steps=st.integers(1, 5))
    def somebody_moves_on(self, seat: str, variant: int, steps: int) -> None:
        """Without this the random walk would seldom leave the first stages."""
        for _ in range(steps):
            person, kind = _next(self.seats[seat].view)
            self._try(seat, person, kind, variant)

    @rule(seat=st.sampled_from(SEATS))
    def a_conflict_is_decided(self, seat: str) -> None:
        view = self.seats[seat].view
        for conflict in view.open_conflicts:
            for person in PEOPLE:
                choice = p.Resolve(conflict.id, "second", "看过现场")
                self._try(seat, person, K.RESOLVE_CONFLICT, 0, choice)

    def _try(
        self, seat: str, person: str, kind: ActKind, variant: int, payload: object | None = None
    ) -> None:
        self.now += timedelta(minutes=7)
        store = self.seats[seat]
        view = store.view
        content = payload or VARIANTS.get(kind, (None, None))[variant]
        act = make_act(
            view, CENTER, person, kind, self.now, content, base_rev=store.base.rev, seat=seat
        )
        try:
            decide(view, act, CENTER, self.now)
        except Refusal:
            return
        store.pending.append(act)
        self.recorded.append(act)

    @rule(seat=st.sampled_from(SEATS), answer_lost=st.booleans(), upto=st.integers(1, 9))
    def sync(self, seat: str, answer_lost: bool, upto: int) -> None:
        self.now += timedelta(minutes=1)
        store = self.seats[seat]
        sent = store.pending[:upto]
        results = [self.platform.take(act, self.now) for act in sent]
        if answer_lost:
            return
        store.base = self.platform.order
        store.pending = store.pending[len(sent) :]
        store.refused += [
            act for act, (o, _) in zip(sent, results, strict=True) if o is Outcome.REJECTED
        ]

    @rule(seat=st.sampled_from(SEATS))
    def the_same_request_arrives_twice(self, seat: str) -> None:
        for act in self.seats[seat].pending[:3]:
            first = self.platform.take(act, self.now)
            assert self.platform.take(act, self.now + timedelta(days=400)) == first

    @invariant()
    def assignments_rest_on_a_signature(self) -> None:
        for order in self._all_orders():
            if not order.assignments:
                continue
            signed = order.signature is not None
            assert signed or order.signature_pending
            for assignment in order.assignments:
                entry = order.entry(assignment.by_act)
                assert entry is not None
                assert entry.kind in (K.SIGN, K.EMERGENCY)
                if entry.kind is K.SIGN:
                    assert entry.actor.role is Role.SECRETARY
                    assert order.signature is not None
                    assert order.proposal is not None
                    signed_version = (entry.base_hash, order.signature.proposal_hash)
                    assert signed_version == (order.proposal.hash, order.proposal.hash)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        ids = [e.act_id for e in self.platform.order.history]
        assert len(ids) == len(set(ids))
        known, results = set(ids), self.platform.results
        waiting = {a.id for seat in self.seats.values() for a in seat.pending}
        for act in self.recorded:
            if act.id in results:
                rejected = results[act.id][0] is Outcome.REJECTED
                assert rejected != (act.id in known)
            else:
                assert act.id in waiting

    @invariant()
    def history_only_grows_without_gaps(self) -> None:
        history = self.platform.order.history
        assert [e.rev for e in history] == list(range(1, len(history) + 1))
        assert self.platform.order.rev == len(history)
        ids = tuple(e.act_id for e in history)
        assert ids[: len(self.longest)] == self.longest
        self.longest = ids

    @invariant()
    def the_outsider_left_no_trace(self) -> None:
        """village2 is never assigned here: no act of theirs may enter the order."""
        for order in self._all_orders():
            assert all(e.actor.person_id != "village2" for e in order.history)

    def _all_orders(self) -> list[Order]:
        return [self.platform.order, *(seat.view for seat in self.seats.values())]

    def teardown(self) -> None:
        if not hasattr(self, "seats"):
            return
        for _ in range(2):
            for name in SEATS:
                self.sync(name, False, 10_000)
        orders = self._all_orders()
        assert all(order == orders[0] for order in orders), "all quiet: everybody's order is equal"
        for conflict in orders[0].conflicts:
            assert orders[0].entry(conflict.first) is not None
            assert orders[0].entry(conflict.second) is not None


def _next(order: Order) -> tuple[str, ActKind]:
    done = {a.handler.person_id for a in order.assignments if a.accepted_at}
    by_stage = {
        Stage.DISPATCHED: ("dispatcher", K.ACCEPT),
        Stage.ACCEPTED: ("dispatcher", K.VERIFY),
        Stage.VERIFIED: ("dispatcher", K.PROPOSE),
        Stage.PROPOSED: ("secretary", K.SIGN),
        Stage.SIGNED: ("village", K.HANDLER_ACCEPT),
        Stage.CONCLUDED: ("dispatcher", K.REVIEW),
        Stage.REVIEWED: ("dispatcher", K.REPORT_BACK),
    }
    if order.stage in by_stage:
        return by_stage[order.stage]
    for kind in (K.MEET, K.EXPLAIN, K.DETERMINE):
        if kind.value not in {e.kind.value for e in order.history}:
            return ("village", kind)
    return ("leader" if "leader" in done else "village", K.CONCLUDE)


TestThreeSeats = ThreeSeats.TestCase
TestThreeSeats.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
