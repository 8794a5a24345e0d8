"""Acts that concern the center itself: who may sign for the secretary, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.center import Center, Delegation
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.lifecycle import check_actor
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role

LONGEST_DELEGATION = timedelta(days=31)  # ours: a deputy for longer needs a new authorisation


def decide_center(center: Center, act: Act, received_at: datetime) -> Center:
    """Apply an act whose subject is the center. Raises ``Refusal``; idempotence is the caller's."""
    check_actor(center, act)
    if act.actor.role is not Role.SECRETARY:
        raise Refusal("role", "代签由乡党委书记授权。")
    payload = p.read(act)
    if isinstance(payload, p.AuthoriseDeputy):
        return _authorise(center, act, payload, _when(act, received_at))
    if isinstance(payload, p.RevokeDeputy):
        return _revoke(center, payload, _when(act, received_at))
    raise Refusal("unknown", "这一步不是对中心做的。")


def _when(act: Act, received_at: datetime) -> datetime:
    """The time that counts: the arrival when the seat's clock could not be trusted."""
    trusted = act.clock is not ClockQuality.SUSPECT
    return min(act.occurred_at, received_at) if trusted else received_at


def _authorise(center: Center, act: Act, payload: p.AuthoriseDeputy, given_at: datetime) -> Center:
    person = center.person(payload.deputy)
    if person is None or not person.active or person.role not in (Role.LEADER, Role.DISPATCHER):
        raise Refusal("deputy", "代签人须是在岗的乡领导或中心负责人。", "请重选。")
    if payload.ends_at <= payload.starts_at:
        raise Refusal("period", "结束时间要晚于开始时间。")
    if payload.ends_at - payload.starts_at > LONGEST_DELEGATION:
        raise Refusal("period", "一次授权不超过 31 天。")
    starts = max(payload.starts_at, given_at - timedelta(minutes=1))
    if payload.ends_at <= starts:
        raise Refusal("period", "这段时间已经过去。", "请重选结束时间。")
    grant = Delegation(
        act.id, act.actor.person_id, payload.deputy, starts, payload.ends_at, payload.reason
    )
    return replace(center, rev=center.rev + 1, delegations=(*center.delegations, grant))


def _revoke(center: Center, payload: p.RevokeDeputy, at: datetime) -> Center:
    grant = next((d for d in center.delegations if d.act_id == payload.delegation), None)
    if grant is None or grant.revoked_at is not None:
        raise Refusal("delegation", "没有这项代签授权，或已收回。")
    delegations = tuple(
        replace(d, revoked_at=at) if d.act_id == grant.act_id else d for d in center.delegations
    )
    return replace(center, rev=center.rev + 1, delegations=delegations)


CENTER_KINDS = frozenset({ActKind.AUTHORISE_DEPUTY, ActKind.REVOKE_DEPUTY})
