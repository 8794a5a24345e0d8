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

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.conflicts import opened, resolved, unconfirmed
from desktop_app.domain.effects import DECIDES_STAGE, effect_of
from desktop_app.domain.lifecycle import Step, Trial, check_actor, find_step, may_sign
from desktop_app.domain.milestones import achieves, achieving, closed, counts
from desktop_app.domain.moments import began, effective_time, round_of, unseen
from desktop_app.domain.orders import (
    CLOSED_STAGES,
    STAGE_TITLES,
    ConflictKind,
    HistoryEntry,
    Order,
    Outcome,
)
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.values import replace

K = ActKind
RIVALS: dict[ActKind, frozenset[ActKind]] = {
    K.ACCEPT: frozenset({K.ACCEPT}),
    K.VERIFY: frozenset({K.VERIFY}),
    K.CLASSIFY: frozenset({K.CLASSIFY}),
    K.PROPOSE: frozenset({K.PROPOSE}),
    K.WITHDRAW_PROPOSAL: frozenset({K.WITHDRAW_PROPOSAL}),
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


def _moment(order: Order, act: Act, received_at: datetime) -> datetime:
    """When the act was done, as far as authority goes. Nobody answers what is not proposed yet."""
    at, _ = effective_time(act, received_at, began(order, round_of(order, act)))
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
    if act.kind in OF_A_PROPOSAL and _stale(order, act) and not _returned_already(order, act):
        return _conflict(order, act, center, received_at, ConflictKind.STALE_SIGNATURE, rival)
    if act.kind is K.WITHDRAW_PROPOSAL and rival is None:
        _check_proposal_seen(order, act)
    if rival is not None and not _missed_call(rival):
        return _beside(order, act, center, received_at, rival, None)
    after = _perform(order, act, step, payload, center, received_at)
    outcome = Outcome.MERGED if _concurrent(order, act) else Outcome.APPLIED
    return Decision(outcome, _record(after, act, received_at, outcome))


OF_ONE_ROUND = frozenset(RIVALS) - {K.SIGN, K.STOP_CLOCK, K.RESUME_CLOCK}
"""Steps that move only the round they were made in. An outdated signature is stale anyway."""


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


_TOOK_EFFECT = (Outcome.APPLIED, Outcome.MERGED)
_ABOUT_THE_PERSON = frozenset({"role", "not_assigned", "not_signer", "not_stopper"})


def _rival(order: Order, act: Act, round_: int) -> HistoryEntry | None:
    """Return an excluding step of the round that the actor had not seen."""
    kinds = RIVALS.get(act.kind, frozenset())
    for entry in reversed(order.history):
        if entry.kind not in kinds or entry.round != round_ or not unseen(entry, act):
            continue
        if entry.outcome not in _TOOK_EFFECT:
            continue
        if act.kind is K.HANDLER_ACCEPT and entry.actor.person_id != act.actor.person_id:
            continue
        return entry
    return None


def _concurrent(order: Order, act: Act) -> bool:
    for entry in reversed(order.history):
        if entry.rev <= act.base_rev:  # all before it were seen
            return False
        if unseen(entry, act):
            return True
    return False


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
    rival = _returned_already(order, act) or rival
    outdated = rival is None or (_stale(order, act) and not _returned_already(order, act))
    if act.kind in OF_A_PROPOSAL and outdated and _signature_outdated(order, act, center, at):
        return _conflict(order, act, center, at, ConflictKind.STALE_SIGNATURE, rival)
    if rival is not None and _same(rival, act):
        note = f"{rival.actor.title}已办过这一步，内容一样。"
        return Decision(
            Outcome.ALREADY, _record(order, act, at, Outcome.ALREADY), note, rival.actor.name
        )
    if rival is not None and order.stage in CLOSED_STAGES:
        reason = f"这件单{STAGE_TITLES[order.stage]}。{rival.actor.title}先记了一条，这条没有采用。"
        raise Refusal("closed", reason, "要留下内容请写备注。")
    if rival is not None:
        return _conflict(order, act, center, at, ConflictKind.TWO_RESULTS, rival)
    assert refusal is not None
    raise refusal


def _returned_already(order: Order, act: Act) -> HistoryEntry | None:
    """Return who sent that very version back in the same words: then nothing is left to decide."""
    if act.kind is not K.RETURN_PROPOSAL:
        return None
    for entry in order.history:
        about_it = entry.base_hash == act.base_hash and entry.outcome in _TOOK_EFFECT
        if about_it and _same(entry, act) and unseen(entry, act):
            return entry
    return None


def _check_proposal_seen(order: Order, act: Act) -> None:
    """Raise ``Refusal`` when another proposal has come that the one taking his back never saw."""
    if any(e.kind is K.PROPOSE and unseen(e, act) for e in order.history):
        raise Refusal("stale", "拟办已换了新版，这次撤回没有生效。", "请看新版，再决定要不要撤。")


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
    order: Order,
    act: Act,
    center: Center,
    at: datetime,
    kind: ConflictKind,
    rival: HistoryEntry | None,
) -> Decision:
    first = rival or next(
        (e for e in reversed(order.history) if e.kind in (K.PROPOSE, K.WITHDRAW_PROPOSAL)),
        order.history[-1],
    )
    conflict = opened(order, center.policy, act, first.act_id, kind, at)
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
    at, doubtful = effective_time(act, received_at, began(order, made_in))
    after = effect_of(act.kind)(order, act, payload, center, at)
    if made_in != order.round:  # a record of a round that is over closes only that round's clocks
        if step.achieves is None:
            return after
        return replace(after, clocks=closed(after, step.achieves, at, act, doubtful))
    moved: dict[str, Any] = {}
    if step.achieves is not None and achieves(payload) and counts(order, act):
        moved = achieving(after, step.achieves, at, act, doubtful)
    if step.to is not None and act.kind not in DECIDES_STAGE:
        moved["stage"] = step.to
    return replace(after, **moved) if moved else after


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


def _resolve(
    order: Order, act: Act, payload: p.Resolve, center: Center, received_at: datetime
) -> Decision:
    after = resolved(order, act, payload, center, received_at)
    if after is None:
        again = _record(order, act, received_at, Outcome.ALREADY)
        return Decision(Outcome.ALREADY, again, "已有人选定，选的一样。")
    return Decision(Outcome.APPLIED, _record(after, act, received_at, Outcome.APPLIED))


def fold(order: Order, acts: tuple[Act, ...], center: Center) -> Order:
    """``view = fold(server state, own pending acts)``. An act the rules refuse leaves no trace here:
    the platform will say why, and until then it stays visible in the outbox.
    """
    known = frozenset(conflict.id for conflict in order.conflicts)
    for act in acts:
        try:
            order = decide(order, act, center, act.occurred_at).order
        except Refusal:
            continue
    return unconfirmed(order, known)
