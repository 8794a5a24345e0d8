"""The domain's own invariants (design: domain, "Invariants") on one order, as the platform keeps it."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.lifecycle import rows
from desktop_app.domain.orders import HistoryEntry, Order, Outcome
from desktop_app.domain.roles import Role

K = ActKind
Fail = Callable[[str, str], None]
"""Takes the invariant and what is wrong."""

MOVE_LIMITS = frozenset({K.RESUME_CLOCK, K.SECOND_ROUND})
"""The only acts after which a due time of an order may differ (I10)."""


def check_order(order: Order, before: Order | None, center: Center, fail: Fail) -> None:
    """Check a new state of an order against the rules and the state ``before`` it."""
    _check_history(order, before, fail)
    _check_assignments(order, center, fail)
    _check_conflicts(order, fail)
    if before is not None:
        _check_limits(order, before, fail)


def _check_history(order: Order, before: Order | None, fail: Fail) -> None:
    revs = [entry.rev for entry in order.history]
    if revs != list(range(1, len(revs) + 1)) or order.rev != len(revs):
        fail("I3", f"{order.number}: revisions {revs}, at {order.rev}")
    ids = [entry.act_id for entry in order.history]
    if len(set(ids)) != len(ids):
        fail("I2", f"{order.number}: an act is in the history twice")
    known = before.history if before is not None else ()
    if order.history[: len(known)] != known:
        fail("4", f"{order.number}: history was rewritten")
    for entry in order.history[len(known) :]:
        if entry.kind is K.DISPATCH:
            continue
        if all(entry.actor.role not in row.roles for row in rows(entry.kind)):
            fail("5", f"{order.number}: {entry.actor.role} did {entry.kind}")


def _check_assignments(order: Order, center: Center, fail: Fail) -> None:
    if not order.assignments:
        return
    if order.signature is None and not order.signature_pending:
        fail("1", f"{order.number}: handlers without a signature")
    for assignment in order.assignments:
        entry = order.entry(assignment.by_act)
        if entry is None or entry.kind not in (K.SIGN, K.EMERGENCY):
            fail("1", f"{order.number}: handlers bound by nothing")
        elif entry.kind is K.SIGN:
            _check_signature(order, entry, center, fail)


def _check_signature(order: Order, entry: HistoryEntry, center: Center, fail: Fail) -> None:
    person = center.person(entry.actor.person_id)
    secretary = person is not None and person.role is Role.SECRETARY
    if not secretary and not center.was_deputy(entry.actor.person_id):
        fail("1", f"{order.number}: signed by {entry.actor.person_id}")
    if order.signature is None or order.signature.proposal_hash != entry.base_hash:
        fail("1", f"{order.number}: the signature is not of the version that was on the screen")
    seen = [e for e in order.history if e.rev < entry.rev and e.kind in (K.PROPOSE, K.EMERGENCY)]
    if not seen:
        fail("1", f"{order.number}: signed before anything was proposed")


def _check_conflicts(order: Order, fail: Fail) -> None:
    for conflict in order.conflicts:
        first, second = order.entry(conflict.first), order.entry(conflict.second)
        if first is None or second is None or second.outcome is not Outcome.CONFLICT:
            fail("I7", f"{order.number}: a conflict without its two records")
    conflicts = {conflict.second for conflict in order.conflicts}
    if any(e.outcome is Outcome.CONFLICT and e.act_id not in conflicts for e in order.history):
        fail("I7", f"{order.number}: a record in conflict that nobody is asked about")


def _check_limits(order: Order, before: Order, fail: Fail) -> None:
    """I10: a due time comes from the dispatch, and moves only when a clock is resumed."""
    if any(e.kind in MOVE_LIMITS for e in order.history[len(before.history) :]):
        return
    due = {clock.id: clock.due_at for clock in before.clocks}
    for clock in order.clocks:
        if due.get(clock.id, clock.due_at) != clock.due_at:
            fail("I10", f"{order.number}: {clock.id} is due at another time")
