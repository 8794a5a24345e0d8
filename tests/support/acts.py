"""Making acts in tests the way a seat makes them, and walking an order along its path."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind, Actor
from desktop_app.domain.apply import Decision, decide
from desktop_app.domain.center import Center
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import ActId, DeviceId
from desktop_app.domain.intake import PLATFORM_ACTOR
from desktop_app.domain.orders import Order
from desktop_app.domain.policy import Milestone
from tests.support.center import HANDLERS, ROAD

K = ActKind
_serial = count(1)

PAYLOADS: dict[ActKind, object] = {
    K.VERIFY: p.Verify("matches", "内容一致"),
    K.CLASSIFY: p.Classify(ROAD),
    K.PROPOSE: p.Propose(HANDLERS, "请村里先看现场。"),
    K.WITHDRAW_PROPOSAL: p.Reason("漏了站所"),
    K.SIGN: p.Sign("同意。"),
    K.RETURN_PROPOSAL: p.Reason("请加上农办"),
    K.EMERGENCY: p.EmergencyStart(HANDLERS, "路面塌陷,先封路"),
    K.MEET: p.Meet("门口", "张女士本人", "现场属实"),
    K.PLAN: p.Text("先垫平再翻修"),
    K.PROGRESS: p.Text("已垫平"),
    K.EXPLAIN: p.Explain("村书记", "讲了安排", "accepted"),
    K.PHOTO: p.Photo("破损面"),
    K.DETERMINE: p.Determine("reasonable"),
    K.CONCLUDE: p.Conclude("已修复"),
    K.REVIEW: p.Review(True, "已解决"),
    K.REPORT_BACK: p.ReportBack("已办结"),
    K.CALL_BACK: p.CallBackResult(True, True, True),
    K.SECOND_ROUND: p.Reason("回访未解决"),
    K.WITHDRAW: p.Reason("重复派单"),
    K.NOTE: p.Text("备注"),
    K.URGE: p.Text("请抓紧"),
    K.CALL: p.Call("张女士", True),
    K.UNMASK: p.Unmask("phone", "电话核实"),
    K.ACKNOWLEDGE: p.Alerts(("order:day1:0",)),
    K.SNOOZE: p.Alerts(("order:day1:0",)),
    K.STOP_CLOCK: p.Reason("挂账"),
    K.RESUME_CLOCK: p.Reason("资金到位"),
    K.CORRECT: p.Correct(ActId("d1"), "更正"),
    K.RESOLVE_CONFLICT: p.Resolve(ActId("none"), "first", "现场看过"),
    K.SET_ASIDE: p.SetAside(ActId("none")),
}
"""A complete payload for each kind that carries one."""


def actor_of(center: Center, person_id: str, device: str = "") -> Actor:
    """Return the actor for a person of the center, or the platform."""
    if person_id == "platform":
        return PLATFORM_ACTOR
    person = center.person(person_id)
    assert person is not None, person_id
    return Actor(person.id, person.role, person.name, person.title, DeviceId(device or person_id))


def make_act(
    order: Order,
    center: Center,
    person_id: str,
    kind: ActKind,
    at: datetime,
    payload: object | None = None,
    *,
    base_rev: int | None = None,
    base_hash: str | None = None,
    clock: ClockQuality = ClockQuality.GOOD,
    seat: str = "",
) -> Act:
    """Return an act made by somebody who sees ``order`` as it is (unless ``base_*`` say otherwise)."""
    bound = kind in (K.SIGN, K.RETURN_PROPOSAL)
    seen = order.proposal.hash if bound and order.proposal else ""
    return Act(
        id=ActId(f"act-{next(_serial):06d}"),
        subject=order.id,
        kind=kind,
        actor=actor_of(center, person_id, seat),
        occurred_at=at,
        base_rev=order.rev if base_rev is None else base_rev,
        base_hash=seen if base_hash is None else base_hash,
        clock=clock,
        payload=p.plain(payload or PAYLOADS.get(kind, p.Empty())),
    )


PATH: tuple[tuple[ActKind, str], ...] = (
    (K.ACCEPT, "dispatcher"),
    (K.VERIFY, "dispatcher"),
    (K.PROPOSE, "dispatcher"),
    (K.SIGN, "secretary"),
    (K.HANDLER_ACCEPT, "village"),
    (K.MEET, "village"),
    (K.EXPLAIN, "village"),
    (K.DETERMINE, "leader"),
    (K.CONCLUDE, "village"),
    (K.REVIEW, "dispatcher"),
    (K.REPORT_BACK, "dispatcher"),
    (K.CALL_BACK, "platform"),
    (K.ARCHIVE, "dispatcher"),
)
"""The main path, act by act."""
ASKED_BY_SOME = ((Milestone.PLANNED, K.PLAN), (Milestone.PROGRESSED, K.PROGRESS))
"""What only some tiers demand before the conclusion."""


def step(
    order: Order,
    center: Center,
    person_id: str,
    kind: ActKind,
    payload: object | None = None,
    *,
    after: timedelta = timedelta(minutes=5),
) -> Decision:
    """Do one more thing to the order, ``after`` its last entry."""
    at = order.history[-1].received_at + after
    return decide(order, make_act(order, center, person_id, kind, at, payload), center, at)


def walk(order: Order, center: Center, until: ActKind) -> Order:
    """Return the order after the main path up to and including ``until``, with what its tier demands."""
    for kind, person_id in PATH:
        if kind is K.CONCLUDE:
            for milestone, record in ASKED_BY_SOME:
                if milestone in order.conclude_needs:
                    order = step(order, center, "village", record).order
        order = step(order, center, person_id, kind).order
        if kind is until:
            return order
    raise AssertionError(f"{until} is not on the path")
