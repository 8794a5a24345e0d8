"""Every pair of act kinds on one order, offline on two seats: as the table says, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.acts import Act
from desktop_app.domain.orders import Order, Outcome
from local_store.rows import Decision, DecisionKind
from tests.pairs import judged
from tests.pairs.situations import CENTER, FROM_ABOVE, KINDS
from tests.pairs.world import Played, SeatOfOne, World

TABLE = Path(__file__).with_name("pairs.txt")
GROUPS = 6


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.fault("people.act_pairs")
def test_what_becomes_of_the_second_of_two_acts_is_what_the_table_in_the_repository_says() -> None:
    """A changed rule must change ``pairs.txt`` too, where a reviewer sees it."""
    assert judged.table() == TABLE.read_text(encoding="utf-8")


@pytest.mark.fault("people.act_pairs")
@pytest.mark.parametrize("group", range(GROUPS))
def test_on_real_seats_both_are_kept_all_agree_and_the_one_who_decides_is_asked(
    world: World, group: int
) -> None:
    cases = [case for kind in KINDS[group::GROUPS] for case in judged.distinct(judged.beside(kind))]
    for played in world.play(cases):
        check(world, played)


@pytest.mark.fault("people.act_pairs")
def test_what_was_made_long_ago_and_arrives_when_the_order_has_moved_on(world: World) -> None:
    kinds = (kind for kind in KINDS if kind not in FROM_ABOVE)
    cases = [case for kind in kinds for case in judged.distinct_late(judged.late(kind))]
    for played in world.play(cases):
        check(world, played)


# --- what holds for every case --------------------------------------------------------------------


def check(world: World, played: Played) -> None:
    case, order = played.case, world.order(played)
    about = f"{case.first.name} then {case.second.name} in {case.base} {case.then}"
    assert outcome(world, played, order) == case.verdict, about
    for act in (played.first, played.second):
        if act is not None:
            assert kept(world, act, order), about
    for seat in seats_of(world, played):
        own = seat.store.base(played.order_id)
        assert own == order == seat.store.view(played.order_id), about
        waiting = {item.act.subject for item in seat.store.outbox(waiting_only=True)}
        assert played.order_id not in waiting, about
    if played.second is not None:
        check_asked(world, played, order)


def seats_of(world: World, played: Played) -> list[SeatOfOne]:
    """The two who acted; of a question also who may have to decide it."""
    people = {played.case.first_by, played.case.second_by}
    if ": " in played.case.verdict:
        people |= {"dispatcher", "secretary", "leader"}
    seats = [s for s in world.seats.values() if s.person_id in people]
    return [s for s in seats if s.store.base(played.order_id) is not None]


def outcome(world: World, played: Played, order: Order) -> str:
    """Return the verdict in the table's words, as the platform gave it."""
    act = played.second
    if act is None:
        return "not offered" if played.from_above is Outcome.REJECTED else "done"
    (seat,) = [s for s in world.seats.values() if act.id in s.results]
    result = seat.results[act.id]
    if result.outcome is Outcome.REJECTED:
        assert result.reason
        return f"rejected: {result.code}"
    if result.outcome is not Outcome.CONFLICT:
        return result.outcome.value
    (conflict,) = [c for c in order.open_conflicts if c.second == act.id]
    what = "stale" if conflict.kind.value == "stale_signature" else "conflict"
    return f"{what}: {judged.decider(order, conflict)}"


def kept(world: World, act: Act, order: Order) -> bool:
    """Whether the text of an act can be read: in the order, or with the refusals of platform and author."""
    entry = order.entry(act.id)
    if entry is not None:
        return entry.payload == act.payload and entry.actor.person_id == act.actor.person_id
    author = next(s for s in world.seats.values() if act.id in s.results)
    at_author = [item.act for item in author.store.outbox() if item.act.id == act.id]
    refused = {r.act.id: r.act for r in world.platform.rejected()}
    return refused[act.id].payload == act.payload and at_author == [act]


def check_asked(world: World, played: Played, order: Order) -> None:
    """A conflict is a task of who decides it, a refusal one of who made it; both have a due time."""
    case, act = played.case, played.second
    assert act is not None
    if case.verdict.startswith("rejected"):
        author = next(s for s in world.seats.values() if act.id in s.results)
        assert [d.act for d in tasks(author, played) if d.kind is DecisionKind.REJECTION] == [act]
    elif ": " in case.verdict:
        asked = {s.person_id: task for s in seats_of(world, played) for task in about(s, played)}
        role = case.verdict.split(": ")[1]
        may = {p for p, task in asked.items() if not task.why_not}
        here = {p.id for p in CENTER.people if p.role.value == role} & asked.keys()
        assert may == {p for p in here if p != "leader2" or role == "secretary"}
        assert all(task.due_at is not None for task in asked.values())


def tasks(seat: SeatOfOne, played: Played) -> list[Decision]:
    person = CENTER.person(seat.person_id)
    assert person is not None
    return [d for d in seat.store.decisions(person) if d.order_id == played.order_id]


def about(seat: SeatOfOne, played: Played) -> list[Decision]:
    assert played.second is not None
    return [d for d in tasks(seat, played) if d.conflict and d.conflict.second == played.second.id]
