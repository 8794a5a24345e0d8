"""Orders that only the sender changed do not go back; a digest says which state they came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act
from desktop_app.domain.acts import ActKind as K
from desktop_app.domain.apply import fold
from desktop_app.domain.orders import Order, Outcome
from sync.protocol.codec import encode
from sync.protocol.folding import as_received, state_digest, whole, wire_time
from sync.protocol.messages import ActResult, SyncAnswer, SyncRequest
from tests.support.clock import ManualClock
from tests.sync.platform.conftest import CENTER, act_on, order_of
from tests.sync.platform.seats import Seat

Seats = Callable[..., Seat]


def folding(seat: Seat, *acts: Act, limit: int = 500) -> SyncAnswer:
    """Push and pull as a seat that folds its own acts."""
    request = SyncRequest(
        device_id=seat.device, cursor=seat.cursor, acts=acts, limit=limit, folds=True
    )
    return seat.take(seat.post("/v1/sync", request))


def digests(answer: SyncAnswer) -> list[str]:
    return [result.state for result in answer.results]


def view(order: Order, *acts: Act) -> bytes:
    """Return the bytes of the order as its seat folds it."""
    return encode(fold(order, acts, CENTER))


def test_a_digest_stands_for_the_order_and_the_page_goes_on_behind_it(
    seat: Seats, clock: ManualClock
) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    accept = act_on(zhou, order, K.ACCEPT)
    note = act_on(zhou, order, K.NOTE, p.Text("已看过"))
    clock.advance(timedelta(seconds=30))
    answer = folding(zhou, accept, note)
    assert answer.orders == ()
    assert digests(answer) == ["", state_digest(view(order, accept, note))]
    assert answer.received_at is not None
    held = encode(order_of(zhou.served.platform))
    assert as_received(view(order, accept, note), 2, wire_time(answer.received_at)) == held
    assert zhou.sync().orders == ()  # nothing is brought again
    other = seat("secretary")
    assert encode(other.orders[order.id]) == held  # others are


def test_what_somebody_else_changed_comes_whole(seat: Seats) -> None:
    zhou, sun = seat("dispatcher"), seat("dispatcher", "second")
    platform = zhou.served.platform
    one, two = order_of(platform, 1), order_of(platform, 2)
    sun.sync(act_on(sun, one, K.NOTE, p.Text("别处记的")))
    answer = folding(zhou, act_on(zhou, one, K.ACCEPT), act_on(zhou, two, K.ACCEPT))
    assert [bool(digest) for digest in digests(answer)] == [False, True]
    assert [order.id for order in answer.orders] == [one.id]
    assert zhou.sync().orders == ()


def test_an_order_with_a_refused_act_comes_whole(seat: Seats) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    accept = act_on(zhou, order, K.ACCEPT)
    again = replace(act_on(zhou, order, K.ARCHIVE), base_rev=order.rev)
    answer = folding(zhou, accept, again)
    assert digests(answer) == ["", ""]
    assert [o.id for o in answer.orders] == [order.id]


def test_a_repeat_brings_the_order_whole(seat: Seats) -> None:
    """The first answer was lost: nobody knows what the seat has."""
    zhou = seat("dispatcher")
    before = zhou.cursor
    order = order_of(zhou.served.platform)
    act = act_on(zhou, order, K.ACCEPT)
    folding(zhou, act)
    zhou.cursor = before
    answer = folding(zhou, act)
    assert digests(answer) == [""]
    assert [o.id for o in answer.orders] == [order.id]


def test_who_has_no_place_in_the_feed_is_sent_everything(seat: Seats) -> None:
    zhou = seat("dispatcher")
    act = act_on(zhou, order_of(zhou.served.platform), K.ACCEPT)
    zhou.cursor = ""
    assert len(folding(zhou, act).orders) == 3


def test_without_pulling_the_place_in_the_feed_stays(seat: Seats) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    answer = folding(zhou, act_on(zhou, order, K.ACCEPT), limit=0)
    assert all(digests(answer))
    assert [o.id for o in zhou.sync().orders] == [order.id]


def test_who_does_not_fold_gets_no_digests(seat: Seats) -> None:
    zhou = seat("dispatcher")
    answer = zhou.sync(act_on(zhou, order_of(zhou.served.platform), K.ACCEPT))
    assert digests(answer) == [""]
    assert answer.received_at is None
    assert len(answer.orders) == 1


def briefly(seat: Seat, *acts: Act) -> SyncAnswer:
    """Push as a seat that needs no more than one result for an order it has folded."""
    request = SyncRequest(
        device_id=seat.device, cursor=seat.cursor, acts=acts, folds=True, brief=True
    )
    return seat.take(seat.post("/v1/sync", request))


def test_one_result_stands_for_all_acts_of_an_order(seat: Seats) -> None:
    zhou = seat("dispatcher")
    platform = zhou.served.platform
    one, two = order_of(platform, 1), order_of(platform, 2)
    first, other, last = (
        act_on(zhou, one, K.ACCEPT),
        act_on(zhou, two, K.ACCEPT),
        act_on(zhou, one, K.NOTE, p.Text("已看过")),
    )
    answer = briefly(zhou, first, other, last)
    assert [(r.act_id, r.rev) for r in answer.results] == [(other.id, 2), (last.id, 3)]
    told = {r.act_id: r for r in whole((first, other, last), answer.results)}
    assert [(told[a.id].outcome, told[a.id].rev) for a in (first, other, last)] == [
        ("applied", 2), ("applied", 2), ("applied", 3),
    ]  # fmt: skip


def test_where_an_act_was_not_simply_applied_each_has_its_result(seat: Seats) -> None:
    zhou = seat("dispatcher")
    one, two = (order_of(zhou.served.platform, n) for n in (1, 2))
    accept, refused = act_on(zhou, one, K.ACCEPT), act_on(zhou, one, K.ARCHIVE)
    notes = [act_on(zhou, two, K.NOTE, p.Text(text)) for text in ("先看", "再看")]
    answer = briefly(zhou, accept, *notes, refused)
    assert [(r.act_id, r.outcome) for r in answer.results] == [
        (accept.id, "applied"), (notes[1].id, "applied"), (refused.id, "rejected"),
    ]  # fmt: skip
    again = briefly(zhou, accept, *notes, refused)
    assert [r.act_id for r in again.results] == [accept.id, *(n.id for n in notes), refused.id]
    assert {r.outcome.value for r in again.results} == {"duplicate"}


def test_results_that_are_missing_are_not_made_up(seat: Seats) -> None:
    zhou = seat("dispatcher")
    order = order_of(zhou.served.platform)
    acts = [act_on(zhou, order, K.NOTE, p.Text(text)) for text in "一二三"]
    proved = ActResult(act_id=acts[1].id, outcome=Outcome.APPLIED, rev=3, state="x")
    assert [r.act_id for r in whole(acts, [proved])] == [acts[0].id, acts[1].id]
    unproved = ActResult(act_id=proved.act_id, outcome=proved.outcome, rev=proved.rev)
    assert whole(acts, [unproved]) == (unproved,)
    early = ActResult(act_id=acts[2].id, outcome=Outcome.APPLIED, rev=2, state="x")
    assert [r.rev for r in whole(acts, [early])] == [1, 2]
