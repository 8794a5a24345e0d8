"""What is due to whom, and when: moments, gaps, snoozes, quiet hours, new orders, conflicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desktop_app.domain.acts import ActKind, Actor
from desktop_app.domain.alert_sources import marks_in, merged, watches
from desktop_app.domain.alert_values import AlertKind, AlertMark, Gathered
from desktop_app.domain.alert_words import limit_text, next_words, node_text, told_next, why
from desktop_app.domain.alerts import (
    alert_id,
    due_alerts,
    may_change_at,
    order_of,
    quiet_until,
    silent_until,
    snoozes_of,
)
from desktop_app.domain.center import Center, Person
from desktop_app.domain.deadlines import Band, resume_clocks
from desktop_app.domain.ids import ActId
from desktop_app.domain.orders import (
    Assignment,
    Conflict,
    ConflictKind,
    HistoryEntry,
    Order,
    Outcome,
    Pause,
    Stage,
)
from desktop_app.domain.policy import AlertRule, Milestone
from tests.support.center import HANDLERS, PEOPLE, sample_center, sample_order
from tests.support.clock import START

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
NIGHTLY = sample_center()
# Most tests look at any hour: quiet hours have their own tests below.
_AWAKE = replace(NIGHTLY.policy.alerts, quiet_from="00:00", quiet_to="00:00")
CENTER = replace(NIGHTLY, policy=replace(NIGHTLY.policy, alerts=_AWAKE))
WHO: dict[str, Person] = {p.id: p for p in PEOPLE}


def handling(order: Order) -> Order:
    """The order signed for its handlers and under way; the settle clock is met."""
    clocks = tuple(
        replace(c, met_at=c.started_at + MINUTE) if c.closed_by is Milestone.SETTLED else c
        for c in order.clocks
    )
    assignments = tuple(Assignment(h, ActId("sign"), True) for h in HANDLERS)
    past = tuple(h.person_id for h in HANDLERS)
    return replace(
        order, stage=Stage.HANDLING, clocks=clocks, assignments=assignments, past_handlers=past
    )


def look(
    orders: Iterable[Order],
    who: str,
    now: datetime,
    marks: dict[str, AlertMark] | None = None,
    center: Center = CENTER,
) -> Gathered:
    person = WHO[who]
    found = [w for order in orders for w in watches(order, person)]
    return due_alerts(found, center.policy, person, now, marks or {})


def ids(gathered: Gathered) -> list[str]:
    return [a.id for a in gathered.alerts]


def acked(gathered: Gathered, now: datetime) -> dict[str, AlertMark]:
    return {a.id: AlertMark(now, now) for a in gathered.alerts}


# day1 is due START + 24 h and warns 8 h, 2 h before, at, and 2 h after (policy `field`).
@pytest.mark.parametrize(
    ("hours", "who", "moment"),
    [
        (15.9, "village", None),
        (16, "village", -8 * 3600),
        (21.9, "village", -8 * 3600),
        (22, "village", -2 * 3600),
        (24, "village", 0),
        (26, "village", 0),  # two hours after: told to others only
        (21.9, "dispatcher", None),
        (22, "dispatcher", -2 * 3600),
        (24, "dispatcher", 0),
        (26, "dispatcher", 7200),
        (25, "secretary", None),
        (26, "secretary", 7200),
        (26, "leader", 7200),
        (26, "village2", None),  # not this person's order
        (26, "leader2", None),
        (26, "inspector", None),
    ],
)
def test_moments_are_told_to_their_roles(hours: float, who: str, moment: int | None) -> None:
    order = handling(sample_order(START))
    gathered = look([order], who, START + hours * HOUR)
    expected = [] if moment is None else [alert_id("order-1", "day1", moment)]
    assert ids(gathered) == expected


def test_ids_are_stable_and_name_their_order() -> None:
    assert alert_id("a:b", "day1", -60) == "a:b:day1:-60"
    assert order_of("a:b:day1:-60") == "a:b"


def test_met_clocks_and_stopped_clocks_are_silent() -> None:
    order = handling(sample_order(START))
    met = replace(order, clocks=tuple(replace(c, met_at=START) for c in order.clocks))
    stopped = replace(order, pauses=(Pause(START, "挂账"),))
    archived = replace(order, stage=Stage.ARCHIVED)
    assert ids(look([met, stopped, archived], "dispatcher", START + 9 * DAY)) == []


def test_sleeping_through_several_nodes_gathers_them_once_worst_first() -> None:
    """From day 0 to day 6 with the machine off: one row per order, all its nodes in it."""
    orders = [handling(sample_order(START, 1)), handling(sample_order(START + 4 * DAY, 2))]
    now = START + 6 * DAY
    gathered = look(orders, "dispatcher", now)
    assert [o.order_id for o in gathered.orders] == ["order-1", "order-2"]
    first = gathered.orders[0]
    assert [a.watch.clock.id for a in first.alerts] == ["day1", "day3", "day5"]
    assert first.ids == (
        "order-1:day1:7200",
        "order-1:day3:7200",
        "order-1:day5:7200",
    )
    assert gathered.counts() == {Band.OVER: 2}
    assert gathered.fell_due_before(now) == 2
    # Nothing is announced twice: what was acknowledged stays away, at the same and at a later look.
    marks = acked(gathered, now)
    assert ids(look(orders, "dispatcher", now, marks)) == []
    assert ids(look(orders, "dispatcher", now + MINUTE, marks)) == []


def test_a_later_moment_is_news_again() -> None:
    order = handling(sample_order(START))
    early = START + 22 * HOUR
    marks = acked(look([order], "dispatcher", early), early)
    assert ids(look([order], "dispatcher", START + 23 * HOUR, marks)) == []
    assert ids(look([order], "dispatcher", START + 24 * HOUR, marks)) == ["order-1:day1:0"]


def test_the_clock_going_back_unsays_nothing_and_repeats_nothing() -> None:
    order = handling(sample_order(START))
    now = START + 25 * HOUR
    marks = acked(look([order], "dispatcher", now), now)
    back = now - 3 * HOUR
    shown = look([order], "dispatcher", back, marks)
    assert ids(shown) == []  # the moment before it needs no saying any more
    assert ids(look([order], "dispatcher", now, marks)) == []


def test_the_safe_due_time_is_the_one_that_counts() -> None:
    order = handling(sample_order(START))
    early = tuple(replace(c, safe_due_at=c.due_at - 30 * MINUTE) for c in order.clocks)
    gathered = look([replace(order, clocks=early)], "dispatcher", START + 23.5 * HOUR)
    assert ids(gathered) == ["order-1:day1:0"]


def test_a_resumed_clock_tells_its_moments_again() -> None:
    order = handling(sample_order(START))
    now = START + 22 * HOUR
    marks = acked(look([order], "dispatcher", now), now)
    pause = Pause(now + MINUTE, "挂账", now + 3 * DAY)
    assert pause.ended_at is not None
    clocks = resume_clocks(CENTER.policy, order.clocks, pause, pause.ended_at)
    resumed = replace(order, clocks=clocks, pauses=(pause,))
    again = pause.ended_at + MINUTE
    assert ids(look([resumed], "dispatcher", now + MINUTE, marks)) == []
    assert ids(look([resumed], "dispatcher", again, marks)) == ["order-1:day1:-7200"]


# snooze ------------------------------------------------------------------------------------------


def test_a_snooze_holds_ten_minutes_and_no_longer() -> None:
    order = handling(sample_order(START))
    now = START + 22 * HOUR
    key = ids(look([order], "dispatcher", now))[0]
    marks = {key: AlertMark(now, None, now + 10 * MINUTE, 1)}
    assert ids(look([order], "dispatcher", now + 9 * MINUTE, marks)) == []
    after = look([order], "dispatcher", now + 10 * MINUTE, marks)
    assert ids(after) == [key]
    assert after.alerts[0].snoozes_left == 1
    assert after.orders[0].may_snooze


def test_only_two_snoozes_per_order_whatever_the_node() -> None:
    order = handling(sample_order(START))
    now = START + 22 * HOUR
    marks = {"order-1:settle:-600": AlertMark(START, START, START, 2)}
    gathered = look([order], "dispatcher", now, marks)
    assert snoozes_of("order-1", marks) == 2
    assert gathered.alerts[0].snoozes_left == 0
    assert not gathered.orders[0].may_snooze


def test_overdue_cannot_be_put_off() -> None:
    order = handling(sample_order(START))
    now = START + 25 * HOUR
    key = "order-1:day1:0"
    marks = {key: AlertMark(now, None, now + 10 * MINUTE, 1)}
    gathered = look([order], "dispatcher", now, marks)
    assert ids(gathered) == [key]
    assert not gathered.orders[0].may_snooze


def test_one_overdue_node_keeps_the_whole_order_in_view() -> None:
    order = handling(sample_order(START))
    gathered = look([order], "dispatcher", START + 71 * HOUR)
    assert [a.overdue for a in gathered.alerts] == [True, False]
    assert not gathered.orders[0].may_snooze


# quiet hours -------------------------------------------------------------------------------------

NIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (datetime(2026, 11, 20, 13, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 20, 14, 0, tzinfo=UTC), datetime(2026, 11, 20, 22, 30, tzinfo=UTC)),
        (datetime(2026, 11, 20, 18, 0, tzinfo=UTC), datetime(2026, 11, 20, 22, 30, tzinfo=UTC)),
        (datetime(2026, 11, 20, 22, 30, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_cross_midnight(now: datetime, ends: datetime | None) -> None:
    assert quiet_until(AlertRule(), now) == ends


def test_equal_bounds_mean_no_quiet_hours() -> None:
    assert quiet_until(AlertRule(quiet_from="00:00", quiet_to="00:00"), NIGHT) is None


def test_quiet_hours_hold_what_can_wait_and_give_it_back_gathered() -> None:
    started = NIGHT - 16 * HOUR - MINUTE  # the 8 h warning falls at 22:59, day 1 ends at 06:59
    order = handling(sample_order(started))
    night = look([order], "village", NIGHT, center=NIGHTLY)
    assert ids(night) == []
    assert night.held == 1
    morning = look([order], "village", datetime(2026, 11, 20, 22, 30, tzinfo=UTC), center=NIGHTLY)
    assert ids(morning) == ["order-1:day1:-7200"]
    assert morning.held == 0


def test_a_limit_that_ends_in_the_night_is_told_without_sound() -> None:
    order = handling(sample_order(NIGHT - 21 * HOUR))  # day 1 ends at 02:00
    gathered = look([order], "village", NIGHT, center=NIGHTLY)
    assert ids(gathered) == ["order-1:day1:-28800"]
    assert not gathered.alerts[0].audible


def test_overdue_is_shown_at_night_and_insistent_tiers_sound() -> None:
    general = handling(sample_order(NIGHT - 25 * HOUR, 1))
    water = handling(sample_order(NIGHT - 20 * HOUR, 2, "livelihood"))
    gathered = look([general, water], "village", NIGHT, center=NIGHTLY)
    heard = {a.id: a.audible for a in gathered.alerts}
    assert heard == {"order-1:day1:0": False, "order-2:resolve:-14400": True}


# new orders --------------------------------------------------------------------------------------


def test_an_ordinary_new_order_is_a_row_behind_its_band_for_dispatchers() -> None:
    order = sample_order(START)
    gathered = look([order], "dispatcher", START)
    assert [(a.id, a.kind) for a in gathered.alerts] == [("order-1:new:0", AlertKind.NEW)]
    assert gathered.new_orders == 1
    assert gathered.counts() == {}
    assert gathered.alarms == ()
    assert ids(look([order], "secretary", START)) == []
    taken = replace(order, stage=Stage.ACCEPTED)
    assert ids(look([taken], "dispatcher", START)) == []


def test_a_new_order_sounds_at_night() -> None:
    assert look([sample_order(NIGHT)], "dispatcher", NIGHT, center=NIGHTLY).alerts[0].audible


def test_an_insistent_order_rings_until_taken_and_says_the_rest_itself() -> None:
    order = sample_order(START, 1, "livelihood")
    for minutes in (0, 1, 6, 14, 40):
        gathered = look([order], "dispatcher2", START + minutes * MINUTE)
        assert [a.id for a in gathered.alarms] == ["order-1:new:0"]
        assert gathered.alarms[0].can_take
        assert gathered.alerts == ()
    # A dispatcher cannot make it stop by acknowledging; taking it does.
    marks = {"order-1:new:0": AlertMark(START, START)}
    assert look([order], "dispatcher2", START + MINUTE, marks).alarms
    taken = replace(order, stage=Stage.ACCEPTED)
    assert not look([taken], "dispatcher2", START + MINUTE).alarms


def test_head_and_secretary_are_rung_after_three_minutes() -> None:
    order = sample_order(START, 1, "emergency")
    for who in ("secretary", "leader"):
        assert not look([order], who, START + 179 * timedelta(seconds=1)).alarms
    late = START + 3 * MINUTE
    alarms = look([order], "secretary", late).alarms
    assert len(alarms) == 1
    assert not alarms[0].can_take
    assert not look([order], "leader", late).alarms  # a leader who is not the head
    head = replace(WHO["leader"], head=True)
    found = due_alerts(watches(order, head), CENTER.policy, head, late, {})
    assert len(found.alarms) == 1
    marks = {"order-1:new:0": AlertMark(late, late)}
    assert not look([order], "secretary", late + MINUTE, marks).alarms


def test_rings_are_counted_from_the_first_showing() -> None:
    order = sample_order(START, 1, "livelihood")
    marks = {"order-1:new:0": AlertMark(START)}
    alarm = look([order], "dispatcher", START + MINUTE, marks).alarms[0]
    assert alarm.rung(START + 59 * timedelta(seconds=1), 20) == 3
    assert alarm.rung(START + MINUTE, 20) == 4


def test_the_most_pressing_alarm_comes_first() -> None:
    older = sample_order(START, 1, "livelihood")
    newer = sample_order(START + 5 * MINUTE, 2, "emergency")
    alarms = look([newer, older], "dispatcher", START + 6 * MINUTE).alarms
    assert [a.watch.order_id for a in alarms] == ["order-1", "order-2"]


def test_a_second_round_rings_anew() -> None:
    order = sample_order(START, 1, "livelihood")
    clocks = tuple(replace(c, id=f"{c.id}.r2", round=2) for c in order.clocks)
    again = replace(order, round=2, clocks=clocks)
    assert look([again], "dispatcher", START).alarms[0].id == "order-1:new.r2:0"


# conflicts ---------------------------------------------------------------------------------------


def disputed(order: Order, at: datetime) -> Order:
    conflict = Conflict(
        ActId("b"),
        ConflictKind.TWO_RESULTS,
        ActKind.DETERMINE,
        ActId("a"),
        ActId("b"),
        at,
        at + DAY,
    )
    return replace(order, conflicts=(conflict,))


def test_an_open_conflict_is_told_to_who_decides_it() -> None:
    order = disputed(handling(sample_order(START)), START + HOUR)
    opened = START + HOUR + timedelta(seconds=1)
    gathered = look([order], "leader", opened)
    assert [a.kind for a in gathered.alerts] == [AlertKind.CONFLICT]
    assert ids(look([order], "village", opened)) == []
    marks = acked(gathered, opened)
    assert ids(look([order], "leader", opened + HOUR, marks)) == []
    late = look([order], "leader", START + 25 * HOUR + MINUTE, marks)
    assert "order-1:conflict.b:0" in ids(late)


# what the history says, and words ----------------------------------------------------------------


def entry(kind: ActKind, at: datetime, alerts: list[str], n: int) -> HistoryEntry:
    person = WHO["dispatcher"]
    actor = Actor(person.id, person.role, person.name, person.title)
    payload = {"alerts": alerts}
    return HistoryEntry(ActId(f"h{n}"), kind, actor, at, at, n, Outcome.APPLIED, 1, payload=payload)


def test_marks_come_back_from_the_history_after_the_machine_was_lost() -> None:
    order = handling(sample_order(START))
    now = START + 22 * HOUR
    key = "order-1:day1:-7200"
    history = (
        entry(ActKind.SNOOZE, now, [key], 2),
        entry(ActKind.SNOOZE, now + 10 * MINUTE, [key], 3),
        entry(ActKind.ACKNOWLEDGE, now + 20 * MINUTE, [key], 4),
    )
    marks = marks_in(replace(order, history=history), "dispatcher", CENTER.policy)
    assert marks[key].snoozes == 2
    assert marks[key].acknowledged_at == now + 20 * MINUTE
    assert marks_in(replace(order, history=history), "secretary", CENTER.policy) == {}
    both = merged({key: AlertMark(shown_at=now - MINUTE, snoozes=1)}, marks)
    assert both[key].shown_at == now - MINUTE
    assert both[key].snoozes == 2
    assert ids(look([order], "dispatcher", now + HOUR, both)) == []


def reason(order: Order, who: str, now: datetime) -> str:
    return why(look([order], who, now).alerts[0], WHO[who], now)


def test_why_says_what_is_due_where_it_stands_who_holds_it_and_what_to_do() -> None:
    order = handling(sample_order(START))
    assert reason(order, "village", START + 22 * HOUR) == (
        "“见面沟通”限今天 08:15。现在办理中，在分管农业领导处。请登记见面。"
    )
    assert reason(order, "dispatcher", START + 25 * HOUR) == (
        "“见面沟通”已过今天 08:15。现在办理中，在分管农业领导处。等分管农业领导登记见面，可催办。"
    )
    assert reason(sample_order(START), "dispatcher", START) == (
        "今天 08:15派来，“落实承办”限今天 10:15。现在待签收，在派单员处。请签收。"
    )


def next_of(stage: Stage, who: Person) -> str:
    order = replace(handling(sample_order(START)), stage=stage)
    watch = watches(order, who)[0]
    return next_words(watch, who)


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.ARCHIVED, Stage.WITHDRAWN)])
@pytest.mark.parametrize("who", ["dispatcher", "secretary", "leader", "village", "inspector"])
def test_every_stage_has_a_next_step_for_everybody(stage: Stage, who: str) -> None:
    words = next_of(stage, WHO[who])
    assert words.endswith("。")
    assert len(words) <= 30


def test_words_of_an_alarm() -> None:
    order = sample_order(START, 1, "livelihood")
    alarm = look([order], "dispatcher", START).alarms[0]
    rule = CENTER.policy.alerts
    assert limit_text(alarm.watch) == "须 15 分钟内落实承办"
    assert told_next(alarm, CENTER, rule, START) == (
        "无人签收：3 分钟后同时提醒 中心负责人、乡党委书记"
    )
    assert "1 分 40 秒后" in told_next(alarm, CENTER, rule, START + 80 * timedelta(seconds=1))
    assert told_next(alarm, CENTER, rule, START + 4 * MINUTE).startswith("无人签收：已同时提醒")


def test_node_names() -> None:
    day3 = next(w for w in watches(sample_order(START), WHO["dispatcher"]) if w.clock.node == "3")
    assert node_text(day3) == "第三天 定性办结"
    assert node_text(replace(day3, clock=replace(day3.clock, node="落"))) == "定性办结"
    assert node_text(replace(day3, clock=replace(day3.clock, node="13"))) == "第十三天 定性办结"


@pytest.mark.parametrize("who", ["dispatcher", "secretary", "leader", "village", "inspector"])
@pytest.mark.parametrize("tier", ["general", "livelihood", "emergency"])
def test_silent_clocks_add_nothing_to_what_is_due(who: str, tier: str) -> None:
    new = sample_order(START, tier=tier)
    taken = replace(new, stage=Stage.ACCEPTED)
    for order in (new, taken, handling(new), replace(handling(new), clocks=new.clocks)):
        found = watches(order, WHO[who])
        for hours in range(-1, 16 * 24):
            now = START + hours * HOUR
            heard = [w for w in found if silent_until(w) <= now]
            few, all_ = (due_alerts(f, CENTER.policy, WHO[who], now, {}) for f in (heard, found))
            assert few == all_


def plain(gathered: Gathered) -> object:
    """What a look says, but for the moment it was made and the shares, which run on."""
    told = [(a.id, a.band, a.audible, a.raised_at) for a in gathered.alerts]
    return sorted(told), [(a.id, a.band) for a in gathered.alarms], gathered.held


@pytest.mark.parametrize("who", ["dispatcher", "secretary", "leader", "village"])
@pytest.mark.parametrize("tier", ["general", "emergency"])
def test_until_something_may_change_a_look_says_the_same(who: str, tier: str) -> None:
    new = sample_order(START, tier=tier)
    later = replace(sample_order(START + 7 * HOUR, 2, tier), stage=Stage.ACCEPTED)
    person, policy = WHO[who], NIGHTLY.policy
    found = [w for o in (new, later, handling(new)) for w in watches(o, person)]
    marks = {f"{later.id}:settle:-1800": AlertMark(START, None, START + 9 * HOUR, 1)}
    for minutes in range(-20, 6 * 24 * 60, 7):
        now = START + (minutes + 0.37) * MINUTE
        first = due_alerts(found, policy, person, now, marks)
        until = may_change_at(first, found, policy, marks, now)
        assert now - timedelta(seconds=1) < until <= now + MINUTE
        last = max(now, until - timedelta(microseconds=2))
        assert plain(due_alerts(found, policy, person, last, marks)) == plain(first)


def test_an_order_that_nobody_took_is_never_silent() -> None:
    assert all(silent_until(w) < START for w in watches(sample_order(START), WHO["dispatcher"]))


def test_an_order_in_hand_is_silent_until_its_first_moment() -> None:
    order = handling(sample_order(START))
    found = min(silent_until(w) for w in watches(order, WHO["dispatcher"]))
    assert found > START
    assert look([order], "dispatcher", found + DAY).orders
