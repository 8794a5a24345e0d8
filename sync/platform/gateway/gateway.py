"""The gateway's rounds: take in, look for new results, send what is due."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from sync.platform.database import StorageFailed
from sync.platform.gateway.courier import Terms
from sync.platform.gateway.decisions import Decisions
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.intake_desk import IntakeDesk
from sync.platform.gateway.lease import Lease, LeaseHeld
from sync.platform.gateway.ledger import Ledger
from sync.platform.gateway.port import (
    ONLY_RESULTS,
    GatewayPort,
    PortError,
    RefusedRecord,
    Result,
    ResultKind,
)
from sync.platform.gateway.results import results_of
from sync.platform.gateway.sender import Sender
from sync.platform.gateway.tally import Tally
from sync.platform.problems import PlatformProblem
from sync.protocol.codec import decode_order

log = logging.getLogger("jiban.gateway")

PAGES_A_ROUND = 20


class Gateway:
    """The gateway of one township. ``holder`` names this process in the lease.

    ``patient``: see ``Sender``. ``since``: what was reported before that went another way and is
    not sent. ``kinds``: what the foreign system wants to hear.
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
        kinds: frozenset[ResultKind] = ONLY_RESULTS,
    ) -> None:
        self.desk = desk
        self.port = port
        self.ledger = Ledger(desk.database, desk.township)
        self.decisions = Decisions(desk, self.ledger)
        self._since = since
        self._kinds = kinds
        self._lease = Lease(desk, self.ledger, holder)
        self._intake = IntakeDesk(desk, self.ledger)
        self._sender = Sender(desk, self.ledger, port, terms, self._lease, patient=patient)

    def round(self) -> Tally:
        """Do all that is due now. Raises ``LeaseHeld``; problems of the foreign system are told."""
        tally = Tally()
        self._lease.take()
        parts = (
            self._receive, self._try_again, self._confirm, self._look, self._sender.deliver,
        )  # fmt: skip
        for part in parts:
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
        self._lease.give_back()

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
            self._lease.keep()

    def _try_again(self, tally: Tally) -> None:
        for taken in self._intake.try_again(self.desk.now()):
            tally.taken += taken.done
            tally.waiting += not taken.done

    # --- out --------------------------------------------------------------------------------------

    def _confirm(self, tally: Tally) -> None:
        """Note the batches that somebody confirmed at the port itself."""
        for name in sorted(self.port.confirmed() & self.ledger.unconfirmed_deliveries().keys()):
            self.decisions.confirm_delivery(name)

    def _look(self, tally: Tally) -> None:
        """Read the orders that changed and prepare the results that they owe."""
        while True:
            place = int(self.ledger.note("read_to") or 0)
            changed = self.desk.changed_orders(place)
            if changed.place == place:
                return
            results = [r for number, state in changed.orders for r in self._owed(number, state)]
            tally.prepared += self.ledger.prepare(results, self.desk.now(), changed.place)

    def _owed(self, number: str, state: bytes) -> tuple[Result, ...]:
        """Return the order's results; what cannot be made of it is listed for a person."""
        try:
            results = results_of(decode_order(state), self._kinds)
        except Exception:
            log.exception("the results of order %s cannot be made", number)
            said = f"工单 {number} 读不出来，有没有反馈要报送请人工核对，并联系管理员。"
            digest = hashlib.sha256(state).hexdigest()
            self._intake.list_refused(RefusedRecord(digest, number, said), self.desk.now())
            return ()
        return tuple(r for r in results if self._since is None or r.reported_at >= self._since)
