"""``python -m tests.faults``: run the tests of the fault catalogue and say entry by entry what holds."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import pytest

from tests.faults.catalogue import BY_ID, CATALOGUE, CONTROL_BY_ID, CONTROLS, MARKS
from tests.faults.outcomes import Outcomes
from tests.faults.report import PAGE, lines_of, page
from tests.faults.scale import VARIABLE

ROOT = Path(__file__).parents[2]
QUIET = ("-q", "--no-header", "--tb=short", "-p", "tests.faults.plugin", "-p", "no:cacheprovider")


def marked_files() -> list[str]:
    """Return the test files in which a mark of the catalogue stands: the others need no import."""
    words = tuple(f"mark.{name}(" for name in MARKS)
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(p) for p in tests if any(word in p.read_text("utf-8") for word in words)]


def arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("only", nargs="*", help="ids or beginnings of ids; none: all")
    parser.add_argument("--quick", action="store_true", help="the reduced form of a test run")
    parser.add_argument("--collect", action="store_true", help="only look whether all have tests")
    parser.add_argument("--page", action="store_true", help="write docs/faults.md and nothing else")
    parser.add_argument("-n", dest="workers", default="2", help="processes (2)")
    return parser.parse_args(words)


def not_in_the_catalogue(only: list[str]) -> list[str]:
    """Return what is asked for and the beginning of no id."""
    known = [*BY_ID, *CONTROL_BY_ID]
    return [word for word in only if not any(each.startswith(word) for each in known)]


def run_tests(asked: argparse.Namespace, outcomes: Outcomes) -> int:
    """Run or collect the tests; return pytest's exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ[VARIABLE] = "quick" if asked.quick else "full"
    how = ["--collect-only", "-qq"] if asked.collect else ["-n", asked.workers, "--timeout=900"]
    proving = f"--proving={','.join(asked.only)}"
    return int(pytest.main([*QUIET, *how, proving, *marked_files()], plugins=[outcomes]))


def report(asked: argparse.Namespace, outcomes: Outcomes) -> bool:
    """Print the table and the counts; return whether everything asked for holds."""
    wanted = tuple(asked.only) or ("",)
    entries = [entry for entry in CATALOGUE if entry.id.startswith(wanted)]
    controls = [control for control in CONTROLS if control.id.startswith(wanted)]
    for line in lines_of(outcomes, entries, controls):
        print(line)
    unknown = sorted(outcomes.proved() - BY_ID.keys() - CONTROL_BY_ID.keys())
    for entry_id in unknown:
        print(f"NOT HELD  {entry_id}: tests are marked with it, the catalogue does not know it")
    held = sum(outcomes.verdict(entry.id).held for entry in entries)
    seen = sum(outcomes.verdict(control.id).held for control in controls)
    ran = sum(test.outcome != "skipped" for test in outcomes.ran.values())
    print(
        f"\n{held} of {len(entries)} entries held, {len(entries) - held} not; "
        f"{seen} of {len(controls)} negative controls seen; {ran} tests"
    )
    return held == len(entries) and seen == len(controls) and not unknown


def missing(outcomes: Outcomes) -> list[str]:
    """Return what the catalogue and the marks disagree about."""
    known = BY_ID.keys() | CONTROL_BY_ID.keys()
    lacking = [f"{entry_id}: no test" for entry_id in known - outcomes.proved()]
    return sorted(lacking + [f"{entry_id}: unknown" for entry_id in outcomes.proved() - known])


def main(words: list[str] | None = None) -> int:
    """Return 0 when everything asked for holds, 1 when not, 2 when the tests could not run."""
    asked = arguments(words)
    if asked.page:
        PAGE.write_text(page(), "utf-8")
        return 0
    for word in not_in_the_catalogue(asked.only):
        print(f"No entry begins with {word!r}; {PAGE.name} lists them all.")
    if not_in_the_catalogue(asked.only):
        return 2
    began = time.monotonic()
    outcomes = Outcomes()
    status = run_tests(asked, outcomes)
    if asked.collect:
        print(*missing(outcomes), sep="\n")
        return 2 if status not in (0, 5) else int(bool(missing(outcomes)))
    holds = report(asked, outcomes)
    print(f"{time.monotonic() - began:.0f} s")
    if status not in (0, 1, 5):
        print("The tests could not be run to their end.")
        return 2
    return 0 if holds and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
