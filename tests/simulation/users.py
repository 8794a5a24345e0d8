"""What people do at a seat: by the rules, at random, mostly the next thing, from what is on the screen."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.ids import OrderId, PersonId, UnitId
from desktop_app.domain.lifecycle import next_step, why_not
from desktop_app.domain.orders import Duty, Handler, Order
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from desktop_app.services import (
    closing,
    decisions,
    deputies,
    handling,
    intake,
    notes,
    signoff,
    unmasking,
    upkeep,
)
from desktop_app.services.seat import Seat
from local_store.errors import StoreError, StoreProblem
from local_store.rows import DecisionKind
from sync.client.mailbox import Note
from tests.simulation.workstation import Workstation
from tests.support.center import ROAD, WATER

K = ActKind
LEADS = ("leader", "leader2")
VILLAGES = (("village", "wjw"), ("village2", "dg"))
STATIONS = (("station", "nb"), ("station2", "gs"))


@dataclass(frozen=True, slots=True)
class Doing:
    """One person about to do one thing to one order; ``shown`` is the order as on the screen."""

    seat: Seat
    order: Order
    shown: Order
    dice: random.Random

    @property
    def id(self) -> OrderId:
        return self.order.id

    def words(self, *choices: str) -> str:
        return self.dice.choice(choices)

    @property
    def shown_hash(self) -> str:
        return self.shown.proposal.hash if self.shown.proposal else ""


def handlers(dice: random.Random) -> tuple[Handler, ...]:
    """Return who might be proposed: a lead, a village, perhaps a station."""
    lead, (village, place) = dice.choice(LEADS), dice.choice(VILLAGES)
    chosen = [
        Handler(Duty.LEAD, PersonId(lead), "乡领导"),
        Handler(Duty.ASSIST, PersonId(village), "村书记", UnitId(place)),
    ]
    if dice.random() < 0.5:
        station, unit = dice.choice(STATIONS)
        chosen.append(Handler(Duty.HELP, PersonId(station), "站所", UnitId(unit)))
    return tuple(chosen)


def _sign(d: Doing) -> None:
    opinion = d.words("同意。", "同意，抓紧。")
    if d.dice.random() < 0.15:
        signoff.sign_changed(d.seat, d.id, d.shown_hash, opinion, handlers(d.dice))
    else:
        signoff.sign(d.seat, d.id, d.shown_hash, opinion)


def _alerts(d: Doing) -> p.Alerts:
    clock = d.dice.choice(d.order.clocks).id if d.order.clocks else "day1"
    return p.Alerts((f"{d.id}:{clock}:0",))


def _correct(d: Doing) -> None:
    notes.correct(d.seat, d.id, d.dice.choice(d.order.history).act_id, "更正：日期写错")


def _resolve(d: Doing) -> None:
    if not d.order.open_conflicts:
        raise Refusal("none", "没有冲突。")
    conflict = d.dice.choice(d.order.open_conflicts)
    choice = d.words("first", "first", "second", "put_off")
    decisions.resolve(d.seat, d.id, conflict.id, choice, "看过现场")


def _photo(d: Doing) -> None:
    size = d.dice.choice((900, 40_000, 150_000))
    handling.add_photo(d.seat, d.id, d.dice.randbytes(size), "现场.jpg", "破损面")


Verb = Callable[[Doing], object]

VERBS: dict[ActKind, Verb] = {
    K.ACCEPT: lambda d: intake.accept(d.seat, d.id),
    K.VERIFY: lambda d: intake.verify(
        d.seat, d.id, d.words("matches", "matches", "unreachable"), "电话核实"
    ),
    K.CLASSIFY: lambda d: intake.classify(d.seat, d.id, d.dice.choice((ROAD, WATER))),
    K.PROPOSE: lambda d: intake.propose(
        d.seat, d.id, handlers(d.dice), d.words("请先看现场", "请抓紧")
    ),
    K.WITHDRAW_PROPOSAL: lambda d: intake.withdraw_proposal(d.seat, d.id, "漏了站所"),
    K.SIGN: _sign,
    K.RETURN_PROPOSAL: lambda d: signoff.return_proposal(
        d.seat, d.id, d.shown_hash, d.words("请加上农办", "换一位领办")
    ),
    K.EMERGENCY: lambda d: intake.start_emergency(d.seat, d.id, handlers(d.dice), "先封路"),
    K.HANDLER_ACCEPT: lambda d: handling.accept(d.seat, d.id),
    K.MEET: lambda d: handling.meet(d.seat, d.id, "门口", "张女士本人", "现场属实"),
    K.PLAN: lambda d: handling.plan(d.seat, d.id, "先垫平再翻修"),
    K.PROGRESS: lambda d: handling.progress(d.seat, d.id, d.words("已垫平", "料已到")),
    K.EXPLAIN: lambda d: handling.explain(
        d.seat, d.id, "村书记", "讲了安排", d.words("accepted", "objects", "refuses")
    ),
    K.PHOTO: _photo,
    K.DETERMINE: lambda d: handling.determine(
        d.seat, d.id, d.words("reasonable", "reasonable", "disputed")
    ),
    K.CONCLUDE: lambda d: handling.conclude(
        d.seat, d.id, d.words("已修复", "已垫平"), finished=d.dice.random() < 0.8
    ),
    K.REVIEW: lambda d: closing.review(d.seat, d.id, settled=d.dice.random() < 0.8),
    K.REPORT_BACK: lambda d: closing.report_back(d.seat, d.id, d.words("已办结", "已修好")),
    K.ARCHIVE: lambda d: closing.archive(d.seat, d.id),
    K.NOTE: lambda d: notes.note(d.seat, d.id, f"记一笔 {d.dice.randrange(10**6)}"),
    K.CORRECT: _correct,
    K.URGE: lambda d: intake.urge(d.seat, d.id, "请抓紧"),
    K.CALL: lambda d: intake.log_call(d.seat, d.id, "张女士", reached=d.dice.random() < 0.5),
    K.UNMASK: lambda d: unmasking.unmask(d.seat, d.id, "phone", "电话核实"),
    K.ACKNOWLEDGE: lambda d: d.seat.record(d.id, K.ACKNOWLEDGE, _alerts(d)),
    K.SNOOZE: lambda d: d.seat.record(d.id, K.SNOOZE, _alerts(d)),
    K.STOP_CLOCK: lambda d: d.seat.record(d.id, K.STOP_CLOCK, p.Reason("挂账")),
    K.RESUME_CLOCK: lambda d: d.seat.record(d.id, K.RESUME_CLOCK, p.Reason("资金到位")),
    K.RESOLVE_CONFLICT: _resolve,
}
"""The verb behind each kind of act that a person does to an order."""

RARE = frozenset({K.WITHDRAW_PROPOSAL, K.RETURN_PROPOSAL, K.EMERGENCY, K.UNMASK, K.SNOOZE})


@dataclass
class Habits:
    """How a seed's people work. ``think``: seconds between two things, on average."""

    think: float = 12.0
    in_order: float = 0.6
    photos: float = 0.0
    deputies: float = 0.0
    old_screens: float = 0.15


class User:
    """Whoever sits at ``machine``."""

    def __init__(self, machine: Workstation, habits: Habits, dice: random.Random) -> None:
        self.machine, self.habits, self.dice = machine, habits, dice

    def do_something(self) -> None:
        """Do one thing. What the rules or a full disk refuse changes nothing. May stop the machine."""
        machine = self.machine
        if machine.wants_to_sign_in is not None:
            if self.dice.random() < 0.7:
                machine.sign_in(machine.wants_to_sign_in)
            if self.dice.random() < 0.5:
                return
        if machine.seat is None:
            return
        try:
            self._try(machine.seat)
        except Refusal as refusal:
            machine.trace.count("refused at the seat")
            machine.trace.note(machine.name, f"refused: {refusal.code}")
        except StoreError as error:
            self._store_failed(error)
        else:
            machine.post(Note.WOKEN)

    def _store_failed(self, error: StoreError) -> None:
        machine = self.machine
        if error.code is StoreProblem.DAMAGED and machine.door.spoilt:
            machine.trace.note(machine.name, "not saved: the store is damaged")
            return
        if not machine.disk.full or error.code is not StoreProblem.FULL:
            machine.checks.fail("I1", machine.name, f"the store failed: {error}")
        machine.trace.count("not saved, the disk is full")
        machine.trace.note(machine.name, "not saved: the disk is full")

    def _try(self, seat: Seat) -> None:
        roll = self.dice.random()
        if roll < 0.06 and len(self.machine.people) > 1:
            self._change_places()
        elif roll < 0.12:
            self._decide(seat)
        elif roll < 0.12 + self.habits.deputies:
            self._deputy(seat)
        elif roll < 0.2:
            self._look(seat)
        else:
            self._work(seat)

    def _change_places(self) -> None:
        machine = self.machine
        others = [person for person in machine.people if person != machine.person]
        if self.dice.random() < 0.5:
            machine.sign_out()
        machine.wants_to_sign_in = self.dice.choice(others)

    def _decide(self, seat: Seat) -> None:
        """Settle what is in front of this person: a conflict, or a record that was refused."""
        open_ones = [d for d in seat.store.decisions(seat.person) if not d.why_not]
        if not open_ones:
            return
        decision = self.dice.choice(open_ones)
        if decision.kind is DecisionKind.REJECTION:
            assert decision.act is not None
            decisions.set_aside(seat, decision.order_id, decision.act.id, "已另记")
            return
        assert decision.conflict is not None
        choices = [c.key for c in decision.choices if not c.why_not]
        if choices:
            choice = self.dice.choice(choices)
            decisions.resolve(seat, decision.order_id, decision.conflict.id, choice, "核过")

    def _deputy(self, seat: Seat) -> None:
        center, now = seat.center, seat.now()
        if seat.person.role is not Role.SECRETARY:
            return
        running = [d for d in center.delegations if d.revoked_at is None]
        if running and self.dice.random() < 0.4:
            deputies.revoke(seat, self.dice.choice(running).act_id, "已回来")
            return
        length = timedelta(minutes=self.dice.choice((3, 30, 60 * 24)))
        deputy = PersonId(self.dice.choice(("leader", "dispatcher")))
        deputies.authorise(seat, deputy, now, now + length, "外出开会")

    def _look(self, seat: Seat) -> None:
        """Open an order, write half a sentence, press F5."""
        ids = self.machine.order_ids()
        if not ids:
            return
        order_id = self.dice.choice(ids)
        self.machine.screen[order_id] = seat.order(order_id)
        roll = self.dice.random()
        if roll < 0.3:
            self.machine.post(Note.ASKED)
        elif roll < 0.5:
            self.machine.want_files(order_id)
        elif roll < 0.6:
            upkeep.tidy(seat.store, seat.time)
        elif roll < 0.8:
            words = {"text": f"写到一半 {self.dice.randrange(10**6)}"}
            self.machine.checks.keeps_draft(self.machine.name, order_id, words)
            seat.store.save_draft(order_id, "progress", words, seat.now())
            self.machine.checks.kept_draft(self.machine.name, order_id)

    def _work(self, seat: Seat) -> None:
        ids = self.machine.order_ids()
        if not ids:
            return
        order_id = self.dice.choice(ids)
        order = seat.order(order_id)
        shown = self.machine.screen.get(order_id, order)
        if self.dice.random() >= self.habits.old_screens:
            shown = order
        self.machine.screen[order_id] = order
        kind = self._choose(seat, order)
        if kind is not None:
            VERBS[kind](Doing(seat, order, shown, self.dice))
            self.machine.trace.note(self.machine.name, f"{seat.person_id} {kind} {order.number}")
            self.machine.trace.count("acts recorded")

    def _choose(self, seat: Seat, order: Order) -> ActKind | None:
        actor, center, now = seat.actor, seat.center, seat.now()

        def may(kind: ActKind) -> bool:
            return not why_not(order, actor, center, now, kind)

        if self.dice.random() < self.habits.photos and may(K.PHOTO):
            return K.PHOTO
        step = next_step(order, actor, center, now)
        if step is not None and self.dice.random() < self.habits.in_order:
            return step.kind
        wanted = [k for k in VERBS if k is not K.PHOTO]
        common = [k for k in wanted if k not in RARE or self.dice.random() < 0.3]
        possible = [kind for kind in common if may(kind)]
        return self.dice.choice(possible) if possible else None
