"""What became of the tests, and what that says about an entry of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from tests.faults.catalogue import MARKS


@dataclass
class Ran:
    """One test: what it proves, and the worst that was seen of it. ``seconds`` of all its phases."""

    proves: frozenset[str]
    outcome: str = "skipped"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an entry is held; if not, ``why``. ``tests`` counts those that ran."""

    held: bool
    why: str
    tests: int
    seconds: float


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Outcomes:
    """A pytest plugin that collects them, in the process that prints."""

    ran: dict[str, Ran] = field(default_factory=dict)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._of(item.nodeid, item.user_properties)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = self._of(report.nodeid, report.user_properties)
        test.seconds += report.duration
        if report.failed or hasattr(report, "wasxfail"):
            test.outcome = "failed"
        elif report.when == "call" and report.passed and test.outcome != "failed":
            test.outcome = "passed"

    def _of(self, nodeid: str, properties: Iterable[tuple[str, object]]) -> Ran:
        proves = frozenset(str(entry) for name, entry in properties if name in MARKS)
        return self.ran.setdefault(nodeid, Ran(proves))

    def proved(self) -> frozenset[str]:
        """Return every id that any test names."""
        return frozenset().union(*(test.proves for test in self.ran.values()))

    def verdict(self, entry_id: str) -> Verdict:
        """Held: at least one test of it ran, and none of those that ran failed."""
        tests = {name: test for name, test in self.ran.items() if entry_id in test.proves}
        done = [test for test in tests.values() if test.outcome != "skipped"]
        failed = sorted(name for name, test in tests.items() if test.outcome == "failed")
        seconds = sum(test.seconds for test in tests.values())
        why = ""
        if not tests:
            why = "no test"
        elif failed:
            why = f"failed: {failed[0]}" + (f" and {len(failed) - 1} more" if failed[1:] else "")
        elif not done:
            why = "all its tests were skipped"
        return Verdict(not why, why, len(done), seconds)
