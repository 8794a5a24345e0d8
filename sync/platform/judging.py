"""Judging a batch of acts in memory: one after the other, each by the rules, none holding up another.

The database part (what was known, which orders are locked) is handed in; nothing here does I/O.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import OF_A_PROPOSAL, decide
from desktop_app.domain.center import Center, Person
from desktop_app.domain.center_rules import decide_center
from desktop_app.domain.conflicts import answer_by
from desktop_app.domain.ids import CENTER
from desktop_app.domain.intake import PLATFORM_ACTOR, sees
from desktop_app.domain.moments import effective_time
from desktop_app.domain.orders import Order, Outcome
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from desktop_app.domain.values import replace
from sync.protocol.messages import ActResult

log = logging.getLogger("jiban.platform")

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
AHEAD_WAITS = timedelta(days=30)
MAX_ACT_BYTES = 128 * 1024
MAX_FILES = 50
MAX_SEQ = 2**53
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Submitted:
    """An act as it arrived: decoded, encoded once more in the one canonical way, and its digest."""

    act: Act
    body: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Known:
    """The stored outcome of an act that came before."""

    digest: str
    result: ActResult
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one act. ``store`` False: it stays with the seat, which sends it again."""

    submitted: Submitted
    result: ActResult
    store: bool


@dataclass(slots=True)
class Bench:
    """The working memory of one transaction. ``person`` None: the platform's own acts."""

    person: Person | None
    center: Center
    received_at: datetime
    known: dict[str, Known]
    orders: dict[str, Order]
    own_rejected: Mapping[str, str]  # act id -> person id of rejected acts named by SET_ASIDE
    touched: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    stuck: dict[str, str] = field(default_factory=dict)  # subject -> the deferred act before it
    verdicts: list[Verdict] = field(default_factory=list)

    def judge(self, submitted: Submitted) -> ActResult:
        """Judge one act and remember what it changed."""
        verdict = self._dated(self._verdict(submitted))
        self.verdicts.append(verdict)
        act, result = submitted.act, verdict.result
        if verdict.store:
            self.known[act.id] = Known(submitted.digest, result, self.received_at)
        if result.outcome is Outcome.DEFERRED:
            self.stuck[act.subject] = act.id
        return result

    def _verdict(self, submitted: Submitted) -> Verdict:
        act = submitted.act
        try:
            self._check_sender(act)
            before = self.known.get(act.id)
            if before is not None:
                return Verdict(submitted, _again(before, submitted), store=False)
            if act.subject in self.stuck:
                return Verdict(submitted, _blocked(act, self.stuck[act.subject]), store=False)
            return self._apply(submitted)
        except Refusal as refusal:
            # The platform's own operator reads the refusal at once; seats must find it again.
            keep = self.person is not None and refusal.code not in _NOT_KEPT
            return Verdict(submitted, _rejected(act.id, refusal), store=keep)
        except Exception:
            log.exception("act %s of order %s could not be judged", act.id, act.subject)
            reason = "平台处理这条记录时出错，稍后会再试。"
            return Verdict(submitted, _deferred(act.id, "error", reason), store=False)

    def _dated(self, verdict: Verdict) -> Verdict:
        """A refusal says until when somebody should look at it: from its first arrival on, once."""
        result = verdict.result
        if (result.original or result.outcome) is not Outcome.REJECTED or self.person is None:
            return verdict
        before = self.known.get(result.act_id)
        came = before.received_at if before is not None else self.received_at
        due = answer_by(self.center.policy, None, came)
        return replace(verdict, result=msgspec.structs.replace(result, due_at=due))

    def _check_sender(self, act: Act) -> None:
        """Nobody writes in another's name, and nobody gives himself an office (I11, 5)."""
        if self.person is None:
            if act.actor.role is not Role.PLATFORM:
                raise Refusal("foreign", "平台只发平台自己的记录。")
            return
        if act.actor.person_id != self.person.id:
            raise Refusal("foreign", "这条记录是别人做的，要由本人登录后上报。")

    def _apply(self, submitted: Submitted) -> Verdict:
        check_form(submitted)
        act = self._signed_in(submitted.act)
        if act.subject == CENTER and act.kind is not ActKind.SET_ASIDE:
            return self._apply_to_center(submitted, act)
        order = self.orders.get(act.subject)
        if order is not None and self._is_ahead(order, act):
            reason = "平台恢复过数据，等别人在这之前的记录补上来，就会自动补上。"
            return Verdict(submitted, _deferred(act.id, "ahead", reason), store=False)
        if order is not None and not self._may_see(order, act):
            order = None
            if act.kind is not ActKind.SET_ASIDE:
                raise Refusal("not_visible", "这件单不在您名下。", "需要办理请联系派单员。")
        if order is None:
            return self._without_order(submitted, act)
        decision = decide(order, act, self.center, self.received_at)
        if decision.outcome is Outcome.DUPLICATE:
            entry = order.entry(act.id)
            assert entry is not None
            result = ActResult(
                act_id=act.id, outcome=Outcome.DUPLICATE, rev=entry.rev, original=entry.outcome
            )
            return Verdict(submitted, result, store=False)
        self._note_set_aside(act)
        self.orders[order.id] = decision.order
        self.touched.add(order.id)
        result = ActResult(
            act_id=act.id,
            outcome=decision.outcome,
            rev=decision.order.rev,
            reason=decision.note,
            by=decision.by,
        )
        return Verdict(submitted, result, store=True)

    def _is_ahead(self, order: Order, act: Act) -> bool:
        """Whether the act was made on a state that this platform lost and others may bring back.

        Judging it now would refuse a conclusion because its signature is still on its way. What
        does not come back within ``AHEAD_WAITS`` is then judged by what is here.
        """
        lost = act.base_rev > order.rev
        return lost and self.received_at - act.occurred_at < AHEAD_WAITS

    def _may_see(self, order: Order, act: Act) -> bool:
        """Whether the order was open to the sender when the act was made.

        A deputy's signature after the end gets its answer from the rules: they say why not.
        """
        if self.person is None:
            return True
        at, _ = effective_time(act, self.received_at, order.dispatched_at)
        if sees(order, self.person, self.center, at):
            return True
        return act.kind in OF_A_PROPOSAL and self.center.was_deputy(self.person.id)

    def _signed_in(self, act: Act) -> Act:
        """Return the act with the actor's name and office as the center's register has them."""
        if self.person is None:
            return act
        if not self.person.active or act.actor.role is not self.person.role:
            raise Refusal("actor", "这个账号已停用或换了岗位。", "请管理员核对人员名册。")
        actor = replace(act.actor, name=self.person.name, title=self.person.title)
        return act if actor == act.actor else replace(act, actor=actor)

    def _apply_to_center(self, submitted: Submitted, act: Act) -> Verdict:
        if self.person is None:
            raise Refusal("role", "这一步不由平台来办。")
        self.center = decide_center(self.center, act, self.received_at)
        self.touched.add(CENTER)
        result = ActResult(act_id=act.id, outcome=Outcome.APPLIED, rev=self.center.rev)
        return Verdict(submitted, result, store=True)

    def _without_order(self, submitted: Submitted, act: Act) -> Verdict:
        """An order that is not here may come back with a repaired backup: wait, do not refuse.

        Setting a rejected record aside needs no order: its own may be the one that is not there.
        """
        if act.kind is not ActKind.SET_ASIDE:
            reason = "平台上还没有这件单，找到后会自动补上。"
            return Verdict(submitted, _deferred(act.id, "unknown_order", reason), store=False)
        self._note_set_aside(act)
        return Verdict(submitted, ActResult(act_id=act.id, outcome=Outcome.APPLIED), store=True)

    def _note_set_aside(self, act: Act) -> None:
        target = act.payload.get("act_id")
        if act.kind is not ActKind.SET_ASIDE or not isinstance(target, str):
            return
        owner = self.own_rejected.get(target)
        allowed = owner == act.actor.person_id or act.actor.role in (Role.DISPATCHER, Role.ADMIN)
        if owner is not None and allowed:
            self.settled.add(target)


_NOT_KEPT = frozenset({"foreign", "act_id"})
"""Refusals that say nothing about the act itself: its true author may still send it."""


def check_form(submitted: Submitted) -> None:
    """Raise ``Refusal`` for an act whose outer values are out of bounds."""
    act = submitted.act
    if not _is_id(act.id):
        raise Refusal("act_id", "这条记录没有可用的编号。")
    if not _is_id(act.subject) or not _is_id(act.actor.person_id):
        raise Refusal("payload", "这条记录没有写明是哪件单、谁做的。")
    if len(submitted.body) > MAX_ACT_BYTES:
        raise Refusal("too_large", "这条记录太长。", "请删短后重记。")
    if not 0 <= act.device_seq <= MAX_SEQ or not 0 <= act.base_rev <= 2**31:
        raise Refusal("payload", "这条记录的序号不对。")
    if act.occurred_at.tzinfo is None or not EARLIEST <= act.occurred_at <= LATEST:
        raise Refusal("time", "这条记录的时间不对。", "请校准电脑时间后重记。")
    if len(act.needs_files) > MAX_FILES or not all(is_sha256(f) for f in act.needs_files):
        raise Refusal("files", "这条记录的附件编号不对。", "请重新添加附件。")


def _is_id(text: str) -> bool:
    return 0 < len(text) <= 64 and text.isprintable()


def is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= _HEX


def _again(before: Known, submitted: Submitted) -> ActResult:
    act_id = submitted.act.id
    if before.digest != submitted.digest:
        refusal = Refusal("changed", "同一条记录前后内容不一样，以先收到的为准。", "请另记一条。")
        return _rejected(act_id, refusal)
    return repeated(before.result)


def repeated(first: ActResult) -> ActResult:
    """Return the answer to an act that came before: what became of it then."""
    return ActResult(
        act_id=first.act_id,
        outcome=Outcome.DUPLICATE,
        rev=first.rev,
        code=first.code,
        reason=first.reason,
        by=first.by,
        original=first.outcome,
    )


def _rejected(act_id: str, refusal: Refusal) -> ActResult:
    return ActResult(
        act_id=act_id, outcome=Outcome.REJECTED, code=refusal.code, reason=str(refusal)
    )


def _blocked(act: Act, by: str) -> ActResult:
    reason = "这件单前面有一条记录还没处理完。"
    return ActResult(act_id=act.id, outcome=Outcome.BLOCKED, by=by, reason=reason)


def _deferred(act_id: str, code: str, reason: str) -> ActResult:
    return ActResult(act_id=act_id, outcome=Outcome.DEFERRED, code=code, reason=reason)


def platform_act(
    act_id: str, order: Order, kind: ActKind, payload: dict[str, object], at: datetime
) -> Act:
    """Return an act of the central platform itself on the newest state of ``order``."""
    return Act(
        id=type(order.history[0].act_id)(act_id),
        subject=order.id,
        kind=kind,
        actor=PLATFORM_ACTOR,
        occurred_at=at,
        base_rev=order.rev,
        payload=payload,
    )
