"""The courier: what to do next with a result that has to go out, and what an answer means. Pure.

The foreign system knows no idempotency keys: what is sent twice is there twice. So

1. before a result is sent, the foreign system is asked whether it holds it;
2. that it is about to be sent is committed before the first byte leaves (``intent``);
3. whatever ends otherwise than with a yes or no leaves it in doubt (``UNSURE``): it is asked about
   when ``settle`` has passed, and sent again only on a no;
4. where nobody can be asked, a person decides (``DOUBTFUL``).

Every change is one row's, and counts only if the row is still as it was read (``serial``): two
couriers on one database cannot both commit the same intent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto

from sync.platform.gateway.port import Finding, Result, Sent, Verdict


class ParcelState(StrEnum):
    """Where a result stands on its way; the value is stored."""

    PREPARED = "prepared"  # 待发
    UNSURE = "unsure"  # 已试发，没有回音
    ARRIVED = "arrived"  # 已送达（表格：已写入批次）
    CONFIRMED = "confirmed"  # 已确认
    REFUSED = "refused"  # 对方不收，等人处理
    DOUBTFUL = "doubtful"  # 不确定是否送达，等人定


STATE_TITLES = {
    ParcelState.PREPARED: "待发",
    ParcelState.UNSURE: "待查对方是否收到",
    ParcelState.ARRIVED: "已送达",
    ParcelState.CONFIRMED: "已确认",
    ParcelState.REFUSED: "对方不收",
    ParcelState.DOUBTFUL: "不确定是否送达",
}
FOR_PEOPLE = (ParcelState.REFUSED, ParcelState.DOUBTFUL)
CLOSED = (ParcelState.ARRIVED, ParcelState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known about the foreign system.

    ``settle``: after that long without an answer, what arrived is visible to a query and what has
    not arrived no longer will. ``begin_within``: a sending that has not begun by then is given up; it
    has to be shorter than ``settle``.
    """

    can_find: bool = True
    settle: timedelta = timedelta(minutes=10)
    begin_within: timedelta = timedelta(seconds=30)
    first_pause: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(hours=1)
    ask_again: timedelta = timedelta(minutes=10)
    gather: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A result on its way. ``asked_at``: when the foreign system last said that it does not hold it."""

    result: Result
    state: ParcelState
    prepared_at: datetime
    serial: int = 0
    attempts: int = 0
    failures: int = 0
    delivery: str = ""
    asked_at: datetime | None = None
    attempted_at: datetime | None = None
    next_at: datetime | None = None
    settled_at: datetime | None = None
    copies: int = 0
    receipt: str = ""
    reason: str = ""

    @property
    def reference(self) -> str:
        return self.result.reference


class Step(Enum):
    """What the courier does next with a parcel."""

    WAIT = auto()
    ASK = auto()
    SEND = auto()
    HAND_OVER = auto()  # to a person
    REST = auto()


def next_step(parcel: Parcel, now: datetime, terms: Terms) -> Step:
    """Return what is to be done with ``parcel`` at ``now``."""
    if parcel.state in CLOSED or parcel.state in FOR_PEOPLE:
        return Step.REST
    if parcel.next_at is not None and now < parcel.next_at:
        return Step.WAIT
    if parcel.state is ParcelState.UNSURE:
        if not terms.can_find:
            return Step.HAND_OVER
        return Step.ASK if now >= settled_at(parcel, terms) else Step.WAIT
    if terms.can_find and not _asked_lately(parcel, now, terms):
        return Step.ASK
    return Step.SEND


def settled_at(parcel: Parcel, terms: Terms) -> datetime:
    """Return from when on the foreign system's no about the last attempt can be trusted."""
    assert parcel.attempted_at is not None
    return parcel.attempted_at + terms.settle


def _asked_lately(parcel: Parcel, now: datetime, terms: Terms) -> bool:
    return parcel.asked_at is not None and timedelta() <= now - parcel.asked_at < terms.ask_again


def intent(parcel: Parcel, delivery: str, now: datetime) -> Parcel:
    """Return the parcel as it has to be committed before the first byte leaves."""
    return replace(
        parcel,
        state=ParcelState.UNSURE,
        attempts=parcel.attempts + 1,
        delivery=delivery,
        attempted_at=now,
        asked_at=None,
        next_at=None,
        reason="",
    )


def after_sending(parcel: Parcel, sent: Sent, now: datetime, terms: Terms) -> Parcel:
    """Return the parcel as the end of its sending leaves it."""
    if sent.verdict is Verdict.TAKEN:
        return _arrived(parcel, now, 1, sent.receipt)
    if sent.verdict is Verdict.REFUSED:
        return replace(parcel, state=ParcelState.REFUSED, reason=sent.reason, settled_at=now)
    if sent.verdict is Verdict.NOT_SENT:
        back = replace(
            parcel, state=ParcelState.PREPARED, delivery="", attempts=parcel.attempts - 1
        )
        return put_off(back, sent.reason, now, terms)
    return replace(parcel, reason=sent.reason)


def after_asking(parcel: Parcel, finding: Finding, now: datetime) -> Parcel:
    """Return the parcel as the foreign system's word leaves it."""
    if finding.copies:
        delivery = finding.delivery or parcel.delivery
        return _arrived(replace(parcel, delivery=delivery), now, finding.copies, finding.receipt)
    return replace(
        parcel, state=ParcelState.PREPARED, delivery="", asked_at=now, next_at=None, reason=""
    )


def put_off(parcel: Parcel, reason: str, now: datetime, terms: Terms) -> Parcel:
    """Return the parcel to be looked at later: twice as long after each failure, up to a limit."""
    pause = min(terms.first_pause * 2 ** min(parcel.failures, 16), terms.longest_pause)
    return replace(
        parcel, failures=parcel.failures + 1, next_at=now + pause, reason=reason, asked_at=None
    )


def hand_over(parcel: Parcel, now: datetime) -> Parcel:
    """Return the parcel as a person's task: it may have arrived, and nobody can be asked."""
    reason = parcel.reason or "发出后没有回音，对方系统不能查询。"
    return replace(parcel, state=ParcelState.DOUBTFUL, reason=reason, settled_at=now)


def confirmed_by_person(parcel: Parcel, now: datetime) -> Parcel:
    """A person saw it in the foreign system, or uploaded its batch."""
    return replace(
        parcel, state=ParcelState.CONFIRMED, copies=max(1, parcel.copies), settled_at=now, reason=""
    )


def resent_by_person(parcel: Parcel) -> Parcel:
    """A person says that it did not arrive, or that what was refused will now be taken."""
    return replace(
        parcel,
        state=ParcelState.PREPARED,
        delivery="",
        failures=0,
        asked_at=None,
        next_at=None,
        settled_at=None,
        reason="",
    )


def clock_set_back(parcel: Parcel, now: datetime) -> Parcel | None:
    """Return the parcel with its times brought to ``now`` when they lie in the future, else None.

    A wall clock set back must not hold a result for as long as it was set back.
    """
    ahead = [t for t in (parcel.attempted_at, parcel.asked_at) if t is not None and t > now]
    far = parcel.next_at is not None and parcel.next_at > now + timedelta(hours=2)
    if not ahead and not far:
        return None
    return replace(
        parcel,
        attempted_at=now if parcel.attempted_at is not None else None,
        asked_at=None,
        next_at=None,
    )


def _arrived(parcel: Parcel, now: datetime, copies: int, receipt: str) -> Parcel:
    return replace(
        parcel,
        state=ParcelState.ARRIVED,
        copies=copies,
        receipt=receipt[:200],
        settled_at=now,
        next_at=None,
        reason="对方系统里有重复，请联系对方核销。" if copies > 1 else "",
    )
