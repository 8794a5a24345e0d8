"""``decide``: one act meets one order. The same code on every seat and on the platform.

The conflict rules (also told in ``docs/sync.md``):

* field records (notes, visits, calls, photos, explanations) append and always merge;
* the same step with the same content, made without seeing the other, is ``already`` done;
* the same step with other content is a conflict: the first is official, the second kept whole;
* a signature on, or return of, a proposal that changed meanwhile is stale: back to the signer;
* a closed order (archived, withdrawn) gets no new conflicts: a late rival is refused, and kept;
* everything else that the table does not allow is refused with the reason, and kept visible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.deadlines import close_clocks
from desktop_app.domain.effects import DECIDES_STAGE, effect_of
from desktop_app.domain.lifecycle import Step, Trial, check_actor, find_step, may_sign
from desktop_app.domain.orders import (
    CLOSED_STAGES,
    STAGE_TITLES,
    Conflict,
    ConflictKind,
    HistoryEntry,
    Order,
    Outcome,
    Stage,
)
from desktop_app.domain.policy import Milestone
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import HANDLER_ROLES, Role

K = ActKind
DECIDE_WITHIN = timedelta(
    hours=8
)  # ours: how long a conflict may stay undecided before it is overdue

RIVALS: dict[ActKind, frozenset[ActKind]] = {
    K.ACCEPT: frozenset({K.ACCEPT}),
    K.VERIFY: frozenset({K.VERIFY}),
    K.PROPOSE: frozenset({K.PROPOSE}),
    K.SIGN: frozenset({K.SIGN}),
    K.RETURN_PROPOSAL: frozenset({K.RETURN_PROPOSAL, K.SIGN}),
    K.EMERGENCY: frozenset({K.EMERGENCY}),
    K.HANDLER_ACCEPT: frozenset({K.HANDLER_ACCEPT}),
    K.DETERMINE: frozenset({K.DETERMINE}),
    K.CONCLUDE: frozenset({K.CONCLUDE}),
    K.REVIEW: frozenset({K.REVIEW}),
    K.REPORT_BACK: frozenset({K.REPORT_BACK}),
    K.ARCHIVE: frozenset({K.ARCHIVE}),
    K.STOP_CLOCK: frozenset({K.STOP_CLOCK}),
    K.RESUME_CLOCK: frozenset({K.RESUME_CLOCK}),
}
"""Steps that exclude each other when made without seeing one another."""

OF_A_PROPOSAL = frozenset({K.SIGN, K.RETURN_PROPOSAL})
"""Steps that count only for the very proposal that was on the screen (``base_hash``)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of an act. ``by`` names the first in ``already``; ``note`` is for the screen."""

    outcome: Outcome
    order: Order
    note: str = ""
    by: str = ""


def effective_time(act: Act, received_at: datetime, not_before: datetime) -> tuple[datetime, bool]:
    """Return the time that counts for the clocks, and whether it is doubtful.

    The occurrence counts where the seat's clock was good; else the arrival, flagged.
    """
    if act.occurred_at > received_at + timedelta(minutes=2) or act.occurred_at < not_before:
        return received_at, True
    if act.clock is ClockQuality.SUSPECT:
        return received_at, True
    return min(act.occurred_at, received_at), False


def _moment(order: Order, act: Act, received_at: datetime) -> datetime:
    """When the act was done, as far as authority goes. Nobody answers what is not proposed yet."""
    at, _ = effective_time(act, received_at, _began(order, round_of(order, act)))
    if order.proposal is not None and act.kind in OF_A_PROPOSAL and not _stale(order, act):
        return max(at, order.proposal.at)
    return at


def decide(order: Order, act: Act, center: Center, received_at: datetime) -> Decision:
    """Apply ``act`` to ``order``. Raises ``Refusal`` when the rules say no; the order is then unchanged."""
    known = order.entry(act.id)
    if known is not None:
        return Decision(Outcome.DUPLICATE, order)
    check_actor(center, act)
    payload = p.read(act)
    if isinstance(payload, p.Resolve):
        return _resolve(order, act, payload, center, received_at)
    trial = Trial(order, act.actor, center, _moment(order, act, received_at))
    if act.kind in OF_ONE_ROUND and round_of(order, act) != order.round:
        return _of_earlier_round(order, act, trial, received_at)
    rival = _rival(order, act, order.round)
    try:
        step = find_step(trial, act.kind)
    except Refusal as refusal:
        return _beside(order, act, center, received_at, rival, refusal)
    if act.kind in OF_A_PROPOSAL and _stale(order, act) and not _returned_already(rival, act):
        return _conflict(order, act, received_at, ConflictKind.STALE_SIGNATURE, rival)
    if rival is not None and not _missed_call(rival):
        return _beside(order, act, center, received_at, rival, None)
    after = _perform(order, act, step, payload, center, received_at)
    outcome = Outcome.MERGED if _concurrent(order, act) else Outcome.APPLIED
    return Decision(outcome, _record(after, act, received_at, outcome))


OF_ONE_ROUND = frozenset(RIVALS) - {K.SIGN, K.STOP_CLOCK, K.RESUME_CLOCK} | {K.WITHDRAW_PROPOSAL}
"""Steps that move only the round they were made in. An outdated signature is stale anyway."""


def round_of(order: Order, act: Act) -> int:
    """Return the round the act was made in: the one its author could know of."""
    if act.actor.role is Role.PLATFORM:
        return order.round
    return order.round - sum(e.kind is K.SECOND_ROUND and unseen(e, act) for e in order.history)


def _began(order: Order, round_: int) -> datetime:
    started = (c.started_at for c in order.clocks if c.round == round_)
    return min(started, default=order.dispatched_at)


def _of_earlier_round(order: Order, act: Act, trial: Trial, at: datetime) -> Decision:
    """A step of a round that is over changes nothing now. It was already done then, or is refused."""
    try:
        find_step(trial, act.kind)
    except Refusal as refusal:
        if refusal.code in _ABOUT_THE_PERSON:
            raise
    rival = _rival(order, act, round_of(order, act))
    if rival is None or not _same(rival, act):
        advice = "请按现在的情况办理，原来写的可记入备注。"
        raise Refusal("round", "这一步是上一轮办理时做的，现在是二次办理。", advice)
    note = f"{rival.actor.title}已办过这一步，内容一样。"
    recorded = _record(order, act, at, Outcome.ALREADY)
    return Decision(Outcome.ALREADY, recorded, note, rival.actor.name)


_ABOUT_THE_PERSON = frozenset({"role", "not_assigned", "not_signer", "not_stopper"})


def _rival(order: Order, act: Act, round_: int) -> HistoryEntry | None:
    """Return an excluding step of the round that the actor had not seen."""
    kinds = RIVALS.get(act.kind, frozenset())
    for entry in reversed(order.history):
        if entry.kind not in kinds or entry.round != round_ or not unseen(entry, act):
            continue
        if entry.outcome not in (Outcome.APPLIED, Outcome.MERGED):
            continue
        if act.kind is K.HANDLER_ACCEPT and entry.actor.person_id != act.actor.person_id:
            continue
        return entry
    return None


def unseen(entry: HistoryEntry, act: Act) -> bool:
    """Whether the author of ``act`` could not know ``entry``: newer than what the seat had from the
    platform, and not made on that seat itself.
    """
    if entry.rev <= act.base_rev:
        return False
    device = act.actor.device_id
    return not device or entry.actor.device_id != device


def _concurrent(order: Order, act: Act) -> bool:
    return any(unseen(e, act) for e in order.history if e.rev > act.base_rev)


def _stale(order: Order, act: Act) -> bool:
    return order.proposal is None or act.base_hash != order.proposal.hash


def _beside(
    order: Order,
    act: Act,
    center: Center,
    at: datetime,
    rival: HistoryEntry | None,
    refusal: Refusal | None,
) -> Decision:
    """Handle an act whose step somebody else took first, or that the table refuses."""
    if refusal is not None and refusal.code in _ABOUT_THE_PERSON:
        raise refusal
    outdated = rival is None or _stale(order, act)
    if rival is not None and act.kind is K.RETURN_PROPOSAL:
        outdated = outdated and not _returned_already(rival, act)
    if act.kind in OF_A_PROPOSAL and outdated and _signature_outdated(order, act, center, at):
        return _conflict(order, act, at, ConflictKind.STALE_SIGNATURE, rival)
    if rival is not None and _same(rival, act):
        note = f"{rival.actor.title}已办过这一步，内容一样。"
        return Decision(
            Outcome.ALREADY, _record(order, act, at, Outcome.ALREADY), note, rival.actor.name
        )
    if rival is not None and order.stage in CLOSED_STAGES:
        reason = f"这件单{STAGE_TITLES[order.stage]}。{rival.actor.title}先记了一条，这条没有采用。"
        raise Refusal("closed", reason, "要留下内容请写备注。")
    if rival is not None:
        return _conflict(order, act, at, ConflictKind.TWO_RESULTS, rival)
    assert refusal is not None
    raise refusal


def _returned_already(rival: HistoryEntry | None, act: Act) -> bool:
    """Somebody returned that very version in the same words: there is nothing left to decide."""
    if rival is None or act.kind is not K.RETURN_PROPOSAL:
        return False
    return _same(rival, act) and rival.base_hash == act.base_hash


def _missed_call(entry: HistoryEntry) -> bool:
    """A call that reached nobody takes no step: the next one is another attempt."""
    return entry.kind is K.VERIFY and entry.payload.get("result") == "unreachable"


def _same(entry: HistoryEntry, act: Act) -> bool:
    return entry.kind is act.kind and entry.payload == act.payload


def _signature_outdated(order: Order, act: Act, center: Center, at: datetime) -> bool:
    if not _concurrent(order, act) or order.stage in CLOSED_STAGES:
        return False
    may_sign(Trial(order, act.actor, center, _moment(order, act, at)))
    return True


def _conflict(
    order: Order, act: Act, at: datetime, kind: ConflictKind, rival: HistoryEntry | None
) -> Decision:
    first = rival or next(
        (e for e in reversed(order.history) if e.kind in (K.PROPOSE, K.WITHDRAW_PROPOSAL)),
        order.history[-1],
    )
    conflict = Conflict(act.id, kind, act.kind, first.act_id, act.id, at, at + DECIDE_WITHIN)
    order = replace(order, conflicts=(*order.conflicts, conflict))
    if kind is ConflictKind.STALE_SIGNATURE:
        signed = rival is not None and rival.kind is K.SIGN
        did = "签批" if act.kind is K.SIGN else "退回"
        anew = "请按新版重签。" if act.kind is K.SIGN else "请看新版，再签或退回。"
        then = f"新版已由{first.actor.title}签批，请核对。" if signed else anew
        note = f"拟办在您{did}前改过，这次{did}没有生效。{then}"
    else:
        note = f"{first.actor.title}先记了一条，两条对不上，两条都留着。请选哪条作数。"
    recorded = _record(order, act, at, Outcome.CONFLICT)
    return Decision(Outcome.CONFLICT, recorded, note, first.actor.name)


def _perform(
    order: Order, act: Act, step: Step, payload: object, center: Center, received_at: datetime
) -> Order:
    made_in = round_of(order, act)
    at, doubtful = effective_time(act, received_at, _began(order, made_in))
    after = effect_of(act.kind)(order, act, payload, center, at)
    if made_in != order.round:  # a record of a round that is over closes only that round's clocks
        return after if step.achieves is None else _close(after, step.achieves, at, act, doubtful)
    if step.to is not None and act.kind not in DECIDES_STAGE:
        after = replace(after, stage=step.to)
    if step.achieves is None or not _achieved(payload) or not _counts(order, act):
        return after
    return achieve(after, step.achieves, at, act, doubtful)


def _counts(order: Order, act: Act) -> bool:
    """In a later round only its own handlers close a node; others' records are kept beside."""
    return (
        order.round == 1
        or act.actor.role not in HANDLER_ROLES
        or order.assignment_of(act.actor.person_id) is not None
        or act.kind is K.SIGN  # by a deputy
    )


def _achieved(payload: object) -> bool:
    if isinstance(payload, p.Conclude):
        return payload.finished
    if isinstance(payload, p.Review):
        return payload.settled
    return True


def achieve(order: Order, milestone: Milestone, at: datetime, act: Act, doubtful: bool) -> Order:
    """Note a milestone and close the clocks that wait for it."""
    achieved = tuple(dict.fromkeys((*order.achieved, milestone)))
    return replace(_close(order, milestone, at, act, doubtful), achieved=achieved)


def _close(order: Order, milestone: Milestone, at: datetime, act: Act, doubtful: bool) -> Order:
    round_ = round_of(order, act)
    clocks = close_clocks(order.clocks, milestone, at, act.id, round_, doubtful=doubtful)
    return replace(order, clocks=clocks)


def _record(order: Order, act: Act, received_at: datetime, outcome: Outcome) -> Order:
    entry = HistoryEntry(
        act_id=act.id,
        kind=act.kind,
        actor=act.actor,
        occurred_at=act.occurred_at,
        received_at=received_at,
        rev=order.rev + 1,
        outcome=outcome,
        round=round_of(order, act),
        clock=act.clock,
        payload=act.payload,
        files=act.needs_files,
        base_rev=act.base_rev,
        base_hash=act.base_hash,
    )
    return replace(order, rev=order.rev + 1, history=(*order.history, entry))


def deciders(order: Order, conflict: Conflict) -> frozenset[str]:
    """Return the person ids who may decide, empty when it is decided by role alone."""
    if conflict.step in (K.SIGN, K.RETURN_PROPOSAL):
        return frozenset()
    lead = [a.handler.person_id for a in order.assignments if a.handler.duty.value == "lead"]
    return frozenset(lead)


def why_not_decide(order: Order, conflict: Conflict, person_id: str, role: Role) -> str:
    """Return "" when this person decides the conflict, else who does (policy default, *ours*)."""
    if conflict.step in (K.SIGN, K.RETURN_PROPOSAL):
        return "" if role is Role.SECRETARY else "签批对不上，由乡党委书记选定。"
    leads = deciders(order, conflict)
    if leads:
        return "" if person_id in leads else "这件单由领办选定。您可以打电话说明。"
    return "" if role is Role.DISPATCHER else "还没有领办，由派单员选定。"


def _resolve(
    order: Order, act: Act, payload: p.Resolve, center: Center, received_at: datetime
) -> Decision:
    conflict = next((c for c in order.conflicts if c.id == payload.conflict_id), None)
    if conflict is None:
        raise Refusal("no_conflict", "找不到这处冲突。")
    refused = why_not_decide(order, conflict, act.actor.person_id, act.actor.role)
    if refused:
        raise Refusal("not_decider", refused)
    if not conflict.open:
        if conflict.choice == payload.choice:
            return Decision(
                Outcome.ALREADY,
                _record(order, act, received_at, Outcome.ALREADY),
                "已有人选定，选的一样。",
            )
        raise Refusal("decided", "这处冲突已有人选定。", "如不同意，请写备注。")
    after = _settle(order, act, payload, conflict, center, received_at)
    return Decision(Outcome.APPLIED, _record(after, act, received_at, Outcome.APPLIED))


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
        order = _adopt(order, conflict, center)
    return _swap(order, settled)


def _swap(order: Order, settled: Conflict) -> Order:
    return replace(
        order, conflicts=tuple(settled if c.id == settled.id else c for c in order.conflicts)
    )


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
    second = Act(
        entry.act_id, order.id, entry.kind, entry.actor, entry.occurred_at,
        base_rev=entry.base_rev, clock=entry.clock, payload=entry.payload,
        base_hash=entry.base_hash,
    )  # fmt: skip
    payload = p.read(second)
    when, doubtful = effective_time(second, entry.received_at, _began(order, order.round))
    after = effect_of(entry.kind)(order, second, payload, center, when)
    milestone = _MILESTONES.get(entry.kind)
    if milestone is None or not _achieved(payload):
        return after
    return achieve(after, milestone, when, second, doubtful)


def _check_still_open(order: Order, conflict: Conflict, second: HistoryEntry) -> None:
    """Raise ``Refusal`` when what the two records disagreed about has been settled or changed since."""
    first = order.entry(conflict.first)
    assert first is not None
    if second.kind is K.PROPOSE:
        if order.signature is not None:
            raise Refusal("signed", "书记已经签批，不能换拟办。", "请另写备注，或请书记退回。")
        if order.stage is not Stage.PROPOSED and not order.signature_pending:
            raise Refusal("withdrawn", "拟办已撤回或退回，不能再换。", "请重新拟办。")
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


def fold(order: Order, acts: tuple[Act, ...], center: Center) -> Order:
    """``view = fold(server state, own pending acts)``. An act the rules refuse leaves no trace here:
    the platform will say why, and until then it stays visible in the outbox.
    """
    for act in acts:
        try:
            order = decide(order, act, center, act.occurred_at).order
        except Refusal:
            continue
    return order
