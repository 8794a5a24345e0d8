"""The orders that pairs of acts meet on: how each got where it stands, and who could do what there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center, Delegation
from desktop_app.domain.ids import ActId, PersonId
from desktop_app.domain.orders import Order
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from tests.support.acts import PAYLOADS, make_act
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
Step = tuple[ActKind, str, object | None]
PLATFORM = "platform"
GAP = timedelta(minutes=5)

KINDS = tuple(k for k in ActKind if k not in (K.DISPATCH, K.AUTHORISE_DEPUTY, K.REVOKE_DEPUTY))
"""What can be done to an order that is there."""
FROM_ABOVE = (K.WITHDRAW, K.CALL_BACK, K.SECOND_ROUND)
"""What only the platform does; it is never offline."""


def center() -> Center:
    """The sample center; a deputy may sign, and a dispatcher may stop clocks, so that seats can."""
    deputy = Delegation(
        ActId("grant"), PersonId("secretary"), PersonId("leader2"), START - timedelta(days=1),
        START + timedelta(days=20), "外出",
    )  # fmt: skip
    plain = sample_center()
    policy = replace(plain.policy, clock_stop_roles=(Role.PLATFORM, Role.DISPATCHER))
    return replace(plain, policy=policy, delegations=(deputy,))


CENTER = center()


def _path(text: str) -> tuple[Step, ...]:
    """Read ``kind:person kind:person``."""
    steps = (each.split(":") for each in text.split())
    return tuple((ActKind(kind), person, None) for kind, person in steps)


_PROPOSED = "accept:dispatcher verify:dispatcher propose:dispatcher"
_SIGNED = f"{_PROPOSED} sign:secretary"
_MET = f"{_SIGNED} handler_accept:village meet:village"
_READY = f"{_MET} explain:village determine:leader"
_CONCLUDED = f"{_READY} conclude:village"
_REVIEWED = f"{_CONCLUDED} review:dispatcher"
_REPORTED = f"{_REVIEWED} report_back:dispatcher"
_CALLED = f"{_REPORTED} call_back:platform"
_UNSIGNED = "accept:dispatcher emergency:dispatcher"
_DISPUTED = (
    *_path(_READY),
    (K.CONCLUDE, "leader", p.Conclude("先垫平", finished=False, promise="25 日前")),
    (K.CONCLUDE, "village", p.Conclude("已修复")),  # made without seeing the first
)
_UNRESOLVED = (K.CALL_BACK, PLATFORM, p.CallBackResult(True, False, False))

SITUATIONS: dict[str, tuple[Step, ...]] = {
    "dispatched": (),
    "accepted": _path("accept:dispatcher"),
    "verified": _path("accept:dispatcher verify:dispatcher"),
    "proposed": _path(_PROPOSED),
    "proposal withdrawn": _path(f"{_PROPOSED} withdraw_proposal:dispatcher"),
    "returned": _path(f"{_PROPOSED} return_proposal:secretary"),
    "proposed again": (
        *_path(f"{_PROPOSED} return_proposal:secretary"),
        (K.PROPOSE, "dispatcher", p.Propose(HANDLERS, "已加农办。")),
    ),
    "emergency unsigned": _path(_UNSIGNED),
    "emergency proposed": _path(f"{_UNSIGNED} propose:dispatcher"),
    "emergency signed": _path(f"{_UNSIGNED} propose:dispatcher sign:secretary"),
    "signed": _path(_SIGNED),
    "handling": _path(_MET),
    "clock stopped": _path(f"{_MET} stop_clock:dispatcher"),
    "clock resumed": _path(f"{_MET} stop_clock:dispatcher resume_clock:dispatcher"),
    "ready to conclude": _path(_READY),
    "in conflict": _DISPUTED,
    "decided": (*_DISPUTED, (K.RESOLVE_CONFLICT, "leader", None)),
    "concluded again": (*_DISPUTED, (K.CONCLUDE, "leader", p.Conclude("已翻修"))),
    "concluded": _path(_CONCLUDED),
    "reviewed": _path(_REVIEWED),
    "reported": _path(_REPORTED),
    "called back": _path(_CALLED),
    "called back unresolved": (*_path(_REPORTED), _UNRESOLVED),
    "second round": (*_path(_REPORTED), _UNRESOLVED, (K.SECOND_ROUND, PLATFORM, None)),
    "archived": _path(f"{_CALLED} archive:dispatcher"),
    "withdrawn": _path(f"{_MET} withdraw:platform"),
}

_OFFICE = ("dispatcher", "dispatcher2", "secretary", "inspector")
_FIELD = ("village", "leader", "station")
WHO: dict[ActKind, tuple[str, ...]] = {
    **dict.fromkeys(KINDS, ("dispatcher", "dispatcher2")),
    **dict.fromkeys((K.SIGN, K.RETURN_PROPOSAL), ("secretary", "leader2")),
    K.EMERGENCY: ("dispatcher", "secretary"),
    **dict.fromkeys((K.MEET, K.PLAN, K.PROGRESS, K.EXPLAIN, K.PHOTO, K.HANDLER_ACCEPT), _FIELD),
    **dict.fromkeys((K.DETERMINE, K.CONCLUDE), ("leader", "village")),
    K.REVIEW: ("dispatcher", "leader"),
    K.URGE: ("dispatcher", "secretary"),
    **dict.fromkeys((K.NOTE, K.CALL, K.CORRECT, K.UNMASK), (*_FIELD, *_OFFICE)),
    **dict.fromkeys((K.ACKNOWLEDGE, K.SNOOZE, K.SET_ASIDE), (*_OFFICE, *_FIELD)),
    K.RESOLVE_CONFLICT: ("leader", "dispatcher"),
    **dict.fromkeys(FROM_ABOVE, (PLATFORM,)),
}
"""Who does it, in the order they are tried."""

OTHER_WORDS: dict[ActKind, object] = {
    K.VERIFY: p.Verify("corrected", "地址不对", (("address", "东街", "西街"),)),
    K.CLASSIFY: p.Classify(("公用事业", "供水", "停水")),
    K.PROPOSE: p.Propose(HANDLERS, "请农办一起去。"),
    K.WITHDRAW_PROPOSAL: p.Reason("派错了村"),
    K.SIGN: p.Sign("同意，三日内办结。"),
    K.RETURN_PROPOSAL: p.Reason("请换领办"),
    K.EMERGENCY: p.EmergencyStart(HANDLERS, "先疏散"),
    K.DETERMINE: p.Determine("disputed", "边界有争议"),
    K.CONCLUDE: p.Conclude("先垫平，月底翻修", finished=False, promise="11 月 30 日前"),
    K.REVIEW: p.Review(False, "还有积水"),
    K.REPORT_BACK: p.ReportBack("部分解决", resolved=False),
    K.STOP_CLOCK: p.Reason("等资金"),
    K.RESUME_CLOCK: p.Reason("已开工"),
    K.RESOLVE_CONFLICT: p.Resolve(ActId("-"), "second", "照片可证"),
}
"""What the second of two says where the same kind can say something else."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One kind of act as somebody does it. ``other``: in other words; ``again``: who did it before,
    on another seat.
    """

    kind: ActKind
    other: bool = False
    again: bool = False

    @property
    def name(self) -> str:
        return self.kind.value + "≠" * self.other + "²" * self.again

    def payload(self, order: Order) -> object:
        """What it says; a record that names another one names one that is there."""
        found = OTHER_WORDS[self.kind] if self.other else PAYLOADS.get(self.kind, p.Empty())
        if isinstance(found, p.Resolve):
            conflicts = order.open_conflicts
            return replace(found, conflict_id=conflicts[0].id if conflicts else ActId("none"))
        if isinstance(found, p.Correct):
            return replace(found, act_id=order.history[0].act_id)
        if isinstance(found, p.Alerts):
            return p.Alerts((f"{order.id}:day7:0",))
        return found


TELLING = (K.CONCLUDE, K.REVIEW, K.RESOLVE_CONFLICT)
"""What leads elsewhere in other words."""


def firsts(kind: ActKind) -> tuple[Doing, ...]:
    """In how many ways the first of two acts is done."""
    return (Doing(kind), Doing(kind, other=True)) if kind in TELLING else (Doing(kind),)


def seconds(kind: ActKind, after: ActKind | None = None) -> tuple[Doing, ...]:
    """In how many ways the second is done: after the same kind also in other words, and on the other
    seat of the same person.
    """
    same = kind is after or after is None
    other = (Doing(kind, other=True),) * (kind in OTHER_WORDS and (same or kind in TELLING))
    again = (Doing(kind, again=True),) * (kind is after and kind not in FROM_ABOVE)
    return (Doing(kind), *other, *again)


def done(order: Order, doing: Doing, person: str, seat: str = "") -> tuple[Act, Order] | None:
    """Return the act of ``person`` on ``order`` and what it leads to, None when it is refused."""
    at = order.history[-1].received_at + GAP
    act = make_act(order, CENTER, person, doing.kind, at, doing.payload(order), seat=seat)
    try:
        return act, decide(order, act, CENTER, at).order
    except Refusal:
        return None


def who_can(order: Order, doing: Doing, first: str = "") -> str | None:
    """Return who may do it now: if possible somebody else than ``first``, unless it is done ``again``."""
    people = (first,) if doing.again else WHO[doing.kind]
    allowed = [person for person in people if done(order, doing, person) is not None]
    apart = [person for person in allowed if person != first]
    return next(iter(apart or allowed), None)


def walked(order: Order, steps: Iterable[Step]) -> tuple[Order, list[Act]]:
    """Return the order after ``steps`` and the acts that led there."""
    acts: list[Act] = []
    for step in steps:
        order, act = _stepped(order, step)
        acts.append(act)
    return order, acts


def _stepped(order: Order, step: Step) -> tuple[Order, Act]:
    kind, person, said = step
    at = order.history[-1].received_at + GAP
    blind = kind is K.CONCLUDE and order.conclusion is not None and not order.conflicts
    base = order.rev - 1 if blind else order.rev
    act = make_act(
        order, CENTER, person, kind, at, said or Doing(kind).payload(order), base_rev=base
    )
    return decide(order, act, CENTER, at).order, act


@cache
def order_after(steps: tuple[Step, ...]) -> Order:
    """Return an order after these steps: the same one with some more after some more."""
    if not steps:
        return sample_order(START, center=CENTER)
    return _stepped(order_after(steps[:-1]), steps[-1])[0]


def order_in(name: str) -> Order:
    """Return an order in this situation."""
    return order_after(SITUATIONS[name])


def leads_to(earlier: str, later: str) -> bool:
    """Whether an order can be in ``earlier`` first and in ``later`` then."""
    first, then = SITUATIONS[earlier], SITUATIONS[later]
    return len(first) < len(then) and then[: len(first)] == first
