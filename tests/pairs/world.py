"""Real seats on real stores and a real platform, on which many pairs of acts are played at once.

Every case has an order of its own, every person a store of his own (and a second one at another
desk). What a seat sends goes through ``Platform.sync`` and the codec, as over HTTP.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec

from desktop_app.domain.acts import Act, ActKind, Actor
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import Order, Outcome
from local_store.rows import ActDraft
from local_store.store import Store
from sync.platform.platform import Platform
from sync.protocol.codec import encode
from sync.protocol.messages import ActResult, RawSyncAnswer
from tests.pairs.judged import Case
from tests.pairs.situations import CENTER, PLATFORM, SITUATIONS, Doing, Step, walked
from tests.support.center import sample_intake
from tests.support.clock import START, ManualClock
from tests.support.platform import make_platform

KEY = bytes(range(32))
SIGNED_ON = (ActKind.SIGN, ActKind.RETURN_PROPOSAL)


@dataclass
class SeatOfOne:
    """One person's store and the line to the platform, which works only when somebody says so."""

    person_id: str
    store: Store
    platform: Platform
    results: dict[str, ActResult] = field(default_factory=dict)

    def record(self, order_id: OrderId, doing: Doing, clock: ManualClock) -> Act:
        """Record one act on the order as this seat sees it."""
        person = CENTER.person(PersonId(self.person_id))
        seen = self.store.view(order_id)
        assert person is not None
        assert seen is not None, f"{self.person_id} does not hold the order"
        bound = seen.proposal.hash if doing.kind in SIGNED_ON and seen.proposal else ""
        actor = Actor(person.id, person.role, person.name, person.title, self.store.device_id)
        draft = ActDraft(order_id, doing.kind, doing.payload(seen), actor, bound)
        return self.store.record(draft, clock.now()).act

    def sync(self, acts: Sequence[Act] = ()) -> None:
        """Send these and take in all that has changed."""
        more, sent = True, tuple(acts)
        while more:
            point = self.store.sync_point()
            caller = self.platform.caller(self.person_id, self.store.device_id)
            body = encode(self.platform.sync(caller, point.cursor, sent, 2000))
            answer = msgspec.json.decode(body, type=RawSyncAnswer)
            self.store.apply_answer(answer, sent)
            self.results |= {result.act_id: result for result in answer.results}
            more, sent = answer.more, ()


def _onward(case: Case) -> tuple[Step, ...]:
    return SITUATIONS[case.then][len(SITUATIONS[case.base]) :]


@dataclass
class Played:
    """A case, the order it was played on, and the acts made (None: the platform's own)."""

    case: Case
    order_id: OrderId
    number: str
    first: Act | None = None
    second: Act | None = None
    from_above: Outcome | None = None  # of the platform's own act, the later one


class World:
    """A platform and its seats."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START)
        self.folder = folder
        self.platform = make_platform(f"sqlite:///{folder / 'platform.db'}", self.clock, CENTER)
        self.seats: dict[tuple[str, str], SeatOfOne] = {}
        self._closing = ExitStack()
        self._closing.callback(self.platform.close)

    def close(self) -> None:
        self._closing.close()

    def seat(self, person_id: str, desk: str = "") -> SeatOfOne:
        """Return this person's seat; ``desk`` tells a second one."""
        key = (person_id, desk)
        if key not in self.seats:
            store = Store.open(self.folder / f"{person_id}{desk}", KEY)
            self._closing.callback(store.close)
            self.seats[key] = SeatOfOne(person_id, store, self.platform)
            self.seats[key].sync()
        return self.seats[key]

    def play(self, cases: Sequence[Case]) -> list[Played]:
        """Bring an order into the situation of each case, and let both acts be made and arrive."""
        played = self._dispatch(cases)
        self._walk(played, lambda case: SITUATIONS[case.base])
        self._all_hear(played)
        self._make_second([p for p in played if p.case.then])
        self._walk([p for p in played if p.case.then], _onward)
        self._hear_first([p for p in played if p.case.then])
        self._make_second([p for p in played if not p.case.then])
        self._make_first(played)
        self._arrive(played, first=True)
        self._arrive(played, first=False)
        self._all_hear(played)
        return played

    def _dispatch(self, cases: Sequence[Case]) -> list[Played]:
        intakes = [sample_intake(n) for n in range(1, len(cases) + 1)]
        results = self.platform.dispatch(intakes)
        found = zip(cases, intakes, results, strict=True)
        return [Played(case, OrderId(r.order_id or ""), i.number) for case, i, r in found]

    def _walk(self, played: Sequence[Played], where: Callable[[Case], tuple[Step, ...]]) -> None:
        queues = [walked(self.order(each), where(each.case))[1] for each in played]
        for n in range(max(map(len, queues), default=0)):
            self.clock.advance(timedelta(minutes=5))
            self._push([queue[n] for queue in queues if n < len(queue)])

    def _push(self, acts: Iterable[Act]) -> None:
        by_actor: dict[str, list[Act]] = defaultdict(list)
        for act in acts:
            by_actor[act.actor.person_id].append(act)
        for person_id, own in by_actor.items():
            if person_id in {p.id for p in CENTER.people}:
                caller = self.platform.caller(person_id, f"walk-{person_id}")
                self.platform.sync(caller, "", own, 0)
            else:
                self.platform.enact(own)

    def order(self, played: Played) -> Order:
        """Return the platform's order."""
        found = self.platform.order_by_id(played.order_id)
        assert found is not None
        return found

    def _people(self, each: Played) -> list[SeatOfOne]:
        first, second = each.case.first_by, each.case.second_by
        again = first == second != PLATFORM
        seats = [self.seat(first)] if first != PLATFORM else []
        return seats + ([self.seat(second, "²" if again else "")] if second != PLATFORM else [])

    def _all_hear(self, played: Iterable[Played]) -> None:
        for each in played:
            self._people(each)
        for seat in list(self.seats.values()):
            seat.sync()

    def _hear_first(self, played: Iterable[Played]) -> None:
        for seat in {id(s): s for each in played for s in self._people(each)[:1]}.values():
            seat.sync()

    def _make_first(self, played: Iterable[Played]) -> None:
        self.clock.advance(timedelta(minutes=5))
        for each in played:
            if each.case.first_by != PLATFORM:
                seat = self.seat(each.case.first_by)
                each.first = seat.record(each.order_id, each.case.first, self.clock)

    def _make_second(self, played: Iterable[Played]) -> None:
        self.clock.advance(timedelta(minutes=5))
        for each in played:
            if each.case.second_by != PLATFORM:
                seat = self._people(each)[-1]
                each.second = seat.record(each.order_id, each.case.second, self.clock)

    def _arrive(self, played: Iterable[Played], *, first: bool) -> None:
        self.clock.advance(timedelta(minutes=5))
        batches: dict[int, tuple[SeatOfOne, list[Act]]] = {}
        for each in played:
            act = each.first if first else each.second
            if act is None:
                self._from_above(each, each.case.first if first else each.case.second)
                continue
            seat = self._people(each)[0 if first else -1]
            batches.setdefault(id(seat), (seat, []))[1].append(act)
        for seat, acts in batches.values():
            seat.sync(sorted(acts, key=lambda act: act.device_seq))

    def _from_above(self, each: Played, doing: Doing) -> None:
        payload = msgspec.to_builtins(doing.payload(self.order(each)))
        each.from_above = self.platform.act_as_platform(doing.kind, each.number, payload).outcome
