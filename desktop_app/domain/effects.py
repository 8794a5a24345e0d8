"""What each step does to the order, once the rules have said yes. No checks of stage or role here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.deadlines import (
    open_clocks,
    restart_clocks,
    resume_clocks,
    start_clocks,
)
from desktop_app.domain.ids import ActId
from desktop_app.domain.orders import (
    Assignment,
    CallBack,
    ClockRun,
    Conclusion,
    Conflict,
    ConflictKind,
    Duty,
    Emergency,
    Handler,
    Order,
    Pause,
    Proposal,
    Signature,
    Stage,
    Verification,
)
from desktop_app.domain.plain import from_plain, to_plain
from desktop_app.domain.policy import Milestone, Policy
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import HANDLER_ROLES, Role
from desktop_app.domain.values import replace

Effect = Callable[[Order, Act, object, Center, datetime], Order]
"""``(order, act, payload, center, effective time) -> order``. May raise ``Refusal`` on the content."""


def proposal_hash(order_id: str, version: int, handlers: tuple[Handler, ...], note: str) -> str:
    """Return the hash that a signature binds to: this order, this version, these words."""
    content = [order_id, version, to_plain(handlers), note]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_handlers(center: Center, handlers: tuple[Handler, ...]) -> None:
    """双派单: exactly one lead (a leader) and at least one village secretary, all known and active."""
    for handler in handlers:
        person = center.person(handler.person_id)
        if person is None or not person.active or person.role not in HANDLER_ROLES:
            raise Refusal("handler", f"“{handler.title}”不在可派的人员名册里。", "请重选承办。")
    people = [h.person_id for h in handlers]
    if len(set(people)) != len(people):
        raise Refusal("handler", "同一个人选了两次。", "请重选承办。")
    leads = [h for h in handlers if h.duty is Duty.LEAD]
    if len(leads) != 1 or _role(center, leads[0]) is not Role.LEADER:
        raise Refusal("handler", "领办须选一位乡领导。")
    villages = [h for h in handlers if h.duty is Duty.ASSIST]
    if not villages or any(_role(center, h) is not Role.VILLAGE for h in villages):
        raise Refusal("handler", "协办须选事发村的村书记。")


def _role(center: Center, handler: Handler) -> Role | None:
    person = center.person(handler.person_id)
    return person.role if person else None


def assign(order: Order, by: ActId, handlers: tuple[Handler, ...], *, signed: bool) -> Order:
    """Bind ``handlers``; whoever had already taken the order keeps that."""
    before = {a.handler.person_id: a.accepted_at for a in order.assignments}
    assignments = tuple(Assignment(h, by, signed, before.get(h.person_id)) for h in handlers)
    known = dict.fromkeys((*order.past_handlers, *(h.person_id for h in handlers)))
    return replace(order, assignments=assignments, past_handlers=tuple(known))


def _verify(order: Order, act: Act, payload: object, center: Center, at: datetime) -> Order:
    assert isinstance(payload, p.Verify)
    if payload.result == "corrected" and not payload.corrections:
        raise Refusal("incomplete", "少填一项：更正了什么。")
    attempts = order.call_attempts + (payload.result == "unreachable")
    order = replace(
        order,
        call_attempts=attempts,
        verification=Verification(payload.result, act.actor, at, payload.text, payload.corrections),
    )
    if payload.result == "unreachable" and attempts < center.policy.unreachable_attempts:
        return order
    return replace(order, stage=Stage.VERIFIED) if order.stage is Stage.ACCEPTED else order


def _classify(order: Order, _act: Act, payload: object, center: Center, _at: datetime) -> Order:
    assert isinstance(payload, p.Classify)
    if center.catalogue and payload.category not in center.catalogue:
        raise Refusal("category", "派单目录里没有这个分类。", "请从目录中选。")
    return replace(order, matter=replace(order.matter, category=payload.category))


def _propose(order: Order, act: Act, payload: object, center: Center, at: datetime) -> Order:
    assert isinstance(payload, p.Propose)
    check_handlers(center, payload.handlers)
    version = (order.proposal.version if order.proposal else 0) + 1
    digest = proposal_hash(order.id, version, payload.handlers, payload.note)
    proposal = Proposal(version, payload.handlers, payload.note, act.actor, at, digest)
    return replace(order, proposal=proposal, returned="")


def _withdraw_proposal(order: Order, _a: Act, _p: object, _c: Center, _t: datetime) -> Order:
    return replace(order, proposal=_withdrawn(order.proposal))


def _withdrawn(proposal: Proposal | None) -> Proposal | None:
    """Kept for its version and as a draft of the next one; it can no longer be signed."""
    return None if proposal is None else replace(proposal, withdrawn=True)


def _sign(order: Order, act: Act, payload: object, center: Center, at: datetime) -> Order:
    assert isinstance(payload, p.Sign)
    assert order.proposal is not None
    handlers = payload.handlers or order.proposal.handlers
    check_handlers(center, handlers)
    signer = center.person(act.actor.person_id)
    grant = center.may_sign(signer, max(at, order.proposal.at)) if signer else False
    if not grant:
        raise Refusal("not_signer", "签批人当时没有代签授权。", "请书记重签。")
    changed = handlers != order.proposal.handlers
    signature = Signature(
        act.id, act.actor, at, act.base_hash, payload.opinion, changed,
        None if isinstance(grant, bool) else grant.by,
    )  # fmt: skip
    order = assign(order, act.id, handlers, signed=True)
    emergency = order.emergency
    if emergency is not None and emergency.signed_at is None:
        emergency = replace(emergency, signed_at=at)
    return replace(
        order,
        signature=signature,
        emergency=emergency,
        returned="",
        conflicts=_close_stale(order.conflicts, act, at),
    )


def _close_stale(conflicts: tuple[Conflict, ...], act: Act, at: datetime) -> tuple[Conflict, ...]:
    """A new signature or return settles what an outdated one had left open."""
    return tuple(
        replace(c, choice="first", reason="已按新版重签或退回", decided_by=act.actor, decided_at=at)
        if c.open and c.kind is ConflictKind.STALE_SIGNATURE
        else c
        for c in conflicts
    )


def _return(order: Order, act: Act, payload: object, _c: Center, at: datetime) -> Order:
    assert isinstance(payload, p.Reason)
    conflicts = _close_stale(order.conflicts, act, at)
    order = replace(order, returned=payload.reason, conflicts=conflicts)
    if order.signature is None:
        return order
    # Chosen over a signature in a conflict: the signature falls.
    if order.emergency is None:
        return replace(order, signature=None, assignments=(), stage=Stage.VERIFIED)
    return _emergency_again(replace(order, signature=None), order.emergency)


def _emergency_again(order: Order, emergency: Emergency) -> Order:
    """The signature of a running emergency fell: its handlers go on, and wait for another one."""
    entry = order.entry(emergency.act_id)
    assert entry is not None
    handlers = from_plain(p.EmergencyStart, entry.payload).handlers
    began = replace(emergency, signed_at=None)
    return replace(assign(order, emergency.act_id, handlers, signed=False), emergency=began)


def _emergency(order: Order, act: Act, payload: object, center: Center, at: datetime) -> Order:
    assert isinstance(payload, p.EmergencyStart)
    check_handlers(center, payload.handlers)
    order = assign(order, act.id, payload.handlers, signed=False)
    return replace(order, emergency=Emergency(act.id, act.actor, at, payload.reason))


def _handler_accept(order: Order, act: Act, _p: object, _c: Center, at: datetime) -> Order:
    assignments = tuple(
        replace(a, accepted_at=at) if a.handler.person_id == act.actor.person_id else a
        for a in order.assignments
    )
    return replace(order, assignments=assignments)


def _determine(order: Order, _act: Act, payload: object, _c: Center, _t: datetime) -> Order:
    assert isinstance(payload, p.Determine)
    return replace(order, determination=payload.nature)


def _conclude(order: Order, act: Act, payload: object, _c: Center, at: datetime) -> Order:
    assert isinstance(payload, p.Conclude)
    conclusion = Conclusion(
        act.id, act.actor, at, payload.finished, payload.measures, payload.promise
    )
    if payload.finished:
        return replace(order, conclusion=conclusion, stage=Stage.CONCLUDED)
    return _to_work_again(replace(order, conclusion=conclusion))


def _to_work_again(order: Order) -> Order:
    """Handling goes on: it has to be concluded and reviewed anew. Closed clocks stay closed."""
    undone = (Milestone.CONCLUDED, Milestone.REVIEWED)
    achieved = tuple(m for m in order.achieved if m not in undone)
    return replace(order, stage=Stage.HANDLING, achieved=achieved)


def _review(order: Order, _act: Act, payload: object, _c: Center, _t: datetime) -> Order:
    assert isinstance(payload, p.Review)
    if payload.settled:
        return replace(order, review=payload.text, stage=Stage.REVIEWED)
    return _to_work_again(replace(order, review=payload.text))


def _report_back(order: Order, _act: Act, payload: object, _c: Center, _t: datetime) -> Order:
    assert isinstance(payload, p.ReportBack)
    return replace(order, report=payload.text)


def _call_back(order: Order, _act: Act, payload: object, _c: Center, at: datetime) -> Order:
    assert isinstance(payload, p.CallBackResult)
    result = CallBack(
        at, order.round, payload.responded, payload.resolved, payload.satisfied, payload.text
    )
    return replace(order, callbacks=(*order.callbacks, result))


def _second_round(order: Order, _act: Act, _p: object, center: Center, at: datetime) -> Order:
    round_ = order.round + 1
    return replace(
        order,
        round=round_,
        clocks=(*order.clocks, *_clocks_of_round(order, center.policy, at, round_)),
        verification=None,
        call_attempts=0,
        proposal=_withdrawn(order.proposal),
        signature=None,
        emergency=None,
        assignments=(),
        achieved=(),
        determination="",
        conclusion=None,
        review="",
        report="",
        returned="",
    )


def _clocks_of_round(
    order: Order, policy: Policy, at: datetime, round_: int
) -> tuple[ClockRun, ...]:
    """Start the tier's clocks anew; of a tier the policy no longer knows those frozen at receipt."""
    try:
        tier = policy.tier(order.tier)
    except KeyError:
        return restart_clocks(policy, order.clocks, order.round, at)
    return start_clocks(policy, tier, at, round_)


def _snooze(order: Order, act: Act, payload: object, center: Center, at: datetime) -> Order:
    """稍后: only so often per order and person, and never what is overdue. The order stays as it is."""
    assert isinstance(payload, p.Alerts)
    own = (e for e in order.history if e.actor.person_id == act.actor.person_id)
    done, most = sum(e.kind is ActKind.SNOOZE for e in own), center.policy.alerts.snoozes
    if done >= most:
        raise Refusal("snoozes", f"这件单已稍后 {done} 次，最多 {most} 次。", "请现在处理。")
    if any(due is not None and due < at for due in map(_due_of(order), payload.alerts)):
        raise Refusal("overdue", "已经超时，不能稍后提醒。", "请现在处理。")
    return order


def _due_of(order: Order) -> Callable[[str], datetime | None]:
    """Return the question when what an alert (``order:clock:moment``) is about falls due."""
    running = () if order.paused else open_clocks(order)
    due = {clock.id: clock.safe_due_at for clock in running}
    due |= {f"conflict.{c.id}": c.due_at for c in order.open_conflicts}
    if running and order.stage is Stage.DISPATCHED:
        due["new" if order.round == 1 else f"new.r{order.round}"] = min(
            c.safe_due_at for c in running
        )

    def question(alert: str) -> datetime | None:
        parts = alert.rsplit(":", 2)
        return due.get(parts[1]) if len(parts) == 3 else None

    return question


def _stop_clock(order: Order, _act: Act, payload: object, _c: Center, at: datetime) -> Order:
    assert isinstance(payload, p.Reason)
    return replace(order, pauses=(*order.pauses, Pause(at, payload.reason)))


def _resume_clock(order: Order, _act: Act, _p: object, center: Center, at: datetime) -> Order:
    pause = order.pauses[-1]
    clocks = resume_clocks(center.policy, order.clocks, pause, at)
    return replace(order, clocks=clocks, pauses=(*order.pauses[:-1], replace(pause, ended_at=at)))


def _correct(order: Order, act: Act, payload: object, _c: Center, _t: datetime) -> Order:
    assert isinstance(payload, p.Correct)
    entry = order.entry(payload.act_id)
    if entry is None:
        raise Refusal("correct", "找不到要更正的那条记录。")
    if act.actor.role is not Role.DISPATCHER and entry.actor.person_id != act.actor.person_id:
        raise Refusal("correct", "只能更正自己的记录。", "别人的记录请用备注说明。")
    return order


def _unchanged(order: Order, _a: Act, _p: object, _c: Center, _t: datetime) -> Order:
    return order


EFFECTS: dict[ActKind, Effect] = {
    ActKind.VERIFY: _verify,
    ActKind.CLASSIFY: _classify,
    ActKind.PROPOSE: _propose,
    ActKind.WITHDRAW_PROPOSAL: _withdraw_proposal,
    ActKind.SIGN: _sign,
    ActKind.RETURN_PROPOSAL: _return,
    ActKind.EMERGENCY: _emergency,
    ActKind.HANDLER_ACCEPT: _handler_accept,
    ActKind.DETERMINE: _determine,
    ActKind.CONCLUDE: _conclude,
    ActKind.REVIEW: _review,
    ActKind.REPORT_BACK: _report_back,
    ActKind.CALL_BACK: _call_back,
    ActKind.SECOND_ROUND: _second_round,
    ActKind.SNOOZE: _snooze,
    ActKind.STOP_CLOCK: _stop_clock,
    ActKind.RESUME_CLOCK: _resume_clock,
    ActKind.CORRECT: _correct,
}

DECIDES_STAGE = frozenset({ActKind.VERIFY, ActKind.CONCLUDE, ActKind.REVIEW})
"""Steps whose effect, not the row alone, says where the order goes."""


def effect_of(kind: ActKind) -> Effect:
    return EFFECTS.get(kind, _unchanged)
