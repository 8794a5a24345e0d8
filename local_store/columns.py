"""From an order's head to the columns that lists are filtered and sorted by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from desktop_app.domain.center import Center
from desktop_app.domain.orders import Stage
from desktop_app.domain.policy import Bands
from local_store.heads import Head
from local_store.rows import SavedView
from local_store.times import to_us

STAGES = tuple(Stage)
STAGE_RANK = {stage: rank for rank, stage in enumerate(STAGES)}

COLUMNS = (
    "number", "tail", "title", "village_id", "village_key", "tier", "tier_rank", "stage", "holder",
    "dispatched_at", "open", "views", "paused", "people", "unaccepted", "cur_start", "cur_safe",
    "near_at", "conflicts",
)  # fmt: skip
"""The columns that ``derive`` returns, in this order."""

NEVER = 1 << 62
"""A time that does not come: for orders without a running clock."""
NO_RANK = 99
"""Of a tier that the policy does not know."""

MASKED = (
    SavedView.TO_ACCEPT, SavedView.TO_VERIFY, SavedView.TO_PROPOSE, SavedView.TO_SIGN,
    SavedView.TO_MEET, SavedView.TO_REVIEW, SavedView.TO_REPORT, SavedView.REPEAT,
    SavedView.SIGNED, SavedView.RETURNED,
)  # fmt: skip
BIT = {view: 1 << n for n, view in enumerate(MASKED)}
"""Views kept as bits of the ``views`` column; the other views follow from other columns."""

_BY_STAGE = {
    Stage.DISPATCHED: BIT[SavedView.TO_ACCEPT],
    Stage.ACCEPTED: BIT[SavedView.TO_VERIFY],
    Stage.VERIFIED: BIT[SavedView.TO_PROPOSE],
    Stage.PROPOSED: BIT[SavedView.TO_SIGN],
    Stage.CONCLUDED: BIT[SavedView.TO_REVIEW],
    Stage.REVIEWED: BIT[SavedView.TO_REPORT],
}
_UNDER_WAY = (Stage.SIGNED, Stage.HANDLING)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the columns take from the center: bands, rank of tiers, how villages are sorted."""

    bands: Bands = field(default_factory=Bands)
    tiers: Mapping[str, int] = field(default_factory=dict)
    villages: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(center: Center | None) -> Frame:
        if center is None:
            return Frame()
        policy = center.policy
        return Frame(
            policy.bands,
            {tier.id: rank for rank, tier in enumerate(policy.tiers)},
            {unit.id: unit.pinyin or unit.name for unit in center.units},
        )


def derive(head: Head, frame: Frame) -> tuple[object, ...]:
    """Return the values of ``COLUMNS``."""
    closed = head.closed
    clock = None if closed else head.current
    village_id = head.place.village_id or ""
    start = safe = near = NEVER
    if clock is not None:
        start, safe = to_us(clock.started_at), to_us(clock.safe_due_at)
        near = safe - int((safe - start) * frame.bands.near)
    people = unaccepted = ""
    if head.assignments:
        people = listed(a.handler.person_id for a in head.assignments)
        unaccepted = listed(a.handler.person_id for a in head.assignments if not a.accepted_at)
    return (
        head.number, tail_of(head.number), head.matter.title, village_id,
        frame.villages.get(village_id, head.place.village), head.tier,
        frame.tiers.get(head.tier, NO_RANK), STAGE_RANK[head.stage], head.holder,
        to_us(head.dispatched_at), 0 if closed else 1, 0 if closed else views_of(head),
        1 if head.paused else 0, people, unaccepted, start, safe, near, head.open_conflicts,
    )  # fmt: skip


def views_of(head: Head) -> int:
    """Return the bits of the views an open order belongs to."""
    bits = _BY_STAGE.get(head.stage, 0)
    if head.times > 1:
        bits |= BIT[SavedView.REPEAT]
    if head.signature is not None:
        bits |= BIT[SavedView.SIGNED]
    if head.returned:
        bits |= BIT[SavedView.RETURNED]
    if head.signature_pending:
        redo = head.proposal is None or head.proposal.withdrawn or bool(head.returned)
        bits |= BIT[SavedView.TO_PROPOSE] if redo else BIT[SavedView.TO_SIGN]
    if head.stage in _UNDER_WAY and _to_meet(head):
        bits |= BIT[SavedView.TO_MEET]
    return bits


def _to_meet(head: Head) -> bool:
    if "met" in head.achieved:
        return False
    asked = any(c.closed_by == "met" and c.round == head.round for c in head.clocks)
    return asked or "met" in head.conclude_needs


def listed(people: Iterable[str]) -> str:
    """Return ids as ",a,b," so that ``instr(people, ',a,')`` finds one."""
    text = ",".join(people)
    return f",{text}," if text else ""


def tail_of(number: str) -> str:
    """Return a number's letters and digits backwards: a search by its end is a search by prefix."""
    closed_up = number.replace("-", "")[::-1].lower()
    return closed_up if closed_up.isalnum() else "".join(filter(str.isalnum, closed_up))
