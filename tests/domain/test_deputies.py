"""代签: a deputy signs only within the period, by platform time, whatever the deputy's machine says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.center import Center
from desktop_app.domain.center_rules import decide_center
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import ActId, PersonId
from desktop_app.domain.orders import Order, Outcome
from desktop_app.domain.refusals import Refusal
from tests.support.acts import make_act, step, walk
from tests.support.center import sample_center, sample_order
from tests.support.clock import START

K = ActKind
HOUR = timedelta(hours=1)
ORDER = walk(sample_order(START), sample_center(), K.PROPOSE)


def grant(
    starts: datetime, ends: datetime, at: datetime = START, clock: ClockQuality = ClockQuality.GOOD
) -> Act:
    payload = p.AuthoriseDeputy(PersonId("leader2"), starts, ends, "外出开会")
    return make_act(
        ORDER, sample_center(), "secretary", K.AUTHORISE_DEPUTY, at, payload, clock=clock
    )


def center(starts: datetime, ends: datetime) -> Center:
    return decide_center(sample_center(), grant(starts, ends), START)


def signed(order: Order, by: Center, at: datetime, clock: ClockQuality = ClockQuality.GOOD) -> Act:
    return make_act(order, by, "leader2", K.SIGN, at, clock=clock)


def test_signed_within_the_period_and_arriving_after_it_counts() -> None:
    within = center(START, START + 2 * HOUR)
    act = signed(ORDER, within, START + HOUR)
    assert decide(ORDER, act, within, START + 9 * HOUR).outcome is Outcome.APPLIED


@pytest.mark.parametrize(
    ("at", "clock"),
    [
        (START + HOUR, ClockQuality.SUSPECT),
        (START - timedelta(days=40), ClockQuality.GOOD),
        (START + timedelta(days=40), ClockQuality.GOOD),
    ],
)
def test_a_clock_that_cannot_be_trusted_does_not_stretch_the_period(
    at: datetime, clock: ClockQuality
) -> None:
    for starts in (START, at):
        by = replace(
            center(START, START + HOUR),
            delegations=center(START, START + HOUR).delegations
            + tuple(replace(d, starts_at=starts, ends_at=starts + 2 * HOUR)
                    for d in center(START, START + HOUR).delegations),
        )  # fmt: skip
        with pytest.raises(Refusal) as caught:
            decide(ORDER, signed(ORDER, by, at, clock), by, START + 9 * HOUR)
        assert caught.value.code == "not_signer"


def test_nobody_signs_before_the_proposal_was_made() -> None:
    by = center(START, START + HOUR)
    late = step(ORDER, by, "dispatcher", K.WITHDRAW_PROPOSAL, after=3 * HOUR).order
    late = step(late, by, "dispatcher", K.PROPOSE).order
    with pytest.raises(Refusal) as caught:
        decide(late, signed(late, by, START + HOUR / 2), by, START + 5 * HOUR)
    assert caught.value.code == "not_signer"


def test_a_revoked_deputys_signature_cannot_be_chosen_afterwards() -> None:
    by = center(START, START + 9 * HOUR)
    act = signed(ORDER, by, START + 2 * HOUR)
    other = replace(act, id=ActId("other"), payload=p.plain(p.Sign("先办起来。")))
    order = step(ORDER, by, "secretary", K.SIGN).order
    order = decide(order, other, by, START + 3 * HOUR).order
    gone = replace(by, delegations=tuple(replace(d, revoked_at=START) for d in by.delegations))
    with pytest.raises(Refusal) as caught:
        step(order, gone, "secretary", K.RESOLVE_CONFLICT, p.Resolve(other.id, "second", "可以"))
    assert caught.value.code == "not_signer"


def test_an_authorisation_does_not_reach_back_by_a_clock_that_cannot_be_trusted() -> None:
    arrives = START + 5 * HOUR
    for act in (
        grant(START, START + 9 * HOUR, START, ClockQuality.SUSPECT),
        grant(START, START + 9 * HOUR, START + timedelta(days=300)),
    ):
        (made,) = decide_center(sample_center(), act, arrives).delegations
        assert arrives - timedelta(minutes=2) <= made.starts_at <= arrives


def test_a_period_that_is_over_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        decide_center(sample_center(), grant(START - 3 * HOUR, START - HOUR), START)
    assert caught.value.code == "period"
