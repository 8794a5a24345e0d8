"""What goes along in one request: so many acts, so many bytes, each order's acts together and all of them."""

from __future__ import annotations

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from sync.client.batches import ACT_BYTES, batch_of
from sync.protocol.codec import encode
from tests.support.acts import make_act
from tests.support.center import sample_center, sample_order
from tests.support.clock import START


def note(order: int, text: str = "看过") -> Act:
    made = sample_order(START, order)
    return make_act(made, sample_center(), "dispatcher", ActKind.NOTE, START, p.Text(text))


def test_the_acts_of_an_order_lie_together_in_their_sequence() -> None:
    a1, b1, a2, c1, b2 = note(1), note(2), note(1), note(3), note(2)
    acts, full = batch_of([a1, b1, a2, c1, b2], 5)
    assert acts == (a1, a2, b1, b2, c1)
    assert not full


def test_an_order_that_does_not_fit_stays_here_whole() -> None:
    a1, b1, a2, c1, b2 = note(1), note(2), note(1), note(3), note(2)
    for most in (2, 3):
        assert batch_of([a1, b1, a2, c1, b2], most) == ((a1, a2), True)
    assert batch_of([a1, b1, a2, c1, b2], 4) == ((a1, a2, b1, b2), True)


def test_an_order_with_more_acts_than_a_batch_goes_piece_by_piece() -> None:
    a1, b1, a2, a3 = note(1), note(2), note(1), note(1)
    assert batch_of([a1, b1, a2, a3], 2) == ((a1, a2), True)
    assert batch_of([a1, b1, a2, a3], 1) == ((a1,), True)


def test_long_acts_fill_a_batch_by_their_bytes() -> None:
    waiting = [note(n + 1, "长" * 1000) for n in range(6)]
    size = len(encode(waiting[0]))
    acts, full = batch_of(waiting, 3 * size // ACT_BYTES + 1)
    assert [a.id for a in acts] == [a.id for a in waiting[:3]]
    assert full


def test_an_act_goes_alone_whatever_its_size() -> None:
    waiting = [note(1, "长" * 3000), note(2)]
    assert batch_of(waiting, 1) == ((waiting[0],), True)
    assert batch_of(waiting[:1], 1) == ((waiting[0],), False)
    pair = [waiting[0], note(1)]
    assert batch_of(pair, 2) == ((pair[0],), True)


def test_with_nothing_to_send_there_is_nothing_left() -> None:
    assert batch_of([], 5) == ((), False)
