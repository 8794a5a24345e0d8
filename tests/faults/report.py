"""The catalogue as lines on a terminal and as the page in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.catalogue import CATALOGUE, CONTROLS, Control, Entry
from tests.faults.outcomes import Outcomes, Verdict

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_INTRODUCTION = """\
# Fault catalogue

What can go wrong and what is promised then. Every entry is held by tests that carry its id
(`@pytest.mark.fault("<id>")`) and run in every test run.

    make faults                          the whole catalogue in full, one line per entry
    make faults ARGS="network files.cut" only the entries that begin so
    make faults ARGS="--quick"           the reduced form that every test run goes through

An entry is held when at least one of its tests ran and none failed; without a test, or with skipped
ones only, it is not. The run ends with the counts and fails when one entry is not held. Nothing of
our own is replaced by a stand-in: real stores, the real client and platform over real sockets. Time
is virtual where the wait is ours. The full form takes finer steps and larger numbers
(`tests/faults/scale.py`).

This page is written from `tests/faults/catalogue.py` (`python -m tests.faults --page`); a test holds
it to that.
"""
_CONTROLS = """\
## Negative controls

Each switches one protection off. It holds when the test of that protection then fails.
"""


def page() -> str:
    """Return ``docs/faults.md``."""
    parts = [_INTRODUCTION]
    for area in dict.fromkeys(entry.area for entry in CATALOGUE):
        rows = [e for e in CATALOGUE if e.area == area]
        lines = [f"| `{e.id}` | {e.title} | {e.promise} |" for e in rows]
        heading = f"## {area.capitalize()}\n\n| Id | Fault | Promise |\n|---|---|---|\n"
        parts.append(heading + "\n".join(lines) + "\n")
    lines = [f"| `{c.id}` | {c.off} | {c.seen} |" for c in CONTROLS]
    table = "| Id | Off | Then seen |\n|---|---|---|\n" + "\n".join(lines) + "\n"
    return "\n".join([*parts, _CONTROLS, table])


def lines_of(
    outcomes: Outcomes, entries: Sequence[Entry], controls: Sequence[Control]
) -> Iterator[str]:
    """Yield one line per entry and control, then what is marked with ids nobody knows."""
    area = ""
    for entry in entries:
        if entry.area != area:
            area = entry.area
            yield f"\n{area.upper()}"
        yield _line(entry.id, f"{entry.title} → {entry.promise}", outcomes.verdict(entry.id))
    if controls:
        yield "\nNEGATIVE CONTROLS (protection off: is it seen?)"
    for control in controls:
        yield _line(control.id, f"{control.off} → {control.seen}", outcomes.verdict(control.id))


def _line(entry_id: str, text: str, verdict: Verdict) -> str:
    mark = "held    " if verdict.held else "NOT HELD"
    detail = verdict.why or f"{verdict.tests} tests, {verdict.seconds:.1f} s"
    return f"{mark}  {entry_id}: {text}  [{detail}]"
