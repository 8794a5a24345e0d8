"""Every outcome has exactly one reaction; every failure has words and one thing the engine does."""

import pytest

from desktop_app.domain.orders import Outcome
from sync.client.failures import TABLE, FailureKind, Then, failure
from sync.client.reactions import REACTIONS, Shown, reaction_to
from sync.protocol.messages import ActResult


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_either_settles_or_goes_again(outcome: Outcome) -> None:
    reaction = reaction_to(ActResult(act_id="a", outcome=outcome))
    assert reaction.settles is not reaction.retries
    assert reaction.words


@pytest.mark.parametrize("outcome", sorted(REACTIONS))
def test_a_duplicate_reacts_as_the_original_did(outcome: Outcome) -> None:
    result = ActResult(act_id="a", outcome=Outcome.DUPLICATE, original=outcome)
    assert reaction_to(result) is REACTIONS[outcome]


def test_conflicts_and_refusals_stay_in_sight() -> None:
    assert REACTIONS[Outcome.CONFLICT].shown is Shown.DECISIONS
    assert REACTIONS[Outcome.REJECTED].shown is Shown.DECISIONS
    assert REACTIONS[Outcome.DEFERRED].shown is Shown.OUTBOX


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_failure_has_a_title_and_says_what_to_do(kind: FailureKind) -> None:
    words = TABLE[kind]
    assert words.title
    assert words.advice or kind is FailureKind.INTERRUPTED
    assert isinstance(words.then, Then)
    assert failure(kind).problem.title == words.title
