"""Negative controls: with one real safeguard switched off, the simulator must find fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select

from local_store import frames
from local_store.engine import settle
from local_store.journal import Journal
from sync.client import answers
from sync.platform import act_store, tables
from tests.simulation.plan import LOCAL, Plan
from tests.simulation.run import Outcome, run_seed
from tests.simulation.weather import USUAL, Mishap

M = Mishap
MOST = 25
"""Seeds that are tried; a control that none of them notices has failed."""


def noticed_by(*invariants: str, **options: Any) -> Outcome:
    """Return the first run in which one of ``invariants`` does not hold."""
    for seed in range(1, MOST + 1):
        outcome = run_seed(seed, **options)
        if outcome.broken is not None and outcome.broken.split()[0] in invariants:
            return outcome
    raise AssertionError(f"{MOST} seeds have noticed nothing")


def lines(plan: Plan, bad: float, weights: dict[Mishap, float], *, address: str = "") -> Plan:
    places = tuple(
        replace(p, bad=bad, address=address or p.address, offline_days=frozenset(), stick=False)
        for p in plan.places
    )
    return replace(
        plan, places=places, mishaps=weights, restore=None, harms=0.0, put_back=0.0, copied=None
    )


@pytest.mark.slow
@pytest.mark.control("normal_sync")
def test_acts_that_are_not_synced_one_by_one_are_missed() -> None:
    def normal(connection: Any, cache_kib: int) -> None:
        settle(connection, cache_kib)
        connection.execute("PRAGMA synchronous = NORMAL")

    noticed_by("I1", settle=normal, change=lambda plan: replace(plan, crashes=4.0))


@pytest.mark.slow
@pytest.mark.control("digest_off")
def test_a_bent_answer_that_passes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def believe(_header: str | None, _body: bytes) -> bool:
        return True

    monkeypatch.setattr(answers, "digest_holds", believe)
    weights = {M.BENT_ANSWER: 3.0, M.SHORT_ANSWER: 1.0}
    noticed_by("3", change=lambda plan: lines(plan, 0.5, weights, address=LOCAL))


@pytest.mark.slow
@pytest.mark.control("ttl_dedup")
def test_an_act_that_comes_again_after_it_was_forgotten_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real: Callable[..., Any] = act_store.known_acts
    t = tables.acts

    def forgetful(db: Connection, township: str, ids: Iterable[str]) -> Any:
        """What the platform would know if it kept acts for ten seconds."""
        newest = db.execute(select(func.max(t.c.received_at))).scalar()
        if newest is not None:
            limit = datetime.fromisoformat(newest) - timedelta(seconds=10)
            db.execute(delete(t).where(t.c.received_at < limit.isoformat()))
        return real(db, township, ids)

    monkeypatch.setattr(act_store, "known_acts", forgetful)
    weights = {M.LATE: 3.0, M.TWICE: 3.0, M.NO_ANSWER: 1.0}

    def change(plan: Plan) -> Plan:
        habits = replace(plan.habits, deputies=0.6)
        return replace(lines(plan, 0.5, weights), habits=habits, crashes=0.0)

    noticed_by("I2", change=change)


def damaged(plan: Plan) -> Plan:
    """Stores are damaged all the time, the lines are bad, and no platform loses anything."""
    return replace(lines(plan, 0.5, USUAL), harms=1.5)


@pytest.mark.slow
@pytest.mark.control("no_journal")
def test_an_act_that_no_journal_holds_is_missed_when_the_store_is_damaged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Journal, "act", lambda *_: None)
    noticed_by("I1", change=damaged)


@pytest.mark.slow
@pytest.mark.control("journal_not_synced")
def test_a_journal_that_does_not_wait_for_the_disk_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Power and store go together: acts are gone, or the key by which the platform knows the seat."""
    monkeypatch.setattr(frames, "sync_file", lambda _handle: None)
    noticed_by("I1", "I8", change=lambda plan: replace(damaged(plan), crashes=4.0))
