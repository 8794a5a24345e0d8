"""Plain frozen values that leave the store for lists, alerts, outbox and decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from desktop_app.domain.acts import Act, ActKind, Actor
from desktop_app.domain.alert_values import AlertMark
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import ClockRun, Conflict, HistoryEntry, Order, Stage
from local_store.changes import ChangeSet


class SyncState(StrEnum):
    """How an order stands with the platform: the worst of its acts."""

    SYNCED = "synced"
    PENDING = "pending"
    REJECTED = "rejected"
    CONFLICT = "conflict"


class SavedView(StrEnum):
    """The lists of the workbench."""

    SHIFT = "shift"  # 本班: open orders this person has or watches
    TO_ACCEPT = "to_accept"  # 待签收; for a handler: 待接办
    TO_VERIFY = "to_verify"  # 待核实
    TO_PROPOSE = "to_propose"  # 待拟办, also 补拟办
    TO_SIGN = "to_sign"  # 待签批, also 补签
    TO_MEET = "to_meet"  # 待见面
    TO_REVIEW = "to_review"  # 待回访复查
    TO_REPORT = "to_report"  # 待反馈
    NEAR = "near"  # 临期
    OVERDUE = "overdue"  # 超时
    REPEAT = "repeat"  # 重复
    OPEN = "open"  # 全部在办
    MINE = "mine"  # 我的单: open, assigned to this person
    SIGNED = "signed"  # 已签, open
    RETURNED = "returned"  # 退回
    CONFLICT = "conflict"  # 有冲突
    ALL = "all"  # 全部


VIEW_TITLES = {
    SavedView.SHIFT: "本班",
    SavedView.TO_ACCEPT: "待签收",
    SavedView.TO_VERIFY: "待核实",
    SavedView.TO_PROPOSE: "待拟办",
    SavedView.TO_SIGN: "待签批",
    SavedView.TO_MEET: "待见面",
    SavedView.TO_REVIEW: "待复查",
    SavedView.TO_REPORT: "待反馈",
    SavedView.NEAR: "临期",
    SavedView.OVERDUE: "超时",
    SavedView.REPEAT: "重复",
    SavedView.OPEN: "全部在办",
    SavedView.MINE: "我的单",
    SavedView.SIGNED: "已签",
    SavedView.RETURNED: "退回",
    SavedView.CONFLICT: "冲突",
    SavedView.ALL: "全部",
}


class SortKey(StrEnum):
    """How a list may be sorted. ``URGENCY``: least share of time left first, stopped clocks last of
    the open orders, closed orders at the end, newest first.
    """

    URGENCY = "urgency"
    NUMBER = "number"
    TITLE = "title"
    TIER = "tier"
    VILLAGE = "village"
    STAGE = "stage"
    HOLDER = "holder"
    DUE = "due"
    DISPATCHED = "dispatched"


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list shows. ``text`` searches number tails, words of 1–n characters, phone numbers and
    the pinyin initials of villages; several terms all have to match. Empty filters do not filter;
    the times bound ``dispatched_at`` (from inclusive, until exclusive).
    """

    view: SavedView = SavedView.SHIFT
    text: str = ""
    sort: SortKey = SortKey.URGENCY
    descending: bool = False
    tiers: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()  # unit ids
    stages: tuple[Stage, ...] = ()
    person: PersonId | None = None  # handled by
    dispatched_from: datetime | None = None
    dispatched_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """The clock that is due next. Times are aware UTC."""

    id: str
    label: str
    node: str
    started_at: datetime
    due_at: datetime
    safe_due_at: datetime


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One mark of the node track. ``node`` is its sign (1 3 5 7 落 办)."""

    node: str
    label: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of a list. ``repeat``: this is the how many-th time (1: first)."""

    rowid: int
    order_id: OrderId
    rev: int
    number: str
    title: str
    village: str
    tier: str
    tier_title: str
    tier_style: str
    stage: Stage
    holder: str
    round: int
    repeat: int
    dispatched_at: datetime
    clock: ClockRow | None
    paused: bool
    nodes: tuple[NodeRow, ...]
    sync: SyncState
    pending: int
    signature_pending: bool
    insistent: bool
    mine: bool = False
    people: tuple[PersonId, ...] = ()
    returned: bool = False
    proposal_hash: str = ""


@dataclass(frozen=True, slots=True)
class ClockDue:
    """One running clock of one order, for alerts and the countdown. ``holders``: whose it ever was."""

    order_id: OrderId
    number: str
    title: str
    village: str
    tier: str
    tier_title: str
    tier_style: str
    stage: Stage
    holder: str
    clock: ClockRun
    paused: bool
    insistent: bool
    dispatched_at: datetime
    round: int
    people: tuple[PersonId, ...] = ()
    holders: tuple[PersonId, ...] = ()
    to_sign: bool = False


@dataclass(frozen=True, slots=True)
class Similar:
    """An earlier order that may be about the same. ``why``: person, place, matter (first that fits).
    ``lead``/``helpers``: who handled it, by person id. ``linked``: the order already names it;
    ``again``: as the same matter.
    """

    row: OrderRow
    why: str
    outcome: str  # 已办结 · 满意, 办理中, …
    resolved: bool | None
    satisfied: bool | None
    category: tuple[str, ...]
    lead: PersonId | None
    village_person: PersonId | None
    helpers: tuple[PersonId, ...]
    linked: bool
    again: bool = False


class OutboxStatus(StrEnum):
    """Where a recorded act stands."""

    WAITING = "waiting"  # 待上传
    BLOCKED = "blocked"  # an earlier act of this order has to go first
    DEFERRED = "deferred"  # the platform wants it later, says why
    ANSWERED = "answered"  # the platform has it; its order has not come back yet
    REJECTED = "rejected"  # the platform refused it; somebody has to look
    SET_ASIDE = "set_aside"  # refused, looked at and put away
    DONE = "done"  # in the journal


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One recorded act and where it stands. ``reason`` is Chinese, from the platform."""

    act: Act
    status: OutboxStatus
    reason: str
    number: str
    title: str
    recorded_at: datetime
    code: str = ""
    exported_at: datetime | None = None  # it is on a USB stick, too
    due_at: datetime | None = None  # of a refused one: until when it should be dealt with


class DecisionKind(StrEnum):
    CONFLICT = "conflict"
    REJECTION = "rejection"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to settle a conflict. ``why_not`` is empty when this person may choose it."""

    key: str  # first, second, put_off
    label: str
    effect: str
    tells: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something a person has to decide: a conflict (``conflict``, ``first``, ``second``, ``choices``)
    or an own act that the platform refused (``act``, ``reason``). ``why_not``: empty when this person
    decides, else who does.
    """

    kind: DecisionKind
    order_id: OrderId
    number: str
    title: str
    village: str
    opened_at: datetime
    due_at: datetime | None
    why_not: str = ""
    conflict: Conflict | None = None
    first: HistoryEntry | None = None
    second: HistoryEntry | None = None
    choices: tuple[Choice, ...] = ()
    act: Act | None = None
    reason: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ActDraft:
    """An act before it is recorded. ``payload`` is a dataclass of ``domain.payloads``;
    ``drops`` = (order id, form) of the draft text that this act carries away.
    """

    subject: OrderId
    kind: ActKind
    payload: object
    actor: Actor
    base_hash: str = ""
    files: tuple[str, ...] = ()
    drops: tuple[OrderId, str] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A saved act and the order as this seat sees it now (None for acts on the center)."""

    act: Act
    order: Order | None
    changes: ChangeSet


@dataclass(frozen=True, slots=True)
class DraftText:
    """A text in an editor that survives a crash."""

    order_id: OrderId
    form: str
    values: dict[str, object]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A photo or file of an act. ``sent`` bytes are at the platform; all of them when equal to ``size``."""

    sha256: str
    size: int
    name: str
    sent: int = 0

    @property
    def uploaded(self) -> bool:
        return self.sent >= self.size


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """From where to go on. ``ack``: the highest device_seq whose result is stored here."""

    cursor: str = ""
    epoch: str = ""
    server_id: str = ""
    ack: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of ``doctor``. ``ok`` False needs somebody to look."""

    check: str
    ok: bool
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """在办 counts by person, for the suggestions."""

    by_person: dict[PersonId, int] = field(default_factory=dict)

    def of(self, person_id: PersonId) -> int:
        return self.by_person.get(person_id, 0)


__all__ = [
    "VIEW_TITLES", "ActDraft", "AlertMark", "Choice", "ClockDue", "ClockRow", "Decision",
    "DecisionKind", "DraftText", "Finding", "ListQuery", "Load", "NodeRow", "OrderRow", "OutboxItem",
    "OutboxStatus", "Recorded", "SavedView", "Similar", "SortKey", "StoredFile", "SyncPoint",
    "SyncState",
]  # fmt: skip
