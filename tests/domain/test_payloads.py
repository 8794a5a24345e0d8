"""What an act carries: wrong shapes are refused in words, and nothing in them brings the rules down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.plain import MAX_TEXT
from desktop_app.domain.refusals import Refusal
from tests.support.acts import PAYLOADS, make_act, step, walk
from tests.support.center import HANDLERS, sample_center, sample_order
from tests.support.clock import START

K = ActKind
C = sample_center()
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 10**400, 1.5, float("nan"), float("inf"), "", " ", "\ud800", "x" * 5000, [],
    {}, [[]], [None], {"a": {"b": {}}}, [["a", "b"]], [["a", "b", "c"]] * 300, b"x", object(),
)  # fmt: skip


@pytest.mark.parametrize("kind", sorted(p.PAYLOADS, key=str))
def test_no_odd_value_in_any_field_gets_past_reading_as_anything_but_a_refusal(
    kind: ActKind,
) -> None:
    order = sample_order(START, center=C)
    good = p.plain(PAYLOADS.get(kind, p.Empty()))
    for name in good:
        for odd in ODD:
            act = replace(
                make_act(order, C, "dispatcher", K.NOTE, START),
                kind=kind,
                payload={**good, name: odd},
            )
            with suppress(Refusal):
                p.plain(p.read(act))


@pytest.mark.parametrize(
    ("kind", "person", "until", "payload", "name"),
    [
        (K.CONCLUDE, "village", K.DETERMINE, p.Conclude("长" * (MAX_TEXT + 1)), "办理情况"),
        (K.PROPOSE, "dispatcher", K.VERIFY, p.Propose(HANDLERS, "长" * (MAX_TEXT + 1)), "拟办意见"),
        (K.NOTE, "dispatcher", K.ACCEPT, p.Text("长" * (MAX_TEXT + 1)), "内容"),
    ],
)
def test_a_text_that_is_too_long_is_named_with_what_is_allowed(
    kind: ActKind, person: str, until: ActKind, payload: object, name: str
) -> None:
    order = walk(sample_order(START, center=C), C, until)
    with pytest.raises(Refusal) as caught:
        step(order, C, person, kind, payload)
    assert name in caught.value.reason
    assert str(MAX_TEXT) in str(caught.value)
    assert "str" not in str(caught.value)


def test_half_a_character_is_refused_before_it_can_stop_the_order() -> None:
    order = walk(sample_order(START, center=C), C, K.VERIFY)
    act = make_act(order, C, "dispatcher", K.PROPOSE, START, p.Propose(HANDLERS, "坏字\ud83d"))
    with pytest.raises(Refusal) as caught:
        decide(order, act, C, START)
    assert caught.value.code == "payload"


def test_a_refused_shape_is_told_without_technical_words() -> None:
    order = sample_order(START, center=C)
    act = replace(make_act(order, C, "dispatcher", K.NOTE, START), payload={"words": 3})
    with pytest.raises(Refusal) as caught:
        p.read(act)
    assert not any(ch.isascii() and ch.isalpha() for ch in str(caught.value))


def test_two_calls_that_reached_nobody_are_two_attempts_and_the_third_that_did_counts() -> None:
    order = walk(sample_order(START, center=C), C, K.ACCEPT)
    missed, at = p.Verify("unreachable"), order.history[-1].received_at
    other = make_act(order, C, "dispatcher2", K.VERIFY, at, missed)
    reached = make_act(order, C, "dispatcher2", K.VERIFY, at, p.Verify("matches", "已核实"))
    order = step(order, C, "dispatcher", K.VERIFY, missed).order
    order = decide(order, other, C, at).order
    assert order.call_attempts == 2
    order = decide(order, reached, C, at).order
    assert not order.open_conflicts
    assert order.verification is not None
    assert order.verification.result == "matches"
