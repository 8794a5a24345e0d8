"""What the seat does with each result of an act: one table, one reaction per outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop_app.domain.orders import Outcome
from sync.protocol.messages import ActResult


class Shown(StrEnum):
    """Where a result stays visible until somebody has dealt with it (I7)."""

    NOWHERE = "nowhere"  # the order itself tells
    OUTBOX = "outbox"  # waits among the unsent records, with the reason
    DECISIONS = "decisions"  # a task: somebody must decide, or set it aside


@dataclass(frozen=True, slots=True)
class Reaction:
    """``settles``: the platform has spoken its last word; the act is never sent again (but in a
    replay). ``retries``: it stays in the outbox and goes again, no sooner than the backoff allows;
    until then later acts on the same order wait behind it, other orders do not.
    """

    settles: bool
    retries: bool
    shown: Shown
    words: str


REACTIONS: dict[Outcome, Reaction] = {
    Outcome.APPLIED: Reaction(True, False, Shown.NOWHERE, "已送达"),
    Outcome.MERGED: Reaction(True, False, Shown.NOWHERE, "已送达，与别人的记录并存"),
    Outcome.ALREADY: Reaction(True, False, Shown.NOWHERE, "别人已先办过这一步"),
    Outcome.CONFLICT: Reaction(True, False, Shown.DECISIONS, "与别人的记录对不上，待选定"),
    Outcome.REJECTED: Reaction(True, False, Shown.DECISIONS, "平台未采用，待处理"),
    Outcome.BLOCKED: Reaction(False, True, Shown.OUTBOX, "等前一条记录"),
    Outcome.DEFERRED: Reaction(False, True, Shown.OUTBOX, "平台暂缓处理"),
}
"""``duplicate`` is not in the table: it stands for the original result and reacts as that does, so
that an act whose first answer was a refusal is not taken for delivered."""


def reaction_to(result: ActResult) -> Reaction:
    """Return the one reaction to ``result``."""
    outcome = result.outcome
    if outcome is Outcome.DUPLICATE:
        outcome = result.original or Outcome.APPLIED
    if outcome is Outcome.DUPLICATE:
        outcome = Outcome.APPLIED
    return REACTIONS[outcome]
