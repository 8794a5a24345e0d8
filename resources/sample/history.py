"""Lives for the sample orders: how far each has come, and the acts that brought it there.

Every act goes through the same rules as a real one; only the words are ready-made.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind, Actor
from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center, Person
from desktop_app.domain.deadlines import current_clock
from desktop_app.domain.ids import ActId, DeviceId, OrderId, uuid7
from desktop_app.domain.intake import PLATFORM_ACTOR, Intake, new_order
from desktop_app.domain.orders import Duty, Handler, Order
from desktop_app.domain.policy import Milestone
from desktop_app.domain.roles import Role
from resources.sample.township import sample_intake

K = ActKind
PATH = (
    K.ACCEPT, K.VERIFY, K.PROPOSE, K.SIGN, K.HANDLER_ACCEPT, K.MEET, K.EXPLAIN, K.PLAN,
    K.PROGRESS, K.DETERMINE, K.CONCLUDE, K.REVIEW, K.REPORT_BACK, K.CALL_BACK, K.ARCHIVE,
)  # fmt: skip
_SHARE = (0.002, 0.004, 0.007, 0.011, 0.02, 0.1, 0.11, 0.14, 0.2, 0.3, 0.42, 0.6, 0.7, 0.85, 0.9)
"""When each step of PATH is taken, as a share of the order's whole limit."""
_STOPS = (0, 1, 2, 3, 4, 5, 3, 7, 9, 6, 10, 5, 11, 3, 12, 2, 13, 7, 14, 9, 15, 5, 1, 15)
_SLACK = (0.15, 0.5, 0.85, 0.3, 0.9, 0.05, 0.6, 0.2, 1.15, 0.4)


@dataclass(frozen=True, slots=True)
class SampleLife:
    """An order to dispatch at ``dispatched_at``, and after how many steps of PATH it stands today."""

    intake: Intake
    dispatched_at: datetime
    steps: int
    seed: int

    def acts(self, order: Order, center: Center) -> list[Act]:
        """Return the acts that bring the freshly dispatched ``order`` to where it stands."""
        return _acts(order, center, self.steps, self.seed)


def sample_lives(center: Center, now: datetime, count: int = 60) -> Iterator[SampleLife]:
    """Yield ``count`` orders over all stages, tiers and bands, oldest first."""
    lives = [_life(center, now, n) for n in range(count)]
    yield from sorted(lives, key=lambda life: life.dispatched_at)


def _life(center: Center, now: datetime, n: int) -> SampleLife:
    steps = _STOPS[n % len(_STOPS)]
    probe = new_order(
        known_tier(center, sample_intake(n, now)), center, OrderId("x"), ActId("x"), now
    )
    order = probe
    for act in _acts(probe, center, steps, n):
        order = decide(order, act, center, act.occurred_at).order
    last = order.history[-1].occurred_at - now
    clock = current_clock(order)
    until_due = (clock.due_at - now - last) if clock else timedelta(days=3)
    age = last + max(until_due, timedelta(minutes=30)) * _SLACK[n % len(_SLACK)]
    at = now - age
    return SampleLife(known_tier(center, sample_intake(n, at)), at, steps, n)


def known_tier(center: Center, intake: Intake) -> Intake:
    """Under a policy with other tiers, an urgent matter takes its first tier, others its second."""
    tiers = [tier.id for tier in center.policy.tiers]
    if intake.tier in tiers:
        return intake
    return replace(intake, tier=tiers[0 if intake.tier in ("livelihood", "emergency") else 1])


def _acts(order: Order, center: Center, steps: int, seed: int) -> list[Act]:
    chance = random.Random(seed)
    start = order.dispatched_at
    limit = max(c.due_at for c in order.clocks) - start
    settle = order.clocks[0].due_at - start
    acts: list[Act] = []
    for kind, share in list(zip(PATH, _SHARE, strict=True))[:steps]:
        wait = limit * share if share >= 0.1 else settle * (share / 0.02 * 0.8)
        act = _act(order, center, kind, start + wait, chance)
        if act is None:
            continue
        order = decide(order, act, center, act.occurred_at).order
        acts.append(act)
    return acts


def _act(
    order: Order, center: Center, kind: ActKind, at: datetime, chance: random.Random
) -> Act | None:
    wanted = {c.closed_by for c in order.clocks}
    if kind is K.PLAN and Milestone.PLANNED not in wanted:
        return None
    if kind is K.PROGRESS and Milestone.PROGRESSED not in wanted and chance.random() < 0.6:
        return None
    if kind is K.REVIEW and Milestone.REVIEWED not in wanted:
        return None
    handlers = sample_handlers(order, center)
    person = _who(center, kind, handlers)
    actor = PLATFORM_ACTOR if person is None else _actor(person)
    return Act(
        id=ActId(uuid7(int(at.timestamp() * 1000), chance.randbytes(10))),
        subject=order.id,
        kind=kind,
        actor=actor,
        occurred_at=at,
        base_rev=order.rev,
        base_hash=order.proposal.hash if kind is K.SIGN and order.proposal else "",
        payload=p.plain(_payload(order, kind, handlers, chance)),
    )


def sample_handlers(order: Order, center: Center) -> tuple[Handler, ...]:
    """Return who answers for the order by the duty list and the village."""
    duty = next(
        (d for d in center.duties if order.matter.category[: len(d.category)] == d.category), None
    )
    leader_id = duty.leader if duty and duty.leader else center.people[3].id
    leader = center.person(leader_id)
    village = next(
        q for q in center.people if q.role is Role.VILLAGE and q.unit_id == order.place.village_id
    )
    assert leader is not None
    helpers = [
        Handler(Duty.HELP, q.id, q.title, q.unit_id)
        for unit in (duty.stations if duty else ())
        for q in center.people
        if q.unit_id == unit
    ]
    return (
        Handler(Duty.LEAD, leader.id, leader.title),
        Handler(Duty.ASSIST, village.id, village.title, village.unit_id),
        *helpers,
    )


def _who(center: Center, kind: ActKind, handlers: tuple[Handler, ...]) -> Person | None:
    if kind is K.CALL_BACK:
        return None
    if kind is K.SIGN:
        return next(q for q in center.people if q.role is Role.SECRETARY)
    if kind in (K.HANDLER_ACCEPT, K.MEET, K.EXPLAIN, K.CONCLUDE, K.PROGRESS):
        return center.person(handlers[1].person_id)
    if kind in (K.DETERMINE, K.PLAN):
        return center.person(handlers[0].person_id)
    return next(q for q in center.people if q.role is Role.DISPATCHER)


def _actor(person: Person) -> Actor:
    return Actor(person.id, person.role, person.name, person.title, DeviceId(f"sample-{person.id}"))


def _payload(
    order: Order, kind: ActKind, handlers: tuple[Handler, ...], chance: random.Random
) -> object:
    if kind is K.PROPOSE:
        return p.Propose(handlers, "请村里先看现场、见到诉求人，乡里跟进。")
    if kind is K.SIGN:
        return p.Sign(chance.choice(_OPINIONS))
    if kind is K.MEET:
        whom = f"{order.petitioner.name}本人"
        return p.Meet(order.place.address, whom, "上门看了现场，情况属实，诉求人希望尽快办。")
    if kind is K.EXPLAIN:
        taken = chance.choice(("accepted", "accepted", "objects"))
        return p.Explain("村书记", "讲清了办理安排和时间，留了联系方式。", taken)
    if kind is K.CALL_BACK:
        return p.CallBackResult(True, True, chance.random() < 0.8, "平台电话回访。")
    return _READY_MADE.get(kind, p.Empty())


_OPINIONS = ("同意。抓紧见面，按期办结。", "同意拟办意见。", "同意。注意把话说到位。")
_READY_MADE: dict[ActKind, object] = {
    K.VERIFY: p.Verify("matches", "电话核实，内容一致。"),
    K.PLAN: p.Text("已排定施工队和材料，按计划推进。"),
    K.PROGRESS: p.Text("已排定施工队和材料，按计划推进。"),
    K.DETERMINE: p.Determine("reasonable", "诉求合理，属村级可办事项。"),
    K.CONCLUDE: p.Conclude("已到现场处理完毕，诉求人在场确认。"),
    K.REVIEW: p.Review(True, "电话回访，问题已解决。"),
    K.REPORT_BACK: p.ReportBack("已现场处理，诉求人认可。", satisfied=True, truthful=True),
}
