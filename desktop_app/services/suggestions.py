"""建议承办: who should handle an order, with the reasons, from the duty list, the roster and history.

Sources, strongest first: the duty list (谁主管谁负责) for the lead and the stations, the place for the
village (事发地在本村), 包片 for the lead where the list is silent, who handled the same before; at equal
reasons who is on duty and who has less in hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from desktop_app.domain.center import Center, DutyRule, Person, Unit, UnitKind
from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import Duty, Handler, Order
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from local_store.rows import Load, Similar

GROUPS = 3
"""How many sets Ctrl+G goes through."""

_ROLES = {
    Duty.LEAD: Role.LEADER,
    Duty.ASSIST: Role.VILLAGE,
    Duty.HELP: Role.STATION,
    Duty.JOINT: Role.DEPARTMENT,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is suggested. ``kind`` picks the icon: catalogue patch place duty history load."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggested handler. ``load``: 在办 n 件."""

    handler: Handler
    reasons: tuple[Reason, ...]
    load: int


@dataclass(frozen=True, slots=True)
class SuggestionGroup:
    """One complete set: a lead, at least one village, stations. The first group is the best."""

    suggestions: tuple[Suggestion, ...]

    @property
    def handlers(self) -> tuple[Handler, ...]:
        return tuple(s.handler for s in self.suggestions)

    def of(self, duty: Duty) -> tuple[Suggestion, ...]:
        return tuple(s for s in self.suggestions if s.handler.duty is duty)


@dataclass(slots=True)
class _Candidate:
    person: Person
    score: float = 0.0
    reasons: list[Reason] = field(default_factory=list)

    def add(self, score: float, kind: str, text: str) -> None:
        self.score += score
        self.reasons.append(Reason(kind, text))


@dataclass(frozen=True, slots=True)
class _Look:
    center: Center
    order: Order
    earlier: Sequence[Similar]
    load: Load
    now: datetime

    def people(self, duty: Duty) -> list[_Candidate]:
        role = _ROLES[duty]
        return [_Candidate(p) for p in self.center.people if p.active and p.role is role]

    @property
    def village(self) -> Unit | None:
        """The village by its id, else by its name in the place."""
        place = self.order.place
        villages = [u for u in self.center.units if u.kind is UnitKind.VILLAGE]
        for unit in villages:
            if unit.id == place.village_id:
                return unit
        where = f"{place.village} {place.address}"
        return next((u for u in villages if u.name in where), None)

    @property
    def rule(self) -> DutyRule | None:
        """The line of the duty list that fits the category most closely."""
        category = self.order.matter.category
        fitting = [r for r in self.center.duties if category[: len(r.category)] == r.category]
        return max(fitting, key=lambda r: len(r.category), default=None)

    @property
    def same_matter(self) -> list[Similar]:
        category = self.order.matter.category
        return [s for s in self.earlier if category and s.category == category]

    def on_duty(self, person_id: PersonId) -> bool:
        shifts = self.center.shifts
        return any(s.person_id == person_id and s.starts_at <= self.now < s.ends_at for s in shifts)


def suggest_handlers(
    center: Center, order: Order, earlier: Sequence[Similar], load: Load, now: datetime
) -> tuple[SuggestionGroup, ...]:
    """Return one to three groups (Ctrl+G goes round). Pure: all it needs is handed in."""
    look = _Look(center, order, earlier, load, now)
    leads = _ranked(look, _leads(look))
    villages = _villages(look)[:1]
    stations = _stations(look)
    if not leads:
        chosen = _suggest(look, Duty.ASSIST, villages) + _suggest(look, Duty.HELP, stations)
        return (SuggestionGroup(chosen),) if chosen else ()
    return tuple(
        SuggestionGroup(
            (
                *_suggest(look, Duty.LEAD, [lead]),
                *_suggest(look, Duty.ASSIST, villages),
                *_suggest(look, Duty.HELP, stations),
            )
        )
        for lead in leads[:GROUPS]
    )


def _leads(look: _Look) -> list[_Candidate]:
    found = look.people(Duty.LEAD)
    rule, village = look.rule, look.village
    before = [s for s in look.same_matter if s.lead is not None]
    for candidate in found:
        person_id = candidate.person.id
        if rule is not None and rule.leader == person_id:
            candidate.add(100, "catalogue", f"目录对应 {'—'.join(rule.category)}")
        if village is not None and village.patch_leader == person_id:
            candidate.add(60, "patch", f"包片 {village.name}")
        led = sum(s.lead == person_id for s in before)
        if led:
            candidate.add(30 * led / len(before), "history", _share(before, led, "由其领办"))
    return found


def _villages(look: _Look) -> list[_Candidate]:
    village = look.village
    found = [c for c in look.people(Duty.ASSIST) if village and c.person.unit_id == village.id]
    for candidate in found:
        candidate.add(100, "place", "事发地在本村")
        if any(s.village_person == candidate.person.id for s in look.earlier):
            candidate.add(10, "history", "上次由其办理")
    return _ranked(look, found)


def _stations(look: _Look) -> list[_Candidate]:
    rule, same = look.rule, [s for s in look.same_matter if s.helpers]
    found = look.people(Duty.HELP)
    for candidate in found:
        person = candidate.person
        if rule is not None and person.unit_id in rule.stations:
            candidate.add(100, "catalogue", f"目录对应 {'—'.join(rule.category)}")
        helped = [s for s in same if person.id in s.helpers]
        if helped and 2 * len(helped) >= len(same):
            done = all(s.resolved for s in helped)
            word = f"有{person.title}参与" + ("，均办结" if done else "")
            candidate.add(50, "star", _share(same, len(helped), word))
    return _ranked(look, [c for c in found if c.reasons])


def _share(all_of: Sequence[Similar], some: int, word: str) -> str:
    if some == len(all_of):
        return f"同类 {some} 件{word}"
    return f"同类 {len(all_of)} 件中 {some} 件{word}"


def _ranked(look: _Look, found: Iterable[_Candidate]) -> list[_Candidate]:
    """Sort by reasons, then who is on duty, then who has less in hand."""
    return sorted(
        found,
        key=lambda c: (
            -c.score,
            not look.on_duty(c.person.id),
            look.load.of(c.person.id),
            c.person.id,
        ),
    )


def _suggest(look: _Look, duty: Duty, found: Sequence[_Candidate]) -> tuple[Suggestion, ...]:
    return tuple(_suggestion(look, duty, candidate) for candidate in found)


def _suggestion(look: _Look, duty: Duty, candidate: _Candidate) -> Suggestion:
    person = candidate.person
    load = look.load.of(person.id)
    reasons = list(candidate.reasons)
    if look.on_duty(person.id):
        reasons.append(Reason("duty", "今日在岗"))
    if not reasons:
        reasons.append(Reason("load", f"在办 {load} 件"))
    return Suggestion(_handler(duty, person), tuple(reasons), load)


def _handler(duty: Duty, person: Person) -> Handler:
    return Handler(duty, person.id, person.title, person.unit_id)


def candidates(center: Center, duty: Duty) -> tuple[Handler, ...]:
    """Return everybody who may be chosen for a duty, for the combo boxes."""
    role = _ROLES[duty]
    return tuple(_handler(duty, p) for p in center.people if p.active and p.role is role)


def handler_for(center: Center, duty: Duty, person_id: PersonId) -> Handler:
    """Return the handler value of a person chosen by hand. Raises ``Refusal``."""
    person = center.person(person_id)
    if person is None or not person.active:
        raise Refusal("handler", "这个人不在可派的人员名册里。", "请重选承办。")
    return _handler(duty, person)
