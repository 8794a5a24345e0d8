"""Lists: order of urgency, views by role, filters, counts equal to what the lists hold."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.domain.center import Person, UnitKind
from desktop_app.domain.deadlines import BAND_URGENCY, band_of, current_clock, share_left
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import CLOSED_STAGES, Order, OrderLink, Stage
from local_store.rows import ListQuery, SavedView, SortKey
from local_store.store import Store
from tests.support.acts import PATH, walk
from tests.support.answering import Answering, pull, record
from tests.support.center import sample_center, sample_order
from tests.support.clock import START

K = ActKind
NOW = START + timedelta(days=2)
CENTER = sample_center()
DISPATCHER, SECRETARY, VILLAGE = (
    person for person in CENTER.people if person.id in ("dispatcher", "secretary", "village")
)


@pytest.fixture
def platform() -> Answering:
    """Forty orders of all tiers at every place of the path, dispatched over three days."""
    rng = random.Random(7)
    platform = Answering()
    kinds = [None, *(kind for kind, _ in PATH)]
    for n in range(1, 41):
        at = START + timedelta(minutes=rng.randrange(0, 3 * 24 * 60))
        order = sample_order(at, n, rng.choice(["general", "livelihood", "complex"]), CENTER)
        kind = kinds[n % len(kinds)]
        order = walk(order, CENTER, kind) if kind else order
        if n % 9 == 0:
            link = OrderLink(OrderId("order-1"), "20261120-0001", "person", again=n % 2 == 0)
            order = replace(order, links=(link,))
        platform.dispatch(order)
    return platform


def _urgency(order: Order, now: datetime) -> tuple[object, ...]:
    clock = current_clock(order)
    if order.stage in CLOSED_STAGES:
        return (9, -order.dispatched_at.timestamp())
    if order.paused:
        return (8, 0.0)
    if clock is None:
        return (7, 0.0)
    return (BAND_URGENCY[band_of(clock, now, CENTER.policy.bands)], share_left(clock, now))


def _shown(store: Store, query: ListQuery, person: Person = DISPATCHER) -> list[Order]:
    rows = store.rows(store.order_ids(query, NOW, person), person.id)
    orders = [store.view(row.order_id) for row in rows]
    return [order for order in orders if order is not None]


def test_urgency_is_band_then_share_then_stopped_then_closed(
    store: Store, platform: Answering
) -> None:
    platform.do("order-5", "platform", K.STOP_CLOCK, NOW)
    pull(store, platform, NOW)
    shown = _shown(store, ListQuery(view=SavedView.ALL))
    assert len(shown) == 40
    keys = [_urgency(order, NOW) for order in shown]
    assert keys == sorted(keys, key=lambda k: (k[0], k[1]))
    assert shown != _shown(store, ListQuery(view=SavedView.ALL, descending=True))


@pytest.mark.parametrize(
    ("view", "belongs"),
    [
        (SavedView.TO_ACCEPT, lambda o: o.stage is Stage.DISPATCHED),
        (SavedView.TO_VERIFY, lambda o: o.stage is Stage.ACCEPTED),
        (SavedView.TO_PROPOSE, lambda o: o.stage is Stage.VERIFIED),
        (SavedView.TO_SIGN, lambda o: o.stage is Stage.PROPOSED),
        (SavedView.TO_REVIEW, lambda o: o.stage is Stage.CONCLUDED),
        (SavedView.TO_REPORT, lambda o: o.stage is Stage.REVIEWED),
        (SavedView.OPEN, lambda o: o.stage not in CLOSED_STAGES),
        (SavedView.SHIFT, lambda o: o.stage not in CLOSED_STAGES),
        (SavedView.REPEAT, lambda o: o.times > 1 and o.stage not in CLOSED_STAGES),
        (SavedView.SIGNED, lambda o: o.signature and o.stage not in CLOSED_STAGES),
        (SavedView.NEAR, lambda o: _urgency(o, NOW)[0] == 1),
        (SavedView.OVERDUE, lambda o: _urgency(o, NOW)[0] == 0),
        (SavedView.ALL, lambda _: True),
    ],
)
def test_a_view_holds_what_belongs_to_it(store: Store, platform: Answering, view, belongs) -> None:  # type: ignore[no-untyped-def]
    expected = {o.id for o in platform.orders.values() if belongs(o)}
    assert {o.id for o in _shown(store, ListQuery(view=view))} == expected
    assert store.counts([view], NOW, DISPATCHER)[view] == len(expected)


@pytest.mark.parametrize("person", [DISPATCHER, SECRETARY, VILLAGE], ids=lambda p: p.id)
def test_counts_are_the_lengths_of_the_lists(store: Store, person: Person) -> None:
    counts = store.counts(list(SavedView), NOW, person)
    lists = {v: len(store.order_ids(ListQuery(view=v), NOW, person)) for v in SavedView}
    assert counts == lists


def test_a_handler_sees_what_is_assigned_and_what_waits_for_him(
    store: Store, platform: Answering
) -> None:
    mine = {
        o.id
        for o in platform.orders.values()
        if o.assignment_of("village") and o.stage not in CLOSED_STAGES
    }
    assert {o.id for o in _shown(store, ListQuery(view=SavedView.SHIFT), VILLAGE)} == mine
    assert {o.id for o in _shown(store, ListQuery(view=SavedView.MINE), VILLAGE)} == mine
    waiting = _shown(store, ListQuery(view=SavedView.TO_ACCEPT), VILLAGE)
    assert waiting
    assert all(o.stage is Stage.SIGNED for o in waiting)
    rows = store.rows(store.order_ids(ListQuery(view=SavedView.ALL), NOW, VILLAGE), VILLAGE.id)
    assert {r.order_id for r in rows if r.mine} >= mine


@pytest.mark.parametrize("sort", [k for k in SortKey if k is not SortKey.URGENCY])
@pytest.mark.parametrize("view", [SavedView.ALL, SavedView.OPEN])
def test_every_sort_is_whole_and_reverses(store: Store, sort: SortKey, view: SavedView) -> None:
    ids = store.order_ids(ListQuery(view=view, sort=sort), NOW, DISPATCHER)
    urgent = store.order_ids(ListQuery(view=view), NOW, DISPATCHER)
    assert sorted(ids) == sorted(urgent)
    down = store.order_ids(ListQuery(view=view, sort=sort, descending=True), NOW, DISPATCHER)
    assert down == ids[::-1]


def test_plain_sorts_follow_their_column(store: Store) -> None:
    def column(sort: SortKey, attribute: str) -> list[object]:
        query = ListQuery(view=SavedView.ALL, sort=sort)
        rows = store.rows(store.order_ids(query, NOW, DISPATCHER))
        return [getattr(row, attribute) for row in rows]

    for sort, attribute in ((SortKey.NUMBER, "number"), (SortKey.DISPATCHED, "dispatched_at")):
        values = column(sort, attribute)
        assert values == sorted(values)  # type: ignore[type-var]
    stages = [list(Stage).index(s) for s in column(SortKey.STAGE, "stage")]  # type: ignore[arg-type]
    assert stages == sorted(stages)


def test_filters_narrow_and_combine(store: Store, platform: Answering) -> None:
    query = ListQuery(
        view=SavedView.ALL, tiers=("livelihood", "complex"), stages=(Stage.HANDLING,),
        villages=("wjw",), person=PersonId("village"),
        dispatched_from=START + timedelta(hours=6), dispatched_until=START + timedelta(days=3),
    )  # fmt: skip
    expected = {
        o.id
        for o in platform.orders.values()
        if o.tier in ("livelihood", "complex")
        and o.stage is Stage.HANDLING
        and START + timedelta(hours=6) <= o.dispatched_at < START + timedelta(days=3)
    }
    assert expected
    assert {o.id for o in _shown(store, query)} == expected
    assert _shown(store, replace(query, villages=("dg",))) == []


def test_rows_say_what_the_order_says(store: Store, platform: Answering) -> None:
    for order in platform.orders.values():
        row = store.row(order.id)
        assert row is not None
        clock = current_clock(order)
        assert (row.clock and (row.clock.id, row.clock.due_at)) == (
            clock and (clock.id, clock.due_at)
        )
        assert (row.number, row.stage, row.repeat) == (
            order.number, order.stage, order.times,
        )  # fmt: skip
        nodes = [(c.node, c.met_at, c.late) for c in order.clocks if c.node]
        assert [(n.node, n.met_at, n.late) for n in row.nodes] == nodes


def test_rowids_that_are_gone_are_left_out_and_the_order_is_kept(store: Store) -> None:
    assert [r.rowid for r in store.rows([7, 999, 3, 5])] == [7, 3, 5]
    assert store.rows([]) == []


def test_running_clocks_are_those_of_the_domain(store: Store, platform: Answering) -> None:
    expected = {
        (o.id, c.id)
        for o in platform.orders.values()
        if o.stage not in CLOSED_STAGES
        for c in o.clocks
        if c.met_at is None
    }
    every = store.open_clocks()
    assert {(d.order_id, d.clock.id) for d in every} == expected
    assert [d.clock.safe_due_at for d in every] == sorted(d.clock.safe_due_at for d in every)
    until = NOW + timedelta(hours=1)
    some = store.open_clocks(until)
    assert some == [d for d in every if d.clock.safe_due_at <= until]
    order_id = next(d.order_id for d in every if d.stage is Stage.DISPATCHED)
    record(store, "dispatcher", order_id, K.ACCEPT, NOW + timedelta(hours=1))
    stages = {d.stage for d in store.open_clocks() if d.order_id == order_id}
    assert stages == {Stage.ACCEPTED}


def test_load_counts_open_orders_by_person(store: Store, platform: Answering) -> None:
    held = [
        o
        for o in platform.orders.values()
        if o.assignment_of("village") and o.stage not in CLOSED_STAGES
    ]
    assert store.load().of(PersonId("village")) == len(held)
    assert store.load().of(PersonId("nobody")) == 0


def test_new_bands_and_villages_reach_the_lists(store: Store, platform: Answering) -> None:
    near = store.counts([SavedView.NEAR], NOW, DISPATCHER)[SavedView.NEAR]
    policy = replace(platform.center.policy, bands=replace(platform.center.policy.bands, near=0.9))
    platform.center = replace(platform.center, rev=2, policy=policy)
    platform.feed.append("center")
    pull(store, platform, NOW)
    assert store.counts([SavedView.NEAR], NOW, DISPATCHER)[SavedView.NEAR] > near
    assert all(f.ok for f in store.doctor())


def test_whatever_changes_of_the_center_the_columns_say_what_the_orders_say(
    store: Store, platform: Answering
) -> None:
    """Tiers in another order, one that is gone, villages that are new, renamed, or gone."""
    center = platform.center
    policy = replace(center.policy, tiers=center.policy.tiers[:0:-1])
    one, two, *others = (u for u in center.units if u.kind is UnitKind.VILLAGE)
    changed = (replace(two, name="新名村", pinyin="xin ming"), *others)
    for units in (changed, (*changed, one), ()):
        center = replace(center, rev=center.rev + 1, policy=policy, units=units)
        platform.center = center
        platform.feed.append("center")
        pull(store, platform, NOW)
        assert [f.text for f in store.doctor() if not f.ok] == []


def test_who_is_no_longer_assigned_still_finds_the_order_among_all_but_not_a_strangers(
    store: Store, platform: Answering
) -> None:
    """What else is in the file came there while this person signed for the secretary."""
    pull(store, platform, NOW)
    order = next(o for o in _shown(store, ListQuery(view=SavedView.OPEN)) if o.assignments)
    left = replace(order, assignments=(), rev=order.rev + 1)
    platform.dispatch(left)
    pull(store, platform, NOW)
    for view in (SavedView.ALL, SavedView.OPEN):
        own = {o.id for o in _shown(store, ListQuery(view=view), VILLAGE)}
        assert order.id in own
        everything = _shown(store, ListQuery(view=view))
        assert own == {o.id for o in everything if VILLAGE.id in o.past_handlers}
        assert len(own) < len(everything)
        assert store.counts([view], NOW, VILLAGE)[view] == len(own)
    assert order.id not in {o.id for o in _shown(store, ListQuery(view=SavedView.MINE), VILLAGE)}
