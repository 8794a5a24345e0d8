"""What lies on the desk: the very proposal that would be signed, and what became of it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desktop_app.domain.lifecycle import waits_for_signature
from desktop_app.domain.orders import Order
from ui.signoff.changes import moved_on, proposal_differences


@dataclass(frozen=True, slots=True)
class Shown:
    """An order as it was put on the desk. A signature binds to ``hash``, whatever arrives later."""

    order: Order
    to_sign: bool
    """It waited for a signature when it was put there."""
    differences: tuple[str, ...] = ()
    """What the proposal that stands now says differently; not looked at yet."""
    gone: str = ""
    """Why there is nothing left to sign."""

    @property
    def hash(self) -> str:
        return self.order.proposal.hash if self.order.proposal else ""

    @property
    def stale(self) -> bool:
        """Somebody has to look before anything is signed here."""
        return bool(self.differences or self.gone)

    def met(self, fresh: Order) -> Shown:
        """The same desk after ``fresh`` arrived: the sheet follows it only where the proposal is the same."""
        if not self.to_sign:
            return replace(self, order=fresh)
        if not waits_for_signature(fresh):
            return replace(self, differences=(), gone=moved_on(fresh))
        differences = proposal_differences(self.order.proposal, fresh.proposal)
        if differences:
            return replace(self, differences=differences, gone="")
        return Shown(fresh, self.to_sign)
