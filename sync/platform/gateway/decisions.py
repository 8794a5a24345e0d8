"""What people decide about results: uploaded, arrived, to be sent, to be sent once more."""

from __future__ import annotations

from sync.platform.gateway import courier
from sync.platform.gateway.courier import Parcel, ParcelState
from sync.platform.gateway.desk import Desk
from sync.platform.gateway.ledger import Ledger
from sync.platform.gateway.port import Result
from sync.platform.gateway.results import reissued


class Decisions:
    """The decisions of one township, each guarded by how the parcel stood when it was read."""

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger

    def confirm_delivery(self, name: str) -> int:
        """Note that a batch was uploaded. Returns how many results are thereby confirmed."""
        now = self._desk.now()
        waiting = [p for p in self._ledger.of_delivery(name) if p.state is ParcelState.ARRIVED]
        changes = [(p, courier.confirmed_by_person(p, now)) for p in waiting]
        return len(self._ledger.move_all(changes))

    def confirm_arrival(self, reference: str) -> bool:
        """A person saw the result in the foreign system. False: nobody has to decide about it."""
        parcel = self._ledger.parcel(reference)
        if parcel is None or parcel.state not in courier.FOR_PEOPLE:
            return False
        after = courier.confirmed_by_person(parcel, self._desk.now())
        return self._ledger.move(parcel, after) is not None

    def resend(self, reference: str) -> bool:
        """A person says that the result is to be sent: it did not arrive, or will be taken now."""
        parcel = self._ledger.parcel(reference)
        if parcel is None or parcel.state not in courier.FOR_PEOPLE:
            return False
        return self._ledger.move(parcel, courier.resent_by_person(parcel)) is not None

    def reissue(self, reference: str) -> Parcel | None:
        """Prepare a delivered result once more on a person's word (补发). None: it is not delivered."""
        parcel = self._ledger.parcel(reference)
        if parcel is None or parcel.state not in courier.CLOSED:
            return None
        of_order = self._ledger.of_order(parcel.result.number)
        same = [p for p in of_order if _same_but_reissue(p.result, parcel.result)]
        again = reissued(parcel.result, max(p.result.reissue for p in same) + 1)
        self._ledger.prepare([again], self._desk.now())
        return self._ledger.parcel(again.reference)


def _same_but_reissue(one: Result, other: Result) -> bool:
    return (one.kind, one.number, one.round, one.version) == (
        other.kind, other.number, other.round, other.version,
    )  # fmt: skip
