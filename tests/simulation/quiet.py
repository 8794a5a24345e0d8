"""What must hold when the lines are good, everything is switched on and nothing moves any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import CENTER
from desktop_app.domain.intake import is_own, redacted
from desktop_app.domain.orders import Order, Outcome
from desktop_app.domain.roles import Role
from local_store.rows import DecisionKind, OutboxStatus
from sync.protocol.codec import encode
from tests.simulation.checks import Checks
from tests.simulation.inside import Inside
from tests.simulation.ledger import Entry, Ledger
from tests.simulation.workstation import Workstation

REFUSED = (OutboxStatus.REJECTED, OutboxStatus.SET_ASIDE)


def unsent(machine: Workstation, shut_out: Iterable[str]) -> list[str]:
    """Return what still waits at ``machine``, but for people who may not sign in any more."""
    if machine.store is None:
        return [f"{machine.name} is off"]
    return [
        f"{machine.name}: {item.act.kind} {item.act.id} {item.status} {item.code} {item.reason}"
        for item in machine.store.outbox()
        if item.status != OutboxStatus.REJECTED and item.act.actor.person_id not in shut_out
    ]


def behind(machine: Workstation, checks: Checks) -> list[str]:
    """Return in what ``machine`` differs from the platform (I9)."""
    if machine.store is None or machine.seat is None or checks.center is None:
        return [f"{machine.name} has no seat"]
    person = machine.seat.person
    found = []
    for head in checks.heads.values():
        if is_own(head.order, person.id, person.role):
            found += _differs(machine, head.order, person.role)
    if machine.store.center() != checks.center:
        found.append(f"{machine.name}: another center")
    return found


def _differs(machine: Workstation, order: Order, role: Role) -> list[str]:
    assert machine.store is not None
    base, view = machine.store.base(order.id), machine.store.view(order.id)
    if base is None:
        return [f"{machine.name} does not have {order.number}"]
    wanted = encode(order)
    if base.rev == order.rev and encode(base) != wanted:
        wanted = encode(redacted(order, role))
    if encode(base) != wanted:
        return [f"{machine.name}: {order.number} at {base.rev}, not {order.rev}"]
    return [] if view == base else [f"{machine.name} sees {order.number} otherwise than it is"]


class QuietChecks:
    """The whole account: every act in the ledger, every refusal, every photo."""

    def __init__(
        self, checks: Checks, ledger: Ledger, inside: Inside, machines: list[Workstation],
        shut_out: set[str],
    ) -> None:  # fmt: skip
        self._checks, self._ledger, self._inside = checks, ledger, inside
        self._machines = {machine.name: machine for machine in machines}
        self._shut_out = shut_out
        self._judged = inside.judged()
        entries = (e.act_id for head in checks.heads.values() for e in head.order.history)
        self._effects = Counter(entries)

    def run(self) -> None:
        center = self._checks.center
        assert center is not None
        self._effects.update(d.act_id for d in center.delegations)
        for entry in self._ledger:
            self._account_for(entry)
        self._nothing_invented()
        self._refusals_are_seen()
        self._conflicts_are_seen()
        self._files_arrived()
        for machine in self._machines.values():
            self._checks.doctor(machine)

    def _fail(self, invariant: str, what: str) -> None:
        self._checks.fail(invariant, "quiet", what)

    def _account_for(self, entry: Entry) -> None:
        """2, I2, I6: once, as recorded: in the order, or refused."""
        act, judged = entry.act, self._judged.get(entry.act.id)
        if judged is None:
            # What was refused is not sent again to a restored platform: its author has been told.
            if self._checks.restored and self._status(entry) in REFUSED:
                return
            # Two accidents: its store was rebuilt without what the platform had, which then lost it.
            if self._checks.restored and entry.act.id in self._checks.only_there:
                return
            if act.actor.person_id not in self._shut_out:
                here = self._status(entry) or "gone"
                self._fail("2", f"{act.kind} {act.id} of {entry.seat} never arrived, there: {here}")
            elif not self._status(entry):
                self._fail("2", f"{act.kind} {act.id} of {entry.seat}, shut out, was lost")
            return
        effects = self._effects[act.id]
        if judged.outcome is Outcome.REJECTED:
            if effects:
                self._fail("I2", f"{act.kind} {act.id} was refused and took effect")
        elif act.subject != CENTER and effects != 1 and not self._needs_no_order(entry, effects):
            self._fail("I2", f"{act.kind} {act.id} took effect {effects} times")
        if judged.code == "changed":
            self._fail("I6", f"{act.id} came with two contents")

    @staticmethod
    def _needs_no_order(entry: Entry, effects: int) -> bool:
        """A refused record can be set aside when its order is not (or no longer) its author's."""
        return entry.act.kind is ActKind.SET_ASIDE and effects == 0

    def _status(self, entry: Entry) -> str:
        """Return how the act stands at the seat that recorded it; "" when it is not there."""
        store = self._machines[entry.seat].store
        assert store is not None
        with store._db.read() as tx:
            row = tx.one("SELECT status FROM acts WHERE act_id = ?", (entry.act.id,))
        return str(row[0]) if row else ""

    def _set_aside(self, act_id: str) -> bool:
        """Whether somebody has dealt with a refusal, and the store was rebuilt since."""
        return act_id in self._checks.only_there

    def _nothing_invented(self) -> None:
        for act_id in self._judged:
            if self._ledger.get(act_id) is None and act_id not in self._checks.rogues:
                self._fail("2", f"the platform has {act_id}, which nobody recorded")

    def _refusals_are_seen(self) -> None:
        """I7: what was refused is in front of who recorded it, or was set aside by somebody."""
        for act_id, judged in self._judged.items():
            entry = self._ledger.get(act_id)
            if judged.outcome is not Outcome.REJECTED or entry is None:
                continue
            store = self._machines[entry.seat].store
            assert store is not None
            status = self._status(entry)
            if status not in REFUSED and not (self._set_aside(act_id) and not status):
                self._fail("I7", f"{act_id} was refused, its seat says {status}")
            center = self._checks.center
            person = center.person(entry.act.actor.person_id) if center else None
            if person is None or status != OutboxStatus.REJECTED:
                continue
            shown = {
                d.act.id
                for d in store.decisions(person)
                if d.kind is DecisionKind.REJECTION and d.act is not None
            }
            if act_id not in shown:
                self._fail("I7", f"{act_id} was refused and nobody sees it")

    def _conflicts_are_seen(self) -> None:
        """I7: an open conflict is in front of everybody who has the order."""
        for machine in self._machines.values():
            if machine.seat is None or machine.person in self._shut_out:
                continue
            person = machine.seat.person
            decisions = machine.seat.store.decisions(person)
            shown = {d.conflict.id for d in decisions if d.conflict is not None}
            for head in self._checks.heads.values():
                if not is_own(head.order, person.id, person.role):
                    continue
                hidden = [c.id for c in head.order.open_conflicts if c.id not in shown]
                if hidden:
                    self._fail("I7", f"{machine.name} is not shown the conflicts {hidden}")

    def _files_arrived(self) -> None:
        """Every photo that an order names is at the platform, whole."""
        there = self._inside.files()
        for head in self._checks.heads.values():
            for entry in head.order.history:
                if not set(entry.files) <= there and entry.actor.person_id not in self._shut_out:
                    self._fail("2", f"{head.order.number}: a photo never arrived")
