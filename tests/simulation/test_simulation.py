"""Seeded runs of the whole township. ``JIBAN_SEEDS=1000`` runs more; ``make simulate`` any number.

A failure prints the invariant, the last lines of the run and how to replay it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.run import run_seed
from tests.simulation.seeds import FOUND

SEEDS = int(os.environ.get("JIBAN_SEEDS", "72"))
CHUNK = 8
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(1, SEEDS + 1, CHUNK), ids=lambda n: f"seed{n}")
def test_whatever_happens_all_hold_the_same_in_the_end_and_nothing_is_lost(first: int) -> None:
    for seed in range(first, min(first + CHUNK, SEEDS + 1)):
        outcome = run_seed(seed)
        assert outcome.broken is None, outcome.report


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", FOUND, ids=lambda n: f"seed{n}")
def test_what_was_found_once_stays_mended(seed: int) -> None:
    outcome = run_seed(seed)
    assert outcome.broken is None, f"{FOUND[seed]}\n{outcome.report}"


def elsewhere(seed: int, hash_seed: str) -> str:
    """Return the digest of the trace of ``seed`` run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", str(seed)],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return next(line for line in done.stdout.splitlines() if line.startswith("trace ")).split()[1]


@pytest.mark.slow
def test_one_seed_is_one_run() -> None:
    """Also after other runs in the same process, and whatever the order of sets and dicts."""
    first = run_seed(7)
    run_seed(8)
    assert run_seed(7).digest == first.digest
    assert elsewhere(7, "1") == elsewhere(7, "4242") == first.digest
