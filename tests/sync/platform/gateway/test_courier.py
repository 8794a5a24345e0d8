"""The courier's rules, without any clock, database or line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.platform.gateway import courier
from sync.platform.gateway.courier import Parcel, ParcelState, Step, Terms, next_step
from sync.platform.gateway.port import Finding, Sent, Verdict
from sync.platform.gateway.results import results_of
from tests.support.clock import START
from tests.sync.platform.gateway.conftest import reported_orders

S = ParcelState
TERMS = Terms(settle=timedelta(minutes=10))
DEAF = replace(TERMS, can_find=False)
PARCEL = Parcel(results_of(reported_orders(1)[0])[0], S.PREPARED, START)
MINUTE = timedelta(minutes=1)


def test_nothing_is_sent_before_it_was_asked_about() -> None:
    assert next_step(PARCEL, START, TERMS) is Step.ASK
    asked = courier.after_asking(PARCEL, Finding(0), START)
    assert next_step(asked, START, TERMS) is Step.SEND
    assert next_step(asked, START + timedelta(hours=1), TERMS) is Step.ASK
    assert next_step(PARCEL, START, DEAF) is Step.SEND


def test_what_the_foreign_system_holds_already_is_not_sent() -> None:
    found = courier.after_asking(PARCEL, Finding(1, "F-9"), START)
    assert (found.state, found.receipt, found.attempts) == (S.ARRIVED, "F-9", 0)
    assert next_step(found, START, TERMS) is Step.REST


def test_an_intent_is_in_doubt_until_somebody_says_otherwise() -> None:
    tried = courier.intent(PARCEL, "", START)
    assert tried.state is S.UNSURE
    assert next_step(tried, START + 9 * MINUTE, TERMS) is Step.WAIT
    assert next_step(tried, START + 10 * MINUTE, TERMS) is Step.ASK
    assert next_step(tried, START, DEAF) is Step.HAND_OVER
    assert next_step(courier.hand_over(tried, START), START, DEAF) is Step.REST
    unknown = courier.after_sending(tried, Sent(Verdict.UNKNOWN, reason="断了"), START, TERMS)
    assert (unknown.state, unknown.reason) == (S.UNSURE, "断了")


def test_only_a_no_after_settling_leads_to_another_sending() -> None:
    tried = courier.intent(PARCEL, "", START)
    later = START + 10 * MINUTE
    again = courier.after_asking(tried, Finding(0), later)
    assert next_step(again, later, TERMS) is Step.SEND
    assert courier.intent(again, "", later).attempts == 2


@pytest.mark.parametrize(
    ("verdict", "state", "attempts"),
    [
        (Verdict.TAKEN, S.ARRIVED, 1),
        (Verdict.REFUSED, S.REFUSED, 1),
        (Verdict.NOT_SENT, S.PREPARED, 0),
        (Verdict.UNKNOWN, S.UNSURE, 1),
    ],
)
def test_what_an_answer_means(verdict: Verdict, state: ParcelState, attempts: int) -> None:
    tried = courier.intent(PARCEL, "7", START)
    after = courier.after_sending(tried, Sent(verdict), START, TERMS)
    assert (after.state, after.attempts) == (state, attempts)


def test_pauses_grow_and_are_bounded() -> None:
    parcel, pauses = PARCEL, []
    for _ in range(30):
        parcel = courier.put_off(parcel, "连不上", START, TERMS)
        assert parcel.next_at is not None
        pauses.append(parcel.next_at - START)
        assert next_step(parcel, START, TERMS) is Step.WAIT
    assert pauses[0] == TERMS.first_pause
    assert pauses == sorted(pauses)
    assert pauses[-1] == TERMS.longest_pause


def test_doubles_in_the_foreign_system_are_told() -> None:
    found = courier.after_asking(courier.intent(PARCEL, "", START), Finding(2, "F"), START)
    assert (found.state, found.copies) == (S.ARRIVED, 2)
    assert "重复" in found.reason


def test_a_person_decides_what_nobody_can_be_asked_about() -> None:
    doubtful = courier.hand_over(courier.intent(PARCEL, "", START), START)
    assert courier.confirmed_by_person(doubtful, START).state is S.CONFIRMED
    again = courier.resent_by_person(doubtful)
    assert (again.state, again.attempts) == (S.PREPARED, 1)
    assert next_step(again, START, DEAF) is Step.SEND
    assert next_step(again, START, TERMS) is Step.ASK


def test_a_clock_set_back_holds_nothing_up() -> None:
    tried = courier.intent(PARCEL, "", START + timedelta(days=365))
    mended = courier.clock_set_back(tried, START)
    assert mended is not None
    assert next_step(mended, START + 10 * MINUTE, TERMS) is Step.ASK
    assert next_step(mended, START + 9 * MINUTE, TERMS) is Step.WAIT
    assert courier.clock_set_back(mended, START) is None
    put_off = courier.put_off(PARCEL, "", START + timedelta(days=30), TERMS)
    assert courier.clock_set_back(put_off, START) is not None
