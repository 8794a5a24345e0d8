"""Questions have a due time too: until when, who is told, and who may decide what is overdue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.alert_sources import refusal_watch, watches
from desktop_app.domain.alert_values import AlertKind, Gathered
from desktop_app.domain.alert_words import next_words, why
from desktop_app.domain.alerts import due_alerts
from desktop_app.domain.apply import decide, fold
from desktop_app.domain.calendars import SHANGHAI, office_time_after
from desktop_app.domain.conflicts import answer_by, why_not_decide
from desktop_app.domain.orders import Order, Outcome
from desktop_app.domain.policy import DecisionRule
from desktop_app.domain.policy_file import PolicyError, load_policy
from desktop_app.domain.refusals import Refusal
from desktop_app.domain.roles import Role
from resources import read_text
from tests.support.acts import make_act, step, walk
from tests.support.center import PEOPLE, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()
WHO = {q.id: q for q in PEOPLE}
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "hours", "due"),
    [
        ("2026-11-19T09:00", 8, "2026-11-19T17:00"),
        ("2026-11-19T15:30", 8, "2026-11-20T14:30"),
        ("2026-11-19T02:00", 8, "2026-11-19T16:30"),  # at night: from the morning on
        ("2026-11-20T16:30", 8, "2026-11-23T15:30"),  # Friday to Monday
        ("2026-09-30T16:30", 8, "2026-10-08T15:30"),  # over the National Day
        ("2026-10-10T09:00", 8, "2026-10-10T17:00"),  # a Saturday that is worked
        ("2026-11-19T17:30", 1, "2026-11-20T09:30"),
        ("2031-01-04T09:00", 1, "2031-01-06T09:30"),  # no calendar yet: Monday to Friday
    ],
)
def test_office_time(at: str, hours: int, due: str) -> None:
    assert office_time_after(C.policy, local(at), hours * 3600) == local(due)


def disputed(at: datetime = START) -> Order:
    order = walk(sample_order(at, center=C), C, K.DETERMINE)
    second = make_act(order, C, "village", K.CONCLUDE, order.history[-1].received_at + MINUTE)
    interim = p.Conclude("先垫平", finished=False, promise="25 日前")
    first = step(order, C, "leader", K.CONCLUDE, interim).order
    decision = decide(first, second, C, first.history[-1].received_at + MINUTE)
    assert decision.outcome is Outcome.CONFLICT
    return decision.order


def test_the_platform_gives_a_conflict_its_due_time_and_nothing_moves_it() -> None:
    order = disputed()
    (conflict,) = order.open_conflicts
    assert conflict.due_at == office_time_after(C.policy, conflict.opened_at, 8 * 3600)
    later = replace(C, policy=replace(C.policy, decisions=DecisionRule(within_seconds=60)))
    put_off = p.Resolve(conflict.id, "put_off", "当面核")
    after = step(order, later, "leader", K.RESOLVE_CONFLICT, put_off).order
    assert after.open_conflicts[0].due_at == conflict.due_at


def test_the_orders_own_clock_ends_it_sooner() -> None:
    order = sample_order(START, tier="emergency", center=C)
    (settle, resolve) = sorted(order.clocks, key=lambda c: c.due_at)
    assert answer_by(C.policy, order, START) == settle.safe_due_at
    after = settle.due_at + MINUTE
    assert answer_by(C.policy, order, after) == resolve.safe_due_at, "what is over shortens nothing"
    assert answer_by(C.policy, None, START) == office_time_after(C.policy, START, 8 * 3600)


def test_what_only_a_seat_takes_for_a_conflict_has_no_time_that_runs() -> None:
    """The seat's clock must not set a due time (I10): the platform's word has to come first."""
    order = walk(sample_order(START, center=C), C, K.DETERMINE)
    own = make_act(order, C, "village", K.CONCLUDE, START + 400 * HOUR)
    base = step(order, C, "leader", K.CONCLUDE, p.Conclude("已翻修")).order
    view = fold(base, (own,), C)
    (conflict,) = view.open_conflicts
    assert not conflict.confirmed
    assert conflicts_told(view, "leader", START + 900 * HOUR) == []
    late = START + 900 * HOUR
    assert why_not_decide(view, conflict, "dispatcher", Role.DISPATCHER, late, C.policy)
    judged = decide(base, own, C, START + 30 * HOUR).order
    assert judged.open_conflicts[0].confirmed
    assert fold(judged, (), C) == judged


def look(order: Order, person: str, now: datetime, *, deputy: bool = False) -> Gathered:
    found = watches(order, WHO[person])  # type: ignore[index]
    return due_alerts(found, C.policy, WHO[person], now, {}, deputy=deputy)  # type: ignore[index]


def conflicts_told(order: Order, person: str, now: datetime) -> list[int]:
    told = look(order, person, now).alerts
    return [round(a.moment / 3600) for a in told if a.kind is AlertKind.CONFLICT]


def test_who_decides_is_told_at_once_an_hour_before_and_when_it_is_over() -> None:
    order = disputed()
    (conflict,) = order.open_conflicts
    whole = round((conflict.due_at - conflict.opened_at) / HOUR)
    for moment, said in (
        (conflict.opened_at, []),
        (conflict.opened_at + 2 * SECOND, [-whole]),
        (conflict.due_at - HOUR, [-1]),
        (conflict.due_at, [0]),
        (conflict.due_at + 3 * HOUR, [2]),
    ):
        assert conflicts_told(order, "leader", moment) == said
    assert conflicts_told(order, "village", conflict.due_at + 3 * HOUR) == []


def test_overdue_it_is_told_to_the_dispatcher_and_then_to_the_secretary() -> None:
    order = disputed()
    (conflict,) = order.open_conflicts
    due = conflict.due_at
    assert conflicts_told(order, "dispatcher", due - SECOND) == []
    assert conflicts_told(order, "dispatcher", due) == [0]
    assert conflicts_told(order, "secretary", due + HOUR) == []
    assert conflicts_told(order, "secretary", due + 2 * HOUR) == [2]
    alert = next(a for a in look(order, "dispatcher", due).alerts if a.kind is AlertKind.CONFLICT)
    assert "代为选定" in why(alert, WHO["dispatcher"], due)  # type: ignore[index]


def test_overdue_the_dispatcher_may_decide_in_the_leads_place_and_not_before() -> None:
    order = disputed()
    (conflict,) = order.open_conflicts
    choice = p.Resolve(conflict.id, "second", "领办休假，照片可证")
    early = make_act(order, C, "dispatcher", K.RESOLVE_CONFLICT, conflict.due_at - MINUTE, choice)
    with pytest.raises(Refusal, match="由领办选定"):
        decide(order, early, C, conflict.due_at + HOUR)
    late = make_act(order, C, "dispatcher", K.RESOLVE_CONFLICT, conflict.due_at, choice)
    assert not decide(order, late, C, conflict.due_at).order.open_conflicts
    at = conflict.due_at
    assert why_not_decide(order, conflict, "leader", Role.LEADER, at, C.policy) == ""
    assert why_not_decide(order, conflict, "village", Role.VILLAGE, at, C.policy)


def test_over_signatures_nobody_but_the_secretary_ever_decides() -> None:
    order = walk(sample_order(START, center=C), C, K.PROPOSE)
    late = make_act(order, C, "secretary", K.SIGN, order.history[-1].received_at)
    changed = step(order, C, "dispatcher", K.WITHDRAW_PROPOSAL).order
    stale = decide(changed, late, C, changed.history[-1].received_at + MINUTE).order
    (conflict,) = stale.open_conflicts
    at = conflict.due_at + 30 * HOUR
    assert why_not_decide(stale, conflict, "dispatcher", Role.DISPATCHER, at, C.policy)
    assert why_not_decide(stale, conflict, "secretary", Role.SECRETARY, at, C.policy) == ""


def test_a_refused_record_raises_until_its_author_has_dealt_with_it() -> None:
    order = walk(sample_order(START, center=C), C, K.HANDLER_ACCEPT)
    act = make_act(order, C, "village", K.DETERMINE, START + HOUR)
    due = answer_by(C.policy, None, START + HOUR)
    watch = refusal_watch(order, act, C.policy, START + HOUR, due)
    person = WHO["village"]  # type: ignore[index]
    said = {
        now: [a.moment for a in due_alerts((watch,), C.policy, person, now, {}).alerts]
        for now in (START + HOUR + 2 * SECOND, due - HOUR, due, due + 2 * HOUR)
    }
    assert [len(each) for each in said.values()] == [1, 1, 1, 1]
    assert [each[0] for each in list(said.values())[1:]] == [-3600, 0, 7200]
    (alert,) = due_alerts((watch,), C.policy, person, due, {}).alerts
    assert why(alert, person, due).startswith("定性没被采用，限")
    assert "裁定" in next_words(watch, person)
    gone = refusal_watch(None, act, C.policy, START + HOUR, due)
    assert (gone.number, gone.title) == ("", "定性"), "also of an order that has left this seat"


@pytest.mark.parametrize(
    "line", ['within = "0"', 'office = ["17:30", "08:30"]', 'then = ["nobody"]', 'alerts = "none"']
)
def test_a_policy_that_cannot_be_meant_is_refused(line: str) -> None:
    name = line.split(" ", maxsplit=1)[0]
    lines = read_text("policies/pinggu.toml").splitlines()
    start = lines.index(next(each for each in lines if each.startswith("[decisions]")))
    at = next(n for n in range(start, len(lines)) if lines[n].startswith(name))
    with pytest.raises(PolicyError):
        load_policy("\n".join([*lines[:at], line, *lines[at + 1 :]]))


# --- a deputy is reminded as the secretary is -----------------------------------------------------


def proposed() -> Order:
    return walk(sample_order(START, center=C), C, K.PROPOSE)


def settle_told(order: Order, person: str, now: datetime, *, deputy: bool) -> list[int]:
    told = look(order, person, now, deputy=deputy).alerts
    return [a.moment for a in told if a.watch.clock.id == "settle"]


@pytest.mark.parametrize("minutes", [-31, -30, -10, 0, 30])
def test_while_it_holds_a_deputy_hears_what_the_secretary_hears(minutes: int) -> None:
    order = proposed()
    settle = next(c for c in order.clocks if c.id == "settle")
    now = settle.due_at + minutes * MINUTE
    heard = settle_told(order, "secretary", now, deputy=False)
    assert settle_told(order, "leader2", now, deputy=True) == heard
    assert settle_told(order, "leader2", now, deputy=False) == []


def test_a_deputy_hears_nothing_of_what_does_not_wait_for_a_signature() -> None:
    verified = walk(sample_order(START, center=C), C, K.VERIFY)
    returned = step(proposed(), C, "secretary", K.RETURN_PROPOSAL).order
    for order in (verified, returned):
        now = order.dispatched_at + 3 * HOUR
        assert settle_told(order, "secretary", now, deputy=False)
        assert settle_told(order, "leader2", now, deputy=True) == []


def test_a_deputy_is_told_to_sign() -> None:
    order = proposed()
    (alert,) = look(order, "leader2", order.dispatched_at + 2 * HOUR, deputy=True).alerts
    assert next_words(alert.watch, WHO["leader2"]) == "请代签。"  # type: ignore[index]
