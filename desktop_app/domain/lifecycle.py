# ruff: noqa: E501 - the table is read as a table
"""The rule book: who may do what at which stage, what it needs, and where it leads.

One row per step. Client and platform run the same table through ``decide``; screens ask it through
``steps_for`` what to offer and why something is not possible. Side roads are added as further rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.acts import Act, ActKind, Actor
from desktop_app.domain.center import Center, Person
from desktop_app.domain.orders import CLOSED_STAGES, STAGE_TITLES, Order, Stage
from desktop_app.domain.policy import Milestone
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import CENTER_ROLES, HANDLER_ROLES, ROLE_TITLES, Role


@dataclass(frozen=True, slots=True)
class Trial:
    """What a condition may look at."""

    order: Order
    actor: Actor
    center: Center
    at: datetime
    base_hash: str | None = None  # None while only asking what is possible


Need = Callable[[Trial], None]
"""A condition of a step. Returns, or raises ``Refusal`` with the reason in Chinese."""


def assigned(t: Trial) -> None:
    """The actor is one of the order's handlers."""
    if t.order.assignment_of(t.actor.person_id) is None:
        raise Refusal("not_assigned", "这件单没有派给您。", "书记签批派到您后才能办。")


def ever_assigned(t: Trial) -> None:
    """The actor is or was a handler: field records always merge."""
    if t.actor.person_id not in t.order.past_handlers:
        assigned(t)


def holds_order(t: Trial) -> None:
    """The center's roles hold every order, handlers the orders they are or were assigned to."""
    if t.actor.role not in CENTER_ROLES:
        ever_assigned(t)


def hears_of_order(t: Trial) -> None:
    """Who holds the order, or signs for the secretary now and is reminded of what waits for that."""
    if t.center.delegation(t.actor.person_id, t.at) is None:
        holds_order(t)


def assigned_or_center(t: Trial) -> None:
    """A handler of this order, or somebody of the center."""
    if t.actor.role in HANDLER_ROLES:
        assigned(t)


def not_accepted_yet(t: Trial) -> None:
    """The actor has not taken the assignment yet."""
    assignment = t.order.assignment_of(t.actor.person_id)
    if assignment is not None and assignment.accepted_at is not None:
        raise Refusal("already_accepted", "您已接办这件单。")


def may_sign(t: Trial) -> None:
    """The secretary, or a deputy whose authorisation covers the moment of signing."""
    person = t.center.person(t.actor.person_id)
    if person is None or not t.center.may_sign(person, t.at):
        raise Refusal("not_signer", "签批由乡党委书记来签。", "代签须有书记在有效期内的授权。")


def has_proposal(t: Trial) -> None:
    """There is a proposal to sign."""
    if t.order.proposal is None:
        raise Refusal("no_proposal", "还没有拟办意见。", "请派单员先拟办。")
    if t.order.returned:
        raise Refusal("returned", "拟办已退回。", "等派单员重新拟办。")
    if t.order.proposal.withdrawn:
        raise Refusal("withdrawn", "原来的拟办已撤回。", "等派单员重新拟办。")


def signature_pending(t: Trial) -> None:
    """Emergency handling runs and its signature is still to come."""
    if not t.order.signature_pending:
        raise Refusal("not_pending", "这件单没有待补的签批。")


def no_emergency(t: Trial) -> None:
    """Emergency handling has not been started before."""
    if t.order.emergency is not None:
        raise Refusal("emergency_runs", "这件单已在紧急处置。")


def no_signature_pending(t: Trial) -> None:
    """The signature of an emergency has come."""
    if t.order.signature_pending:
        raise Refusal("signature_missing", "紧急处置的签批还没补。", "请书记补签后再办这一步。")


def no_open_conflict(t: Trial) -> None:
    """No two records wait for a decision."""
    if t.order.open_conflicts:
        raise Refusal("conflict_open", "有两条记录对不上。", "请先选定以哪条为准。")


def conclusion_ready(t: Trial) -> None:
    """What the tier demands before a conclusion has been recorded (policy ``conclude_needs``)."""
    for milestone in t.order.conclude_needs:
        if milestone not in t.order.achieved:
            name = _MILESTONE_TITLES[milestone]
            raise Refusal("not_ready", f"先填“{name}”。")


def reviewed_or_not_asked(t: Trial) -> None:
    """A tier whose policy has a review clock reports back only after the review."""
    asked = any(
        c.closed_by is Milestone.REVIEWED and c.round == t.order.round for c in t.order.clocks
    )
    if asked and Milestone.REVIEWED not in t.order.achieved:
        raise Refusal("not_reviewed", "先做回访复查。")


def settled_by_platform(t: Trial) -> None:
    """The call-back says resolved, or a second round has already been made."""
    if _second_round_due(t.order):
        raise Refusal("unresolved", "平台回访为未解决。", "等平台发起二次办理。")


def _second_round_due(order: Order) -> bool:
    last = order.callbacks[-1] if order.callbacks else None
    return last is not None and last.resolved is False and order.round < 2


def clock_runs(t: Trial) -> None:
    """The clock is not stopped."""
    if t.order.paused is not None:
        raise Refusal("clock_stopped", "这件单已停表。")


def clock_stopped(t: Trial) -> None:
    """The clock is stopped."""
    if t.order.paused is None:
        raise Refusal("clock_runs", "这件单没有停表。")


def may_stop_clock(t: Trial) -> None:
    """The policy names who may stop a clock."""
    if t.actor.role not in t.center.policy.clock_stop_roles:
        raise Refusal("not_stopper", "停表、续表由平台裁定。")


def has_handlers(t: Trial) -> None:
    """There is somebody to urge."""
    if not t.order.assignments:
        raise Refusal("no_handlers", "还没有承办人可催。")


ABOUT_THE_PERSON = frozenset(
    {
        assigned,
        ever_assigned,
        holds_order,
        hears_of_order,
        assigned_or_center,
        may_sign,
        may_stop_clock,
    }
)
"""Conditions that say whether this person may do it at all; checked before the stage is blamed."""

_MILESTONE_TITLES = {
    Milestone.ACCEPTED: "签收",
    Milestone.SETTLED: "落实承办",
    Milestone.MET: "见面沟通",
    Milestone.PLANNED: "办理方案",
    Milestone.PROGRESSED: "办理进展",
    Milestone.DETERMINED: "定性",
    Milestone.EXPLAINED: "说明情况",
    Milestone.CONCLUDED: "办结",
    Milestone.REVIEWED: "回访复查",
    Milestone.REPORTED: "反馈",
}

R, S, K, M = Role, Stage, ActKind, Milestone
_HANDLERS = (R.LEADER, R.VILLAGE, R.STATION, R.DEPARTMENT)
_PEOPLE = tuple(r for r in Role if r is not R.PLATFORM)
_ALL = tuple(Stage)
_OPEN = tuple(s for s in Stage if s not in CLOSED_STAGES)
_UNDER_WAY = (S.HANDLING, S.CONCLUDED, S.REVIEWED)


@dataclass(frozen=True, slots=True)
class Step:
    """One row. ``to`` None stays. ``achieves`` is the milestone that may close a clock."""

    kind: ActKind
    roles: tuple[Role, ...]
    stages: tuple[Stage, ...]
    to: Stage | None
    needs: tuple[Need, ...] = ()
    achieves: Milestone | None = None
    label: str = ""  # the button, when the step is offered as the next one


# fmt: off
TABLE: tuple[Step, ...] = (
    #    act                  who                                at                        leads to       needs                    achieves
    Step(K.ACCEPT,            (R.DISPATCHER,),                   (S.DISPATCHED,),          S.ACCEPTED,    (),                      M.ACCEPTED,   "签收"),
    Step(K.VERIFY,            (R.DISPATCHER,),                   (S.ACCEPTED,),            S.VERIFIED,    (),                      None,         "登记核实"),
    Step(K.VERIFY,            (R.DISPATCHER,),                   (S.HANDLING,),            None,          (signature_pending,)),
    Step(K.CLASSIFY,          (R.DISPATCHER,),                   (S.ACCEPTED, S.VERIFIED), None),
    Step(K.PROPOSE,           (R.DISPATCHER,),                   (S.VERIFIED,),            S.PROPOSED,    (),                      None,         "拟办"),
    Step(K.PROPOSE,           (R.DISPATCHER,),                   _UNDER_WAY,               None,          (signature_pending,),    None,         "补拟办"),
    Step(K.WITHDRAW_PROPOSAL, (R.DISPATCHER,),                   (S.PROPOSED,),            S.VERIFIED),
    Step(K.SIGN,              _PEOPLE,                           (S.PROPOSED,),            S.SIGNED,      (may_sign, has_proposal), M.SETTLED,   "同意签批"),
    Step(K.SIGN,              _PEOPLE,                           _UNDER_WAY,               None,          (may_sign, signature_pending, has_proposal), None, "补签"),
    Step(K.RETURN_PROPOSAL,   _PEOPLE,                           (S.PROPOSED,),            S.VERIFIED,    (may_sign,)),
    Step(K.RETURN_PROPOSAL,   _PEOPLE,                           _UNDER_WAY,               None,          (may_sign, signature_pending, has_proposal)),
    Step(K.EMERGENCY,         (R.DISPATCHER, R.SECRETARY),       (S.ACCEPTED, S.VERIFIED, S.PROPOSED), S.HANDLING, (no_emergency,), M.SETTLED),
    Step(K.HANDLER_ACCEPT,    _HANDLERS,                         (S.SIGNED,),              S.HANDLING,    (assigned, not_accepted_yet), None,    "接办"),
    Step(K.HANDLER_ACCEPT,    _HANDLERS,                         _UNDER_WAY,               None,          (assigned, not_accepted_yet), None,    "接办"),
    Step(K.MEET,              _HANDLERS,                         (S.SIGNED,),              S.HANDLING,    (assigned,),             M.MET,        "登记见面"),
    Step(K.MEET,              _HANDLERS,                         _ALL,                     None,          (ever_assigned,),        M.MET,        "登记见面"),
    Step(K.PLAN,              _HANDLERS,                         (S.SIGNED,),              S.HANDLING,    (assigned,),             M.PLANNED,    "登记方案"),
    Step(K.PLAN,              _HANDLERS,                         _ALL,                     None,          (ever_assigned,),        M.PLANNED,    "登记方案"),
    Step(K.PROGRESS,          _HANDLERS,                         (S.SIGNED,),              S.HANDLING,    (assigned,),             M.PROGRESSED, "登记进展"),
    Step(K.PROGRESS,          _HANDLERS,                         _ALL,                     None,          (ever_assigned,),        M.PROGRESSED, "登记进展"),
    Step(K.EXPLAIN,           _HANDLERS,                         (S.SIGNED,),              S.HANDLING,    (assigned,),             M.EXPLAINED,  "登记说明"),
    Step(K.EXPLAIN,           _HANDLERS,                         _ALL,                     None,          (ever_assigned,),        M.EXPLAINED,  "登记说明"),
    Step(K.PHOTO,             _HANDLERS,                         _ALL,                     None,          (ever_assigned,)),
    Step(K.DETERMINE,         (R.LEADER, R.VILLAGE),             (S.SIGNED,),              S.HANDLING,    (assigned,),             M.DETERMINED, "登记定性"),
    Step(K.DETERMINE,         (R.LEADER, R.VILLAGE),             (S.HANDLING,),            None,          (assigned,),             M.DETERMINED, "登记定性"),
    Step(K.CONCLUDE,          (R.LEADER, R.VILLAGE),             (S.HANDLING,),            S.CONCLUDED,   (assigned, conclusion_ready), M.CONCLUDED, "办结"),
    Step(K.REVIEW,            (R.DISPATCHER, R.LEADER, R.VILLAGE), (S.CONCLUDED,),         S.REVIEWED,    (assigned_or_center, no_open_conflict),   M.REVIEWED,   "登记复查"),
    Step(K.REPORT_BACK,       (R.DISPATCHER,),                   (S.CONCLUDED, S.REVIEWED), S.REPORTED,   (no_signature_pending, no_open_conflict, reviewed_or_not_asked), M.REPORTED, "反馈平台"),
    Step(K.CALL_BACK,         (R.PLATFORM,),                     (S.REPORTED,),            S.CALLED_BACK),
    Step(K.SECOND_ROUND,      (R.PLATFORM,),                     (S.CALLED_BACK,),         S.DISPATCHED),
    Step(K.ARCHIVE,           (R.DISPATCHER,),                   (S.CALLED_BACK,),         S.ARCHIVED,    (no_open_conflict, settled_by_platform), None, "归档"),
    Step(K.WITHDRAW,          (R.PLATFORM,),                     _OPEN,                    S.WITHDRAWN),
    Step(K.STOP_CLOCK,        tuple(Role),                       _OPEN,                    None,          (may_stop_clock, clock_runs)),
    Step(K.RESUME_CLOCK,      tuple(Role),                       _OPEN,                    None,          (may_stop_clock, clock_stopped)),
    Step(K.URGE,              (R.DISPATCHER, R.SECRETARY, R.INSPECTOR), _OPEN,             None,          (has_handlers,)),
    Step(K.URGE,              (R.PLATFORM,),                     _OPEN,                    None),  # it urges the center, handlers or not
    Step(K.RESOLVE_CONFLICT,  _PEOPLE,                           _ALL,                     None),
    Step(K.CALL,              (R.DISPATCHER, R.SECRETARY, *_HANDLERS), _ALL,               None,          (holds_order,)),
    Step(K.NOTE,              _PEOPLE,                           _ALL,                     None,          (holds_order,)),
    Step(K.CORRECT,           tuple(Role),                       _ALL,                     None,          (holds_order,)),
    Step(K.UNMASK,            (R.DISPATCHER, R.SECRETARY, R.INSPECTOR, *_HANDLERS), _ALL,    None,          (holds_order,)),
    Step(K.ACKNOWLEDGE,       _PEOPLE,                           _ALL,                     None,          (hears_of_order,)),
    Step(K.SNOOZE,            _PEOPLE,                           _ALL,                     None,          (hears_of_order,)),
    Step(K.SET_ASIDE,         _PEOPLE,                           _ALL,                     None,          (holds_order,)),
)
# fmt: on

NEXT_ORDER = (
    K.ACCEPT, K.VERIFY, K.PROPOSE, K.SIGN, K.HANDLER_ACCEPT, K.MEET, K.EXPLAIN, K.PLAN, K.DETERMINE,
    K.PROGRESS, K.CONCLUDE, K.REVIEW, K.REPORT_BACK, K.ARCHIVE,
)  # fmt: skip
"""In which order the next step is looked for."""

_FIELD_WORK = frozenset({K.MEET, K.EXPLAIN, K.PLAN, K.DETERMINE, K.PROGRESS})
_IF_ASKED = frozenset({K.PLAN, K.DETERMINE, K.PROGRESS})

_WHO_DOES = {
    K.CONCLUDE: "办结由协办、领办来填。您可以催办。",
    K.DETERMINE: "定性由领办、协办来填。您可以催办。",
    K.MEET: "见面沟通由承办人登记。您可以催办。",
    K.EXPLAIN: "说明情况由承办人登记。您可以催办。",
    K.SIGN: "签批由乡党委书记来签。",
    K.RETURN_PROPOSAL: "退回由乡党委书记来定。",
}


_BY_KIND = {kind: tuple(row for row in TABLE if row.kind is kind) for kind in ActKind}


def rows(kind: ActKind) -> tuple[Step, ...]:
    return _BY_KIND[kind]


def find_step(trial: Trial, kind: ActKind) -> Step:
    """Return the row that allows ``kind`` now. Raises ``Refusal``: role first, then stage, then needs."""
    candidates = rows(kind)
    if not candidates:
        raise Refusal("unknown", "这一步不是对工单做的。")
    allowed = [row for row in candidates if trial.actor.role in row.roles]
    if not allowed:
        who = "、".join(dict.fromkeys(ROLE_TITLES[r] for row in candidates for r in row.roles))
        raise Refusal("role", _WHO_DOES.get(kind, f"这一步由{who}来办。"))
    here = [row for row in allowed if trial.order.stage in row.stages]
    if not here:
        for need in allowed[0].needs:
            if need in ABOUT_THE_PERSON:
                need(trial)
        raise Refusal("stage", f"这件单现在是“{STAGE_TITLES[trial.order.stage]}”，还不能办这一步。")
    first: Refusal | None = None
    for row in here:  # the first row whose conditions all hold
        try:
            for need in row.needs:
                need(trial)
        except Refusal as refusal:
            first = first or refusal
        else:
            return row
    assert first is not None
    raise first


def why_not(order: Order, actor: Actor, center: Center, at: datetime, kind: ActKind) -> str:
    """Return "" when ``actor`` may do ``kind`` now, else the reason for the screen."""
    try:
        find_step(Trial(order, actor, center, at), kind)
    except Refusal as refusal:
        return str(refusal)
    return ""


def next_step(order: Order, actor: Actor, center: Center, at: datetime) -> Step | None:
    """Return the step ``actor`` should do next on this order, or None when others have to act."""
    for kind in NEXT_ORDER:
        try:
            step = find_step(Trial(order, actor, center, at), kind)
        except Refusal:
            continue
        if _is_due(order, actor, step):
            return step
    return None


def _is_due(order: Order, actor: Actor, step: Step) -> bool:
    """Whether a step that is possible is also to be done now, not only allowed."""
    if step.kind in _FIELD_WORK:
        at_work = order.stage in (S.SIGNED, S.HANDLING)
        mine = order.assignment_of(actor.person_id) is not None
        asked = step.kind not in _IF_ASKED or _asks_for(order, step.achieves)
        return at_work and mine and asked and step.achieves not in order.achieved
    if step.to is not None:
        return True
    if step.kind is K.VERIFY:
        return order.verification is None
    if step.kind is K.PROPOSE:
        return order.proposal is None or bool(order.returned) or order.proposal.withdrawn
    return True


def _asks_for(order: Order, milestone: Milestone | None) -> bool:
    """The tier demands it before the conclusion, or a node of this round waits for it."""
    nodes = {c.closed_by for c in order.clocks if c.round == order.round}
    return milestone in order.conclude_needs or milestone in nodes


_WAITS_FOR = {
    S.DISPATCHED: "派单员", S.ACCEPTED: "派单员", S.VERIFIED: "派单员", S.PROPOSED: "乡党委书记",
    S.CONCLUDED: "派单员", S.REVIEWED: "派单员", S.REPORTED: "平台", S.CALLED_BACK: "派单员",
}  # fmt: skip


def holder(order: Order) -> str:
    """Return who holds the order now, as shown in lists and alerts."""
    if order.stage in (S.SIGNED, S.HANDLING):
        return order.assignments[0].handler.title if order.assignments else "派单员"
    if order.stage is S.CALLED_BACK and _second_round_due(order):
        return _WAITS_FOR[S.REPORTED]
    return _WAITS_FOR.get(order.stage, "")


def waits_for_signature(order: Order) -> bool:
    """Whether a proposal is to be signed: the first one, or the one that follows an emergency."""
    proposal = order.proposal
    if proposal is None or proposal.withdrawn or order.returned:
        return False
    return order.stage is S.PROPOSED or order.signature_pending


def person_of(center: Center, actor: Actor) -> Person | None:
    """Return the active person behind an actor when office and role still hold, else None."""
    person = center.person(actor.person_id)
    if person is None or not person.active or person.role is not actor.role:
        return None
    return person


def check_actor(center: Center, act: Act) -> None:
    """Raise ``Refusal`` unless the act's actor is an active person of the center in that role."""
    if act.actor.role is not Role.PLATFORM and person_of(center, act.actor) is None:
        raise Refusal("actor", "这个账号已停用或换了岗位。", "请管理员核对人员名册。")
