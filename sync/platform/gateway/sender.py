"""Sending: what the courier's rules say, done on the ledger and the port.

What keeps two senders from sending the same result is not the lease but that each commits its intent
against the row as it read it, and gives up a sending that did not begin in time
(``Terms.begin_within`` < ``Terms.settle``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sync.platform.gateway import courier
from sync.platform.gateway.courier import Parcel, ParcelState, Step, Terms
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.lease import Lease
from sync.platform.gateway.ledger import Ledger
from sync.platform.gateway.port import (
    AnswerError,
    Delivery,
    GatewayPort,
    PortError,
    ResultKind,
    Sent,
    Verdict,
)
from sync.platform.gateway.tally import Tally

log = logging.getLogger("jiban.gateway")

FAILURES_A_ROUND = 10
_ELSEWHERE = "换对接方式以前发过，没有回音，现在的方式查不到那一次。"


class Sender:
    """Sends the results of one township.

    ``patient``: wait ``settle`` by the monotonic clock too, as a process can that lives on.
    """

    def __init__(
        self,
        desk: Desk,
        ledger: Ledger,
        port: GatewayPort,
        terms: Terms,
        lease: Lease,
        *,
        patient: bool,
    ) -> None:
        self._desk = desk
        self._ledger = ledger
        self._port = port
        self._terms = terms
        self._lease = lease
        self._patient = patient
        self._watched: dict[str, float] = {}

    def deliver(self, tally: Tally) -> None:
        """Settle what is in doubt, then send what is due, in deliveries of the port's size."""
        due: list[Parcel] = []
        failed = 0
        for parcel in _first_of_each(self._ledger.open_parcels()):
            try:
                ready = self._make_ready(parcel, tally)
            except PortError as error:
                tally.problems.append(str(error))
                failed += 1
                if failed == FAILURES_A_ROUND or not isinstance(error, AnswerError):
                    break  # the others would wait for the same failure
                continue
            due += [ready] if ready is not None else []
            if len(due) == self._port.batch:
                self._send(due, tally)
                due = []
        if due and self._gathered(due):
            self._send(due, tally)
        counts = self._ledger.counts()
        tally.unsure = counts.get(ParcelState.UNSURE, 0)
        tally.for_people = sum(counts.get(state, 0) for state in courier.FOR_PEOPLE)

    def _gathered(self, due: list[Parcel]) -> bool:
        """Whether a delivery that is not full has waited long enough for others to go with it."""
        oldest = min(parcel.prepared_at for parcel in due)
        return not timedelta() <= self._desk.now() - oldest < self._terms.gather

    def _make_ready(self, parcel: Parcel, tally: Tally) -> Parcel | None:
        """Return the parcel when it is to be sent now."""
        now = self._desk.now()
        mended = courier.clock_set_back(parcel, now)
        if mended is not None:
            self._ledger.move(parcel, mended)
            return None
        step = courier.next_step(parcel, now, self._terms)
        if self._went_elsewhere(parcel):
            parcel, step = replace(parcel, reason=_ELSEWHERE), Step.HAND_OVER
        if step is Step.HAND_OVER:
            self._ledger.move(parcel, courier.hand_over(parcel, now))
        if step is Step.ASK and self._waited(parcel):
            asked = self._ask(parcel, tally)
            if asked is None:
                return None
            parcel, step = asked, courier.next_step(asked, self._desk.now(), self._terms)
        return parcel if step is Step.SEND else None

    def _went_elsewhere(self, parcel: Parcel) -> bool:
        """Whether it may have left through a port of the other sort, which this one cannot ask: batches
        have names, other deliveries have none.
        """
        return parcel.state is ParcelState.UNSURE and bool(parcel.delivery) != self._port.confirms

    def _waited(self, parcel: Parcel) -> bool:
        """Whether ``settle`` has passed by the monotonic clock as well: a wall clock may leap."""
        if parcel.state is not ParcelState.UNSURE or not self._patient:
            return True
        key, mono = f"{parcel.reference}/{parcel.attempts}", self._desk.monotonic()
        since = self._watched.setdefault(key, mono)
        return mono - since >= self._terms.settle.total_seconds()

    def _ask(self, parcel: Parcel, tally: Tally) -> Parcel | None:
        """Return the parcel as it is to go on; what was found is closed. A no needs no transaction
        of its own: it is committed with the intent that follows it.
        """
        now = self._desk.now()
        try:
            finding = self._port.find(parcel.result)
        except PortError as error:
            later = courier.put_off(parcel, str(error), now, self._terms)
            self._ledger.move(parcel, later)
            raise
        self._watched.pop(f"{parcel.reference}/{parcel.attempts}", None)
        asked = courier.after_asking(parcel, finding, now)
        if not finding.copies:
            return asked
        tally.found += 1
        self._ledger.move(parcel, asked)
        return None

    def _send(self, due: list[Parcel], tally: Tally) -> None:
        self._lease.keep()
        name = self._port.next_delivery(self._ledger.highest_delivery())
        began, mono = self._desk.now(), self._desk.monotonic()
        intents = [(p, courier.intent(p, name, began)) for p in due]
        ours = self._ledger.move_all(intents)
        if not ours:
            return
        delivery = Delivery(tuple(p.result for p in ours), name, self._in_time(began, mono))
        sent = self._handed(delivery)
        after = [(p, courier.after_sending(p, sent, self._desk.now(), self._terms)) for p in ours]
        self._ledger.move_all(after)
        tally.sent += len(ours) * (sent.verdict is Verdict.TAKEN)
        if sent.verdict is not Verdict.TAKEN:
            tally.problems.append(sent.reason)

    def _in_time(self, began: datetime, mono: float) -> Callable[[], bool]:
        limit = self._terms.begin_within

        def in_time() -> bool:
            by_wall = self._desk.now() - began
            by_mono = timedelta(seconds=self._desk.monotonic() - mono)
            return max(by_wall, by_mono) < limit

        return in_time

    def _handed(self, delivery: Delivery) -> Sent:
        try:
            return self._port.send(delivery)
        except PortError as error:
            return Sent(Verdict.UNKNOWN, reason=str(error))
        except Exception:
            log.exception("sending failed unexpectedly; it is asked about before it is sent again")
            return Sent(Verdict.UNKNOWN, reason="发送时出错，先查对方是否收到。")


def _first_of_each(parcels: Iterable[Parcel]) -> list[Parcel]:
    """Return what of each order goes first, for a correction must not overtake what it corrects; those
    that have failed come last, so that many that nobody can be asked about hold nothing up.
    """
    first: dict[str, Parcel] = {}
    for parcel in sorted(parcels, key=_in_order):
        first.setdefault(parcel.result.number, parcel)
    return sorted(first.values(), key=lambda parcel: parcel.failures)


_RANKS = {ResultKind.ACCEPTED: 0, ResultKind.STOPPED: 1, ResultKind.RESUMED: 1}


def _in_order(parcel: Parcel) -> tuple[datetime, int, int, int, int]:
    """Sort oldest first, and the results of one order as they were made."""
    result = parcel.result
    rank = _RANKS.get(result.kind, 2)
    return parcel.prepared_at, result.round, rank, result.version, result.reissue
