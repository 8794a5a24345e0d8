"""The catalogue itself: complete, known to the tests, and told as it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.faults.__main__ import ROOT, main
from tests.faults.catalogue import BY_ID, CATALOGUE, CONTROL_BY_ID, CONTROLS
from tests.faults.outcomes import Outcomes, Verdict
from tests.faults.report import PAGE, lines_of, page

Report = Callable[..., pytest.TestReport]


def reported(
    nodeid: str, outcome: str, *entries: str, when: str = "call", seconds: float = 0.5
) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid, ("", 0, ""), {}, outcome, None, when, duration=seconds,  # type: ignore[arg-type]
        user_properties=[("fault", entry) for entry in entries],
    )  # fmt: skip


def verdict(*reports: pytest.TestReport) -> Verdict:
    outcomes = Outcomes()
    for report in reports:
        outcomes.pytest_runtest_logreport(report)
    return outcomes.verdict("network.bit_flip")


def test_ids_are_unique_and_begin_with_their_area() -> None:
    assert len(BY_ID) == len(CATALOGUE)
    assert len(CONTROL_BY_ID) == len(CONTROLS)
    assert all(entry.id.startswith(f"{entry.area}.") for entry in CATALOGUE)
    assert all(entry.title and entry.promise for entry in CATALOGUE)


@pytest.mark.slow
def test_every_entry_has_a_test_and_every_mark_an_entry() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--collect"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_what_no_entry_begins_with_is_said_and_not_passed_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["network.bit_flip", "netwrok"]) == 2
    assert "netwrok" in capsys.readouterr().out


def test_the_page_says_what_the_catalogue_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.faults --page"


ID = "network.bit_flip"


def test_held_by_one_test_that_ran() -> None:
    assert verdict(reported("a", "passed", ID)) == Verdict(held=True, why="", tests=1, seconds=0.5)


def test_not_held_without_a_test() -> None:
    found = verdict(reported("a", "passed", "network.flapping"))
    assert (found.held, found.why) == (False, "no test")


def test_not_held_by_skipped_tests_only() -> None:
    found = verdict(reported("a", "skipped", ID, when="setup"))
    assert (found.held, found.why) == (False, "all its tests were skipped")
    assert verdict(reported("a", "skipped", ID, when="setup"), reported("b", "passed", ID)).held


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_not_held_when_one_of_them_fails_in_any_phase(when: str) -> None:
    found = verdict(
        reported("a", "passed", ID), reported("b", "failed", ID, when=when),
        reported("b", "passed", ID), reported("c", "passed", ID),
    )  # fmt: skip
    assert (found.held, found.why) == (False, "failed: b")


def test_a_failure_that_is_expected_holds_nothing() -> None:
    expected = reported("a", "skipped", ID)
    expected.wasxfail = "known"
    assert not verdict(expected).held


def test_a_worker_that_died_leaves_its_entries_unproved() -> None:
    assert not verdict(reported("a", "failed")).held


def test_one_line_for_each_entry_and_control() -> None:
    lines = list(lines_of(Outcomes(), CATALOGUE, CONTROLS))
    assert sum("NOT HELD" in line for line in lines) == len(CATALOGUE) + len(CONTROLS)
    assert all(entry.title in "\n".join(lines) for entry in CATALOGUE)
