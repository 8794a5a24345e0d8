"""What the store knows, put before the rules of ``domain.alerts``. No Qt.

The running clocks are kept between two looks and read again only for the orders that changed, so that
a look every few seconds costs a walk over plain values.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desktop_app.domain.alert_sources import (
    conflict_watches,
    marks_in,
    merged,
    refusal_watch,
    watches,
)
from desktop_app.domain.alert_values import AlertKind, AlertMark, Gathered, Watch
from desktop_app.domain.alerts import due_alerts, may_change_at, silent_until
from desktop_app.domain.center import Person
from desktop_app.domain.ids import OrderId
from desktop_app.domain.intake import is_own
from desktop_app.domain.masking import mask_text
from desktop_app.domain.roles import CENTER_ROLES
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.rows import ClockDue, DecisionKind

_REFUSED = ""
"""Under which the refused records are kept; no order has this id."""
FEW = 40
"""Up to so many changed orders are read one by one; more are cheaper in one query."""


Group = tuple[tuple[Watch, datetime], ...]
"""The clocks of one order, each with the time until which nothing can be due on it."""


class Gatherer:
    """Keeps what is watched and what was done about it; ``gather`` says what is due."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._watched: dict[str, Group] | None = None
        self._marks: dict[str, AlertMark] | None = None
        self._from_history: dict[str, dict[str, AlertMark]] = {}
        self._last: Gathered | None = None
        self._good_until: datetime | None = None

    def forget(self, changes: ChangeSet) -> None:
        """Take note that orders changed; they are read again at the next look."""
        self._last = None
        if changes.everything or changes.center or len(changes.orders) > FEW:
            self._watched = None
            self._from_history.clear()
        self._marks = None
        if changes.outbox and self._watched is not None:
            self._watched[_REFUSED] = self._refused(self._seat.person)
        for order_id in changes.orders:
            self._from_history.pop(order_id, None)
            if self._watched is not None:
                self._read_again(order_id)

    def gather(self, now: datetime) -> Gathered:
        """Return what is due for who sits here; the last answer again when nothing can have become due.

        Raises ``Refusal`` before the first sync.
        """
        if not self._still_good(now):
            self._last = self._look(now)
        assert self._last is not None
        return self._last

    def _still_good(self, now: datetime) -> bool:
        if self._last is None or self._last.at is None or self._good_until is None:
            return False
        return self._last.at <= now < self._good_until

    def _look(self, now: datetime) -> Gathered:
        person, policy = self._seat.person, self._seat.center.policy
        if self._watched is None:
            self._watched = self._read_all(person)
        if self._marks is None:
            self._marks = self._seat.store.alert_marks()
        found = [w for group in self._watched.values() for w, until in group if until <= now]
        deputy = self._seat.center.delegation(person.id, now) is not None
        gathered = due_alerts(found, policy, person, now, self._all_marks(), deputy=deputy)
        if self._learn(gathered, person):
            gathered = due_alerts(found, policy, person, now, self._all_marks(), deputy=deputy)
        silent = (until for group in self._watched.values() for _, until in group if until > now)
        heard = may_change_at(gathered, found, policy, self._all_marks(), now)
        self._good_until = min(heard, min(silent, default=heard))
        return gathered

    def forget_marks(self) -> None:
        """The marks in the store were changed."""
        self._last = None
        self._marks = None

    def watched(self) -> tuple[Watch, ...]:
        """Every running clock of this person's own orders, as of the last look."""
        if self._watched is None:
            self._watched = self._read_all(self._seat.person)
        return tuple(
            w
            for group in self._watched.values()
            for w, _ in group
            if not w.lent and w.kind is not AlertKind.REFUSED
        )

    def _all_marks(self) -> dict[str, AlertMark]:
        marks = dict(self._marks or {})
        for known in self._from_history.values():
            marks = merged(marks, known)
        return marks

    def _learn(self, gathered: Gathered, person: Person) -> bool:
        """Read in the histories of what came up whether it was dealt with on another seat."""
        ids = {o.order_id for o in gathered.orders} | {a.watch.order_id for a in gathered.alarms}
        learnt = False
        for order_id in ids - self._from_history.keys():
            order = self._seat.store.view(OrderId(order_id))
            policy = self._seat.center.policy
            known = marks_in(order, person.id, policy) if order is not None else {}
            self._from_history[order_id] = known
            learnt = learnt or bool(known)
        return learnt

    def _read_all(self, person: Person) -> dict[str, Group]:
        groups: dict[str, list[Watch]] = {}
        titles: dict[str, str] = {}  # each is masked once, not once per clock
        for due in self._seat.store.open_clocks():
            lent = person.role not in CENTER_ROLES and person.id not in due.holders
            if lent and not due.to_sign:
                continue  # came here for a signature as the secretary's deputy, and has one
            title = titles.get(due.title) or titles.setdefault(due.title, mask_text(due.title))
            groups.setdefault(due.order_id, []).append(watch_of(due, person, title, lent=lent))
        for decision in self._seat.store.decisions(person):
            if decision.kind is DecisionKind.CONFLICT:
                order = self._seat.store.view(decision.order_id)
                found = conflict_watches(order, person) if order is not None else ()
                kept = [w for w in groups.get(decision.order_id, []) if w.kind != "conflict"]
                groups[decision.order_id] = [*kept, *found]
        known = {order_id: _group(tuple(group)) for order_id, group in groups.items()}
        return {**known, _REFUSED: self._refused(person)}

    def _refused(self, person: Person) -> Group:
        """This person's records that were not taken, whatever orders they were made on."""
        policy, store = self._seat.center.policy, self._seat.store
        return _group(
            tuple(
                refusal_watch(
                    store.view(item.act.subject), item.act, policy, item.recorded_at, item.due_at
                )
                for item in store.refused()
                if item.due_at is not None and item.act.actor.person_id == person.id
            )
        )

    def _read_again(self, order_id: OrderId) -> None:
        assert self._watched is not None
        order = self._seat.store.view(order_id)
        person = self._seat.person
        found = watches(order, person) if order is not None else ()
        if order is not None and not is_own(order, person.id, person.role):
            found = tuple(replace(w, lent=True) for w in found if w.to_sign)
        if found:
            self._watched[order_id] = _group(found)
        else:
            self._watched.pop(order_id, None)


def _group(watches_: tuple[Watch, ...]) -> Group:
    return tuple((watch, silent_until(watch)) for watch in watches_)


def watch_of(due: ClockDue, person: Person, title: str, *, lent: bool = False) -> Watch:
    """Return a clock of the store as the alerts look at it, under the masked ``title``."""
    return Watch(
        order_id=due.order_id,
        number=due.number,
        title=title,
        village=due.village,
        tier=due.tier,
        tier_title=due.tier_title,
        tier_style=due.tier_style,
        insistent=due.insistent,
        stage=due.stage,
        holder=due.holder,
        clock=due.clock,
        mine=person.id in due.people,
        paused=due.paused,
        to_sign=due.to_sign,
        lent=lent,
    )
