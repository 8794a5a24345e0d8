"""Two records that do not agree: who decides, by when, and what the decision does.

A decision is an act too. Until it comes, the record that reached the platform first is official.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ACT_TITLES, Act, ActKind
from desktop_app.domain.calendars import office_time_after
from desktop_app.domain.center import Center
from desktop_app.domain.deadlines import open_clocks
from desktop_app.domain.effects import effect_of
from desktop_app.domain.ids import ActId
from desktop_app.domain.milestones import achieve, achieves
from desktop_app.domain.moments import began, effective_time
from desktop_app.domain.orders import (
    UNCONFIRMED,
    Conflict,
    ConflictKind,
    HistoryEntry,
    Order,
    Outcome,
    Stage,
)
from desktop_app.domain.policy import AlertMoment, Milestone, Policy, frozen_moments
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role

K = ActKind
SIGNING = frozenset({K.SIGN, K.RETURN_PROPOSAL})
"""What only the secretary decides about."""


# --- by when --------------------------------------------------------------------------------------


def answer_by(policy: Policy, order: Order | None, at: datetime) -> datetime:
    """Return until when a question that came up ``at`` must be answered (policy ``[decisions]``).

    So much office time, but no longer than the clock of the order that ends next: whoever answers
    later answers too late for it. A clock that is over or stopped shortens nothing.
    """
    due = office_time_after(policy, at, policy.decisions.within_seconds)
    clocks = open_clocks(order) if order is not None and order.paused is None else ()
    return min([due, *(c.safe_due_at for c in clocks if c.safe_due_at > at)])


def opened(
    order: Order, policy: Policy, act: Act, first: ActId, kind: ConflictKind, at: datetime
) -> Conflict:
    """Return the question that ``act`` raised beside ``first``, with its time limit frozen onto it."""
    due = answer_by(policy, order, at)
    at_once = AlertMoment(1 - int((due - at).total_seconds()), ())
    alerts = frozen_moments((at_once, *policy.decisions.alerts))
    return Conflict(act.id, kind, act.kind, first, act.id, at, due, alerts=alerts)


def unconfirmed(order: Order, known: frozenset[ActId]) -> Order:
    """Return the order as a seat folded it: conflicts other than ``known`` are its own guess. It sees
    them, but their time begins to run when the platform says so.
    """
    if all(c.id in known for c in order.conflicts):
        return order
    marked = (c if c.id in known else replace(c, alerts=UNCONFIRMED) for c in order.conflicts)
    return replace(order, conflicts=tuple(marked))


# --- who ------------------------------------------------------------------------------------------


def deciders(order: Order, conflict: Conflict) -> frozenset[str]:
    """Return the person ids who decide, empty when it is decided by role alone."""
    if conflict.step in SIGNING:
        return frozenset()
    lead = [a.handler.person_id for a in order.assignments if a.handler.duty.value == "lead"]
    return frozenset(lead)


def why_not_decide(
    order: Order,
    conflict: Conflict,
    person_id: str,
    role: Role,
    at: datetime | None = None,
    policy: Policy | None = None,
) -> str:
    """Return "" when this person decides the conflict ``at`` that time, else who does (*ours*).

    Once it is overdue, the roles named by the policy may decide too, so that a lead who is away or
    has left does not keep an order standing. Over signatures only the secretary ever decides.
    """
    if conflict.step in SIGNING:
        return "" if role is Role.SECRETARY else "签批对不上，由乡党委书记选定。"
    overdue = at is not None and at >= conflict.due_at and conflict.confirmed
    if overdue and policy is not None and role in policy.decisions.then:
        return ""
    leads = deciders(order, conflict)
    if leads:
        return "" if person_id in leads else "这件单由领办选定。您可以打电话说明。"
    return "" if role is Role.DISPATCHER else "还没有领办，由派单员选定。"


# --- what it does ---------------------------------------------------------------------------------


def resolved(
    order: Order, act: Act, payload: p.Resolve, center: Center, received_at: datetime
) -> Order | None:
    """Return the order as decided, None when the same was decided before. Raises ``Refusal``."""
    conflict = next((c for c in order.conflicts if c.id == payload.conflict_id), None)
    if conflict is None:
        raise Refusal("no_conflict", "找不到这处冲突。")
    at, _ = effective_time(act, received_at, conflict.opened_at)
    actor = act.actor
    refused = why_not_decide(order, conflict, actor.person_id, actor.role, at, center.policy)
    if refused:
        raise Refusal("not_decider", refused)
    if not conflict.open:
        if conflict.choice == payload.choice:
            return None
        raise Refusal("decided", "这处冲突已有人选定。", "如不同意，请写备注。")
    return _settle(order, act, payload, conflict, center, received_at)


def _settle(
    order: Order, act: Act, payload: p.Resolve, conflict: Conflict, center: Center, at: datetime
) -> Order:
    if payload.choice == "put_off":
        settled = replace(conflict, put_off=True, reason=payload.reason)
        return _swap(order, settled)
    settled = replace(
        conflict,
        choice=payload.choice,
        reason=payload.reason,
        decided_by=act.actor,
        decided_at=at,
    )
    if payload.choice == "second":
        order = _follow(_adopt(order, conflict, center), conflict)
    return _swap(order, settled)


def _swap(order: Order, settled: Conflict) -> Order:
    return replace(
        order, conflicts=tuple(settled if c.id == settled.id else c for c in order.conflicts)
    )


def _follow(order: Order, adopted: Conflict) -> Order:
    """Other records that stood against the same first one now stand against the one chosen."""
    moved = (
        replace(c, first=adopted.second) if c.open and c.first == adopted.first else c
        for c in order.conflicts
    )
    return replace(order, conflicts=tuple(moved))


def _adopt(order: Order, conflict: Conflict, center: Center) -> Order:
    """Let the second record take effect, as if it had come first."""
    if conflict.kind is ConflictKind.STALE_SIGNATURE:
        did = "签批" if conflict.step is K.SIGN else "退回"
        raise Refusal("stale", f"旧版上的{did}不能转用。", "请按新版重签，或退回。")
    entry = order.entry(conflict.second)
    assert entry is not None
    if entry.round != order.round:
        raise Refusal("round", "这是上一轮办理时的记录，不能改动二次办理。", "请以第一条为准。")
    _check_still_open(order, conflict, entry)
    if order.stage in (Stage.REPORTED, Stage.CALLED_BACK, Stage.ARCHIVED, Stage.WITHDRAWN):
        raise Refusal("reported", "这件单已反馈或撤回，不能再换。", "请写备注。")
    if entry.kind in _PAUSES:
        return _adopt_pause(order, entry)
    second = Act(
        entry.act_id, order.id, entry.kind, entry.actor, entry.occurred_at,
        base_rev=entry.base_rev, clock=entry.clock, payload=entry.payload,
        base_hash=entry.base_hash,
    )  # fmt: skip
    payload = p.read(second)
    when, doubtful = effective_time(second, entry.received_at, began(order, order.round))
    after = effect_of(entry.kind)(order, second, payload, center, when)
    milestone = _MILESTONES.get(entry.kind)
    if milestone is None or not achieves(payload):
        return after
    return achieve(after, milestone, when, second, doubtful)


_PAUSES = (K.STOP_CLOCK, K.RESUME_CLOCK)


def _adopt_pause(order: Order, entry: HistoryEntry) -> Order:
    """The clock stands or runs since the first record; only why it was stopped can still change."""
    if entry.kind is K.RESUME_CLOCK or not order.pauses:
        return order
    pause = replace(order.pauses[-1], reason=str(entry.payload.get("reason", "")))
    return replace(order, pauses=(*order.pauses[:-1], pause))


def _check_nothing_newer(order: Order, second: HistoryEntry) -> None:
    """Raise ``Refusal`` when somebody has taken the same step anew since: that record stands."""
    for entry in order.history:
        newer = entry.kind is second.kind and entry.rev > second.rev
        if newer and entry.outcome in (Outcome.APPLIED, Outcome.MERGED):
            title = ACT_TITLES[second.kind]
            raise Refusal("newer", f"这两条之后又记过“{title}”。", "请以第一条为准。")


def _check_still_open(order: Order, conflict: Conflict, second: HistoryEntry) -> None:
    """Raise ``Refusal`` when what the two records disagreed about has been settled or changed since."""
    first = order.entry(conflict.first)
    assert first is not None
    _check_nothing_newer(order, second)
    if second.kind is K.PROPOSE:
        if order.signature is not None:
            raise Refusal("signed", "书记已经签批，不能换拟办。", "请另写备注，或请书记退回。")
        if order.stage is not Stage.PROPOSED and not order.signature_pending:
            raise Refusal("withdrawn", "拟办已撤回或退回，不能再换。", "请重新拟办。")
    again = order.proposal is None or not order.proposal.withdrawn
    if second.kind is K.WITHDRAW_PROPOSAL and again:
        raise Refusal("stale", "撤回后已重新拟办，这次撤回不能再用。", "请以第一条为准。")
    if second.kind is K.EMERGENCY and not order.signature_pending:
        raise Refusal("signed", "书记已经补签，不能换承办。", "请写备注。")
    if second.kind is K.RETURN_PROPOSAL and first.kind is K.RETURN_PROPOSAL and not order.returned:
        raise Refusal("stale", "退回后已重新拟办，这次退回不能再用。", "请看新的拟办。")
    if second.kind is K.SIGN or (second.kind is K.RETURN_PROPOSAL and first.kind is K.SIGN):
        about = second.base_hash if second.kind is K.SIGN else first.base_hash
        if order.signature is None or order.signature.proposal_hash != about:
            raise Refusal("stale", "拟办后来改过，旧版上的意见不能转用。", "请按新版签批或退回。")


_MILESTONES = {
    K.SIGN: Milestone.SETTLED,
    K.EMERGENCY: Milestone.SETTLED,
    K.DETERMINE: Milestone.DETERMINED,
    K.CONCLUDE: Milestone.CONCLUDED,
    K.REVIEW: Milestone.REVIEWED,
    K.REPORT_BACK: Milestone.REPORTED,
}
