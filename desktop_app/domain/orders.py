"""The order (工单) as a value: what was said, where it stands, which clocks run, and its whole history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from desktop_app.domain.acts import ActKind, Actor
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import ActId, OrderId, PersonId, UnitId
from desktop_app.domain.policy import AlertMoment, Counting, Milestone, alert_moments


class Stage(StrEnum):
    """Where the order stands on its path."""

    DISPATCHED = "dispatched"  # 待签收
    ACCEPTED = "accepted"  # 待核实
    VERIFIED = "verified"  # 待拟办
    PROPOSED = "proposed"  # 待签批
    SIGNED = "signed"  # 已双派单,待接办
    HANDLING = "handling"  # 办理中
    CONCLUDED = "concluded"  # 已办结,待回访复查
    REVIEWED = "reviewed"  # 已复查,待反馈
    REPORTED = "reported"  # 已反馈,待平台回访
    CALLED_BACK = "called_back"  # 平台已回访,待归档
    ARCHIVED = "archived"  # 已归档
    WITHDRAWN = "withdrawn"  # 平台已撤回

    __hash__ = str.__hash__  # asked for several times per order; an enum's own is not native code


STAGE_TITLES = {
    Stage.DISPATCHED: "待签收",
    Stage.ACCEPTED: "待核实",
    Stage.VERIFIED: "待拟办",
    Stage.PROPOSED: "待签批",
    Stage.SIGNED: "待接办",
    Stage.HANDLING: "办理中",
    Stage.CONCLUDED: "待回访复查",
    Stage.REVIEWED: "待反馈",
    Stage.REPORTED: "待平台回访",
    Stage.CALLED_BACK: "待归档",
    Stage.ARCHIVED: "已归档",
    Stage.WITHDRAWN: "平台已撤回",
}
CLOSED_STAGES = frozenset({Stage.ARCHIVED, Stage.WITHDRAWN})


class OrderKind(StrEnum):
    CONSULTATION = "consultation"  # 咨询
    HELP = "help"  # 求助
    COMPLAINT = "complaint"  # 投诉
    REPORT = "report"  # 举报
    SUGGESTION = "suggestion"  # 建议
    PRAISE = "praise"  # 表扬


KIND_TITLES = {
    OrderKind.CONSULTATION: "咨询",
    OrderKind.HELP: "求助",
    OrderKind.COMPLAINT: "投诉",
    OrderKind.REPORT: "举报",
    OrderKind.SUGGESTION: "建议",
    OrderKind.PRAISE: "表扬",
}


class Duty(StrEnum):
    """The part a handler plays."""

    LEAD = "lead"  # 领办
    ASSIST = "assist"  # 协办
    HELP = "help"  # 帮办
    JOINT = "joint"  # 联办


DUTY_TITLES = {Duty.LEAD: "领办", Duty.ASSIST: "协办", Duty.HELP: "帮办", Duty.JOINT: "联办"}


@dataclass(frozen=True, slots=True)
class Petitioner:
    name: str
    phone: str = ""
    address: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    village_id: UnitId | None = None
    village: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """What it is about, as the platform wrote it; corrections are acts beside it."""

    title: str
    text: str
    kind: OrderKind = OrderKind.HELP
    category: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderLink:
    """An earlier order. ``why`` is one of person, place, matter.

    ``again``: it was about this very matter, so that this is a 重复诉求 and not only a neighbour.
    """

    order_id: OrderId
    number: str
    why: str
    title: str = ""
    outcome: str = ""
    again: bool = True


@dataclass(frozen=True, slots=True)
class ClockRun:
    """One running clock, frozen at receipt. ``due_at`` is absolute and comes from the platform.

    ``safe_due_at`` is the same less the center's internal margin. ``limit`` is that of the rule:
    seconds if elapsed, else days; 0 in orders from before it was kept. ``alerts`` are the frozen alert
    moments (``policy.frozen_moments``); ``moments`` reads them. ``met_at`` is when the step that
    closes it was recorded, by platform time; once set it is never cleared, only moved earlier.
    """

    id: str
    label: str
    node: str
    closed_by: Milestone
    started_at: datetime
    due_at: datetime
    safe_due_at: datetime
    counting: Counting = Counting.ELAPSED
    limit: int = 0
    round: int = 1
    alerts: str = ""
    met_at: datetime | None = None
    met_by: ActId | None = None
    doubtful: bool = False  # met by a record whose clock could not be trusted

    @property
    def moments(self) -> tuple[AlertMoment, ...]:
        """When to tell whom about this clock."""
        return alert_moments(self.alerts)

    @property
    def late(self) -> bool:
        """Closed, but after its due time."""
        return self.met_at is not None and self.met_at > self.due_at


@dataclass(frozen=True, slots=True)
class Pause:
    """停表: all open clocks of the order stand still from ``started_at``, for a stated reason."""

    started_at: datetime
    reason: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """Who is to handle: a person, and the unit that person answers for."""

    duty: Duty
    person_id: PersonId
    title: str
    unit_id: UnitId | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """拟办: who should handle it and what the secretary should know. ``version`` grows with each."""

    version: int
    handlers: tuple[Handler, ...]
    note: str
    by: Actor
    at: datetime
    hash: str = ""
    withdrawn: bool = False  # taken back, or of an earlier round: not to be signed


@dataclass(frozen=True, slots=True)
class Signature:
    """签批. Binds to the very proposal shown (``proposal_hash``); ``changed`` if signed with changes."""

    act_id: ActId
    by: Actor
    at: datetime
    proposal_hash: str
    opinion: str
    changed: bool = False
    on_behalf_of: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Emergency:
    """紧急处置 before the signature; ``signed_at`` stays empty until the signature comes."""

    act_id: ActId
    by: Actor
    at: datetime
    reason: str
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A handler bound by a signature (``signed``) or by a pending emergency record."""

    handler: Handler
    by_act: ActId
    signed: bool
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """核实: ``result`` is matches, corrected or unreachable; corrected values stand beside the original."""

    result: str
    by: Actor
    at: datetime
    text: str = ""
    corrections: tuple[tuple[str, str, str], ...] = ()  # field, as received, corrected


@dataclass(frozen=True, slots=True)
class Conclusion:
    """办结: ``finished`` False is an interim one (阶段性办结), the order stays in handling."""

    act_id: ActId
    by: Actor
    at: datetime
    finished: bool
    measures: str
    promise: str = ""


@dataclass(frozen=True, slots=True)
class CallBack:
    """The platform's call-back: the three rates of this round. ``None`` = not answered (未评价)."""

    at: datetime
    round: int
    responded: bool | None
    resolved: bool | None
    satisfied: bool | None
    text: str = ""


class Outcome(StrEnum):
    """What became of an act; the wire values of the per-act results."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    MERGED = "merged"
    ALREADY = "already"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    DEFERRED = "deferred"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One act as it entered the order, with both times. ``rev`` is the order's revision after it."""

    act_id: ActId
    kind: ActKind
    actor: Actor
    occurred_at: datetime
    received_at: datetime
    rev: int
    outcome: Outcome
    round: int
    clock: ClockQuality = ClockQuality.GOOD
    payload: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    base_rev: int = 0
    base_hash: str = ""  # of a signature or return: the hash of the proposal it is about


UNCONFIRMED = "-"
"""In place of a conflict's alert moments, as long as only the seat itself thinks that there is one."""


class ConflictKind(StrEnum):
    STALE_SIGNATURE = "stale_signature"
    TWO_RESULTS = "two_results"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two records that do not agree. ``first`` is official until somebody decides, by ``due_at``."""

    id: ActId  # the second act's id
    kind: ConflictKind
    step: ActKind
    first: ActId
    second: ActId
    opened_at: datetime
    due_at: datetime
    choice: str = ""  # first, second; "" while open
    reason: str = ""
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    put_off: bool = False  # 先都留着,当面核
    alerts: str = (
        ""  # the frozen moments (``policy.frozen_moments``); who decides hears all of them
    )

    @property
    def open(self) -> bool:
        return not self.choice

    @property
    def confirmed(self) -> bool:
        """Whether the platform opened it. Only then is ``due_at`` a time to go by (I10)."""
        return self.alerts != UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Order:
    """One appeal and all that happened to it. ``rev`` counts the acts it holds, without gaps."""

    id: OrderId
    number: str
    channel: str
    petitioner: Petitioner
    place: Place
    matter: Matter
    tier: str
    tier_title: str
    tier_style: str
    insistent: bool
    called_at: datetime
    dispatched_at: datetime
    policy_id: str
    policy_version: str
    conclude_needs: tuple[Milestone, ...]
    stage: Stage = Stage.DISPATCHED
    rev: int = 1
    round: int = 1
    clocks: tuple[ClockRun, ...] = ()
    pauses: tuple[Pause, ...] = ()
    links: tuple[OrderLink, ...] = ()
    tags: tuple[str, ...] = ()
    verification: Verification | None = None
    call_attempts: int = 0
    proposal: Proposal | None = None
    returned: str = ""  # the secretary's reason while a returned proposal waits to be redone
    signature: Signature | None = None
    emergency: Emergency | None = None
    assignments: tuple[Assignment, ...] = ()
    past_handlers: tuple[PersonId, ...] = ()
    achieved: tuple[Milestone, ...] = ()
    determination: str = ""
    conclusion: Conclusion | None = None
    review: str = ""
    report: str = ""
    callbacks: tuple[CallBack, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    history: tuple[HistoryEntry, ...] = ()

    @property
    def paused(self) -> Pause | None:
        """The pause that is running now, if any."""
        if self.pauses and self.pauses[-1].ended_at is None:
            return self.pauses[-1]
        return None

    @property
    def times(self) -> int:
        """The how many-th time this matter is brought (1: first)."""
        return 1 + sum(link.again for link in self.links)

    @property
    def signature_pending(self) -> bool:
        """Emergency handling has begun and its signature has not come."""
        return self.emergency is not None and self.emergency.signed_at is None

    @property
    def open_conflicts(self) -> tuple[Conflict, ...]:
        return tuple(c for c in self.conflicts if c.open)

    def entry(self, act_id: str) -> HistoryEntry | None:
        return next((e for e in self.history if e.act_id == act_id), None)

    def assignment_of(self, person_id: str) -> Assignment | None:
        return next((a for a in self.assignments if a.handler.person_id == person_id), None)

    def handler_titles(self, duty: Duty) -> tuple[str, ...]:
        return tuple(a.handler.title for a in self.assignments if a.handler.duty is duty)
