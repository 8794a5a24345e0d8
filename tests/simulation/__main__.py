"""``python -m tests.simulation --seeds 10000 --first-seed 1 --workers 2``: run seeds and add up.

``--seed K --trace`` replays one and shows every line. Exits with 1 when any seed failed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from tests.simulation.run import Outcome, run_bounded, run_seed

EVERY = 10.0
"""Seconds between two lines of progress."""
SHOWN = 25
"""Failures told in full; of the others only the seed."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, help="run this one only")
    parser.add_argument("--trace", action="store_true", help="show every line of it")
    wanted = parser.parse_args(arguments)
    if wanted.seeds < 1 or wanted.workers < 1:
        parser.error("--seeds and --workers begin at 1: nothing run is nothing held")
    if wanted.seed is not None:
        outcome = run_seed(wanted.seed, echo=print if wanted.trace else None)
        print(outcome.report if outcome.broken else f"seed {wanted.seed}: all held")
        print(f"trace {outcome.digest}")
        _print_counts(outcome.counts)
        return 1 if outcome.broken else 0
    seeds = range(wanted.first_seed, wanted.first_seed + wanted.seeds)
    return _run_many(seeds, wanted.workers)


def _run_many(seeds: range, workers: int) -> int:
    began = told = time.monotonic()
    counts: Counter[str] = Counter()
    failed: list[int] = []
    done, cpu = 0, 0.0
    for outcome in _outcomes(seeds, workers):
        done, cpu = done + 1, cpu + outcome.seconds
        counts += outcome.counts
        if outcome.broken is not None:
            failed.append(outcome.seed)
            print(
                outcome.report if len(failed) <= SHOWN else f"seed {outcome.seed}: {outcome.broken}"
            )
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            _print_progress(done, len(seeds), len(failed), told - began)
    _print_counts(counts)
    took = time.monotonic() - began
    print(
        f"{done} seeds from {seeds.start}: {len(failed)} failed; {took:.0f} s,"
        f" {done / took:.2f} seeds/s, {cpu / max(1, done):.2f} s of CPU each"
    )
    if failed:
        print("failed: " + " ".join(map(str, sorted(failed))))
    return 1 if failed else 0


def _outcomes(seeds: range, workers: int) -> Iterator[Outcome]:
    context: Any = multiprocessing.get_context("spawn")
    pool = context.Pool(workers, maxtasksperchild=200) if workers > 1 else nullcontext()
    with pool as running:
        run = map if running is None else running.imap_unordered
        yield from run(run_bounded, seeds)


def _print_progress(done: int, of: int, failed: int, seconds: float) -> None:
    left = (of - done) / (done / seconds)
    print(f"{done}/{of} seeds, {failed} failed, {left:.0f} s left", flush=True)


def _print_counts(counts: Counter[str]) -> None:
    for name in sorted(counts):
        print(f"  {name:<42} {counts[name]:>9}")


if __name__ == "__main__":
    sys.exit(main())
