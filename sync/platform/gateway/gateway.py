"""The gateway's rounds: take in, look for new results, ask about what is in doubt, send what is due.

One process per township holds a lease; the guarantee does not hang on it. What keeps two couriers
from sending the same result is that each commits its intent against the row as it read it, and gives
up a sending that did not begin in time (``Terms.begin_within`` < ``Terms.settle``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from desktop_app.domain.masking import mask_text
from desktop_app.domain.orders import Order
from sync.platform.database import StorageFailed
from sync.platform.gateway import courier
from sync.platform.gateway.courier import Parcel, ParcelState, Step, Terms
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.intake_desk import IntakeDesk
from sync.platform.gateway.ledger import Ledger
from sync.platform.gateway.port import (
    Delivery,
    GatewayPort,
    PortError,
    RefusedRecord,
    Result,
    Sent,
    Verdict,
)
from sync.platform.gateway.results import reissued, results_of
from sync.platform.problems import PlatformProblem

log = logging.getLogger("jiban.gateway")

PAGES_A_ROUND = 20
LEASE = timedelta(seconds=90)


@dataclass(slots=True)
class Tally:
    """What a round did. ``problems`` are Chinese, without names or numbers of people."""

    taken: int = 0
    known: int = 0
    waiting: int = 0
    refused: int = 0
    prepared: int = 0
    sent: int = 0
    found: int = 0
    unsure: int = 0
    for_people: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def did_something(self) -> bool:
        """Whether records or results moved."""
        return bool(self.taken or self.refused or self.prepared or self.sent or self.found)


class LeaseHeld(Exception):
    """Another process runs the gateway of this township."""


class Gateway:
    """The gateway of one township. ``holder`` names this process in the lease.

    ``patient``: wait ``settle`` by the monotonic clock too, as a process can that lives on.
    ``since``: what was reported before that went another way and is not sent.
    """

    def __init__(
        self,
        desk: Desk,
        port: GatewayPort,
        terms: Terms,
        holder: str,
        *,
        patient: bool = False,
        since: datetime | None = None,
    ) -> None:
        self.desk = desk
        self.port = port
        self.terms = terms
        self.ledger = Ledger(desk.database, desk.township)
        self._intake = IntakeDesk(desk, self.ledger)
        self._holder = holder
        self._patient = patient
        self._since = since
        self._watched: dict[str, float] = {}
        self._leased: tuple[datetime, float] | None = None

    def round(self) -> Tally:
        """Do all that is due now. Raises ``LeaseHeld``; problems of the foreign system are told."""
        tally = Tally()
        self._leased = None
        self._renew()
        for part in (self._receive, self._try_again, self._confirm, self._look, self._deliver):
            try:
                part(tally)
            except PortError as error:
                tally.problems.append(str(error))
            except (LeaseHeld, StorageFailed, PlatformProblem):
                raise
            except Exception:
                log.exception("a part of the round failed; the others go on")
                tally.problems.append("网关内部出错，详见日志。")
        self.ledger.put_notes(
            {
                "problem": "；".join(dict.fromkeys(tally.problems))[:500],
                "round_at": self.desk.now().isoformat(),
            }
        )
        return tally

    def close(self) -> None:
        self._leased = None
        self.ledger.drop_lease(self._holder)

    def _renew(self) -> None:
        """Take the lease, or renew it when a part of it is over by either clock."""
        now, mono = self.desk.now(), self.desk.monotonic()
        if self._leased is not None:
            by_wall, by_mono = now - self._leased[0], mono - self._leased[1]
            if timedelta() <= by_wall < LEASE / 3 and by_mono < LEASE.total_seconds() / 3:
                return
        owner = self.ledger.take_lease(self._holder, now, LEASE)
        if owner:
            self._leased = None
            raise LeaseHeld(owner)
        self._leased = (now, mono)

    # --- in ---------------------------------------------------------------------------------------

    def _receive(self, tally: Tally) -> None:
        for _ in range(PAGES_A_ROUND):
            mark = self.ledger.note("mark")
            page = self.port.receive(mark)
            taken = self._intake.take_page(page, self.desk.now())
            self.port.received(page, taken)
            tally.refused += len(page.refused)
            for one in taken:
                tally.taken += one.done and not one.known
                tally.known += one.known
            if not page.more:
                return
            self._renew()

    def _try_again(self, tally: Tally) -> None:
        for taken in self._intake.try_again(self.desk.now()):
            tally.taken += taken.done
            tally.waiting += not taken.done

    # --- out --------------------------------------------------------------------------------------

    def _confirm(self, tally: Tally) -> None:
        """Note the batches that somebody confirmed at the port itself."""
        for name in sorted(self.port.confirmed() & self.ledger.unconfirmed_deliveries().keys()):
            self.confirm_delivery(name)

    def confirm_delivery(self, name: str) -> int:
        """Note that a batch was uploaded. Returns how many results are thereby confirmed."""
        now = self.desk.now()
        waiting = [p for p in self.ledger.of_delivery(name) if p.state is ParcelState.ARRIVED]
        changes = [(p, courier.confirmed_by_person(p, now)) for p in waiting]
        return len(self.ledger.move_all(changes))

    def confirm_arrival(self, reference: str) -> bool:
        """A person saw the result in the foreign system. False: nobody has to decide about it."""
        parcel = self.ledger.parcel(reference)
        if parcel is None or parcel.state not in courier.FOR_PEOPLE:
            return False
        after = courier.confirmed_by_person(parcel, self.desk.now())
        return self.ledger.move(parcel, after) is not None

    def resend(self, reference: str) -> bool:
        """A person says that the result is to be sent: it did not arrive, or will be taken now."""
        parcel = self.ledger.parcel(reference)
        if parcel is None or parcel.state not in courier.FOR_PEOPLE:
            return False
        return self.ledger.move(parcel, courier.resent_by_person(parcel)) is not None

    def reissue(self, reference: str) -> Parcel | None:
        """Prepare a delivered result once more on a person's word (补发). None: it is not delivered."""
        parcel = self.ledger.parcel(reference)
        if parcel is None or parcel.state not in courier.CLOSED:
            return None
        number, first = parcel.result.number, replace(parcel.result, reissue=0)
        same = [p for p in self.ledger.of_order(number) if _same_but_reissue(p.result, first)]
        again = reissued(parcel.result, max(p.result.reissue for p in same) + 1)
        self.ledger.prepare([again], self.desk.now())
        return self.ledger.parcel(again.reference)

    def _look(self, tally: Tally) -> None:
        """Read the orders that changed and prepare the results that they owe."""
        while True:
            place = int(self.ledger.note("read_to") or 0)
            changed = self.desk.changed_orders(place)
            if changed.place == place:
                return
            results = [result for order in changed.orders for result in self._owed(order)]
            tally.prepared += self.ledger.prepare(results, self.desk.now(), changed.place)

    def _owed(self, order: Order) -> tuple[Result, ...]:
        """Return the order's results; one that cannot be made is listed for a person."""
        try:
            results = results_of(order)
        except Exception:
            log.exception("the results of order %s cannot be made", order.number)
            said = f"工单 {order.number} 的反馈取不出来，没有报送，请人工报送并联系管理员。"
            self._intake.list_refused(
                RefusedRecord(f"{order.id}/{order.rev}", order.number, said), self.desk.now()
            )
            return ()
        return tuple(r for r in results if self._since is None or r.reported_at >= self._since)

    def _deliver(self, tally: Tally) -> None:
        """Settle what is in doubt, then send what is due, in deliveries of the port's size."""
        due: list[Parcel] = []
        under_way: set[str] = set()
        for parcel in sorted(self.ledger.open_parcels(), key=_in_order):
            if parcel.result.number in under_way:  # a correction must not overtake what it corrects
                continue
            under_way.add(parcel.result.number)
            try:
                ready = self._make_ready(parcel, tally)
            except PortError as error:  # the others would wait for the same failure
                tally.problems.append(str(error))
                break
            due += [ready] if ready is not None else []
            if len(due) == self.port.batch:
                self._send(due, tally)
                due = []
        if due and self._gathered(due):
            self._send(due, tally)
        counts = self.ledger.counts()
        tally.unsure = counts.get(ParcelState.UNSURE, 0)
        tally.for_people = sum(counts.get(state, 0) for state in courier.FOR_PEOPLE)

    def _gathered(self, due: list[Parcel]) -> bool:
        """Whether a delivery that is not full has waited long enough for others to go with it."""
        oldest = min(parcel.prepared_at for parcel in due)
        return not timedelta() <= self.desk.now() - oldest < self.terms.gather

    def _make_ready(self, parcel: Parcel, tally: Tally) -> Parcel | None:
        """Return the parcel when it is to be sent now."""
        now = self.desk.now()
        mended = courier.clock_set_back(parcel, now)
        if mended is not None:
            self.ledger.move(parcel, mended)
            return None
        step = courier.next_step(parcel, now, self.terms)
        if step is Step.HAND_OVER:
            self.ledger.move(parcel, courier.hand_over(parcel, now))
        if step is Step.ASK and self._waited(parcel):
            asked = self._ask(parcel, tally)
            if asked is None:
                return None
            parcel, step = asked, courier.next_step(asked, self.desk.now(), self.terms)
        return parcel if step is Step.SEND else None

    def _waited(self, parcel: Parcel) -> bool:
        """Whether ``settle`` has passed by the monotonic clock as well: a wall clock may leap."""
        if parcel.state is not ParcelState.UNSURE or not self._patient:
            return True
        key, mono = f"{parcel.reference}/{parcel.attempts}", self.desk.monotonic()
        since = self._watched.setdefault(key, mono)
        return mono - since >= self.terms.settle.total_seconds()

    def _ask(self, parcel: Parcel, tally: Tally) -> Parcel | None:
        """Return the parcel as it is to go on; what was found is closed. A no needs no transaction
        of its own: it is committed with the intent that follows it.
        """
        now = self.desk.now()
        try:
            finding = self.port.find(parcel.result)
        except PortError as error:
            later = courier.put_off(parcel, mask_text(str(error)), now, self.terms)
            self.ledger.move(parcel, later)
            raise
        self._watched.pop(f"{parcel.reference}/{parcel.attempts}", None)
        asked = courier.after_asking(parcel, finding, now)
        if not finding.copies:
            return asked
        tally.found += 1
        self.ledger.move(parcel, asked)
        return None

    def _send(self, due: list[Parcel], tally: Tally) -> None:
        self._renew()
        name = self.port.next_delivery(self.ledger.highest_delivery())
        began, mono = self.desk.now(), self.desk.monotonic()
        intents = [(p, courier.intent(p, name, began)) for p in due]
        ours = self.ledger.move_all(intents)
        if not ours:
            return
        delivery = Delivery(tuple(p.result for p in ours), name, self._in_time(began, mono))
        sent = self._handed(delivery)
        after = [(p, courier.after_sending(p, sent, self.desk.now(), self.terms)) for p in ours]
        self.ledger.move_all(after)
        tally.sent += len(ours) * (sent.verdict is Verdict.TAKEN)
        if sent.verdict is not Verdict.TAKEN:
            tally.problems.append(sent.reason)

    def _in_time(self, began: datetime, mono: float) -> Callable[[], bool]:
        limit = self.terms.begin_within

        def in_time() -> bool:
            by_wall = self.desk.now() - began
            by_mono = timedelta(seconds=self.desk.monotonic() - mono)
            return max(by_wall, by_mono) < limit

        return in_time

    def _handed(self, delivery: Delivery) -> Sent:
        try:
            return self.port.send(delivery)
        except PortError as error:
            return Sent(Verdict.UNKNOWN, reason=str(error))
        except Exception:
            log.exception("sending failed unexpectedly; it is asked about before it is sent again")
            return Sent(Verdict.UNKNOWN, reason="发送时出错，先查对方是否收到。")


def _same_but_reissue(one: Result, other: Result) -> bool:
    return (one.number, one.round, one.version) == (other.number, other.round, other.version)


def _in_order(parcel: Parcel) -> tuple[datetime, int, int, int]:
    """Sort oldest first, and the results of one order as they were made."""
    result = parcel.result
    return parcel.prepared_at, result.round, result.version, result.reissue
