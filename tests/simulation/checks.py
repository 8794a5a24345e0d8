"""What must hold at every step, and what must hold when all is quiet.

``1``–``5`` are the invariants of the domain, ``I1``–``I12`` those of the sync. The first that does
not hold ends the run.
"""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop_app.domain.center import Center
from desktop_app.domain.ids import OrderId
from desktop_app.domain.intake import is_own, redacted
from desktop_app.domain.orders import HistoryEntry, Order, Outcome
from desktop_app.domain.roles import Role
from local_store import meta, orders
from local_store.changes import ChangeSet
from sync.client.identity import load_credentials
from sync.protocol.codec import act_digest, decode_act, decode_order, encode
from sync.protocol.messages import SyncRequest
from tests.simulation.inside import Inside
from tests.simulation.ledger import Entry, Ledger
from tests.simulation.rules import check_order
from tests.simulation.trace import Trace

if TYPE_CHECKING:
    from tests.simulation.workstation import Workstation


class Broken(Exception):
    """An invariant does not hold."""


@dataclass
class Head:
    """What the platform holds of one order now."""

    order: Order
    position: int


@dataclass
class Draft:
    """What an editor was told to keep: the last that was acknowledged, and what was tried since."""

    sure: object = None
    tried: list[object] = field(default_factory=list)
    older: list[object] = field(default_factory=list)
    at_risk: bool = False


class Checks:
    """Watches the platform's commits and every seat. ``broken`` is the first thing that went wrong."""

    def __init__(self, ledger: Ledger, trace: Trace) -> None:
        self._ledger, self._trace = ledger, trace
        self.broken: str | None = None
        self.inside: Inside | None = None
        self.heads: dict[str, Head] = {}
        self.center: Center | None = None
        self.rogues: set[str] = set()
        self.restored = False
        self._center_position = 0
        self._seen = 0
        self._states: set[tuple[str, int, str]] = set()
        self._drafts: dict[tuple[str, OrderId], Draft] = {}
        self.only_there: set[str] = set()
        """Acts that the platform had answered for when the store that held them was rebuilt."""

    def fail(self, invariant: str, where: str, what: str) -> None:
        """Note that ``invariant`` does not hold; the world stops at the next step."""
        if self.broken is None:
            self.broken = f"{invariant} does not hold ({where}): {what}"
            self._trace.note(where, f"BROKEN {self.broken}")

    def broke(self, where: str, error: BaseException) -> None:
        """Note an exception that nothing should have raised."""
        last = traceback.extract_tb(error.__traceback__)[-3:]
        places = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(last))
        self.fail("no surprise", where, f"{type(error).__name__}: {error} at {places}")

    # --- the platform ---

    def platform_committed(self, inside: Inside) -> None:
        """Look at what has changed on the platform since the last look."""
        if inside.position() == self._seen:
            return
        news = inside.news(self._seen)
        self._seen = news.position
        if news.center != self.center:
            self.center, self._center_position = news.center, news.center_position
            self._check_center(news.center)
        for state, position in news.orders:
            self._take_order(state, position)

    def _take_order(self, state: bytes, position: int) -> None:
        assert self.center is not None
        order = decode_order(state)
        before = self.heads.get(order.id)
        check_order(
            order, before.order if before else None, self.center,
            lambda invariant, what: self.fail(invariant, "platform", what),
        )  # fmt: skip
        known = len(before.order.history) if before else 0
        for entry in order.history[known:]:
            self._check_entry(order, entry)
        self._states.add((order.id, order.rev, _sha(state)))
        self.heads[order.id] = Head(order, position)

    def _check_entry(self, order: Order, entry: HistoryEntry) -> None:
        """I6 and 4: an entry is the act as its seat recorded it, by whom and when it was done."""
        if not entry.actor.device_id:
            return
        recorded = self._ledger.get(entry.act_id)
        if recorded is None:
            return  # the machine stopped before it said "saved": looked up when it starts again
        act = recorded.act
        kept = (entry.kind, entry.occurred_at, entry.payload, entry.files, entry.base_rev)
        made = (act.kind, act.occurred_at, act.payload, act.needs_files, act.base_rev)
        who = (entry.actor.person_id, entry.actor.device_id)
        if kept != made or who != (act.actor.person_id, act.actor.device_id):
            self.fail("I6", "platform", f"{order.number}: {entry.act_id} is not as recorded")

    def _check_center(self, center: Center) -> None:
        ids = [d.act_id for d in center.delegations]
        if len(set(ids)) != len(ids):
            self.fail("I2", "platform", "an authorisation took effect twice")

    def platform_restored(self, inside: Inside) -> None:
        """Forget what the platform was known to hold: an older copy is in its place."""
        self.restored = True
        self.heads, self._seen, self._center_position = {}, 0, 0
        self.center = None
        self.platform_committed(inside)

    # --- seats ---

    def sends(self, machine: Workstation, request: SyncRequest) -> None:
        """I11: acts go only under the name of who recorded them; I6: as they were recorded."""
        assert machine.store is not None
        for act in request.acts:
            entry = self._ledger.get(act.id)
            if entry is not None and entry.digest != act_digest(act):
                self.fail("I6", machine.name, f"{act.id} is sent with other content")
        people = {act.actor.person_id for act in request.acts}
        if len(people) > 1:
            self.fail("I11", machine.name, f"acts of {sorted(people)} in one request")
        kept = load_credentials(machine.store)
        if people and kept is not None and machine.person not in people:
            self._trace.count("acts sent while somebody else signs in")

    def seat_changed(self, machine: Workstation, changes: ChangeSet) -> None:
        """Look at the orders a seat has just taken in, and at its place in the feed."""
        assert machine.store is not None
        with machine.store._db.read() as tx:
            revs = {row[0]: row[1] for row in tx.all("SELECT order_id, rev FROM orders")}
            for order_id, rev in revs.items():
                if changes.everything or OrderId(order_id) in changes.orders:
                    stored = orders.load(tx, order_id)
                    assert stored is not None
                    self._check_base(machine, order_id, rev, stored.base)
            cursor = meta.get(tx, meta.CURSOR) or ""
            center_rev = tx.one("SELECT coalesce(max(rev), 0) FROM center")[0]
        if cursor and self.inside is not None:
            self._check_cursor(machine, self.inside, cursor, revs, center_rev)

    def _check_base(self, machine: Workstation, order_id: str, rev: int, base: bytes) -> None:
        """3: what a seat has from the platform is what the platform committed, byte for byte."""
        if (order_id, rev, _sha(base)) in self._states:
            return
        head = self.heads.get(order_id)
        known = any(key[:2] == (order_id, rev) for key in self._states)
        if known and head is not None and self._hidden(head.order) and self._is_redacted(base):
            return
        self.fail("3", machine.name, f"{order_id} at {rev} is nothing the platform ever had")

    @staticmethod
    def _hidden(order: Order) -> bool:
        return order.petitioner.confidential or order.matter.kind.value == "report"

    @staticmethod
    def _is_redacted(base: bytes) -> bool:
        order = decode_order(base)
        return encode(redacted(order, Role.VILLAGE)) == base

    def _check_cursor(
        self,
        machine: Workstation,
        inside: Inside,
        cursor: str,
        revs: dict[str, int],
        center_rev: int,
    ) -> None:
        """I4: everything up to the saved cursor is here."""
        if self.center is None:
            return
        try:
            place = inside.place(cursor, self.center)
        except ValueError as error:
            self.fail("I4", machine.name, str(error))
            return
        if place is None:
            return
        for order_id, known in self.heads.items():
            due = known.position <= place.position
            own = is_own(known.order, place.person_id, place.role)
            if due and own and revs.get(order_id) != known.order.rev:
                here, there = revs.get(order_id), known.order.rev
                self.fail("I4", machine.name, f"{known.order.number} is at {here}, not {there}")
        if place.position >= self._center_position and center_rev != self.center.rev:
            self.fail("I4", machine.name, f"the center is at {center_rev}, not {self.center.rev}")

    def reopened(self, machine: Workstation) -> None:
        """I1: whatever was said to be saved is there after a start, whatever came before it."""
        assert machine.store is not None
        with machine.store._db.read() as tx:
            bodies = tx.column("SELECT body FROM acts")
        found = {act.id: act for act in map(decode_act, bodies)}
        for entry in self._ledger.of(machine.name):
            if entry.act.id not in found:
                self._missing(machine, entry)
            elif act_digest(found[entry.act.id]) != entry.digest:
                self.fail("I6", machine.name, f"{entry.act.id} has changed")
        for act in found.values():
            if self._ledger.get(act.id) is None:
                self._ledger.note(act, machine.name, sure=False)
        self._check_drafts(machine)
        self.doctor(machine)

    def _missing(self, machine: Workstation, entry: Entry) -> None:
        """A store that was rebuilt or put back may lack what the platform has, and nothing else."""
        act_id = entry.act.id
        if machine.door.rebuilt and act_id not in self._ledger.unsettled[machine.name]:
            self.only_there.add(act_id)
            return
        judged = self.inside.judged().get(act_id) if self.inside is not None else None
        there = judged is not None and judged.outcome is not Outcome.REJECTED
        if machine.door.rebuilt and (there or self.inside is None):
            return  # while the platform is down nobody knows: the account in the quiet will tell
        self.fail("I1", machine.name, f"{entry.act.kind} {act_id} was lost")

    def keeps_draft(self, seat: str, order_id: OrderId, values: object) -> None:
        self._drafts.setdefault((seat, order_id), Draft()).tried.append(values)

    def kept_draft(self, seat: str, order_id: OrderId) -> None:
        draft = self._drafts[seat, order_id]
        draft.older += [draft.sure, *draft.tried]
        draft.sure, draft.tried, draft.at_risk = draft.tried[-1], [], False

    def _check_drafts(self, machine: Workstation) -> None:
        assert machine.store is not None
        for (seat, order_id), draft in self._drafts.items():
            if seat != machine.name:
                continue
            kept = machine.store.load_draft(order_id, "progress")
            values = kept.values if kept else None
            if values == draft.sure or values in draft.tried:
                continue
            if machine.door.rebuilt and draft.at_risk and values in [None, *draft.older]:
                self._trace.count("drafts lost with the power and the store")
                draft.sure = values
                continue
            self.fail("I1", seat, "a text that was being written was lost")

    def machine_died(self, seat: str, *, power_cut: bool) -> None:
        """The journal does not wait for the disk with drafts: a power cut may take those in it."""
        for (where, _order_id), draft in self._drafts.items():
            if where == seat and power_cut:
                draft.at_risk = True

    def doctor(self, machine: Workstation) -> None:
        """I5 and what else a seat can check by itself."""
        assert machine.store is not None
        for finding in machine.store.doctor():
            if not finding.ok and not machine.door.spoilt:
                self.fail("I5", machine.name, f"{finding.check}: {finding.text}")


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
