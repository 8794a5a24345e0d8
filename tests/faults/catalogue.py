"""The fault catalogue: what can go wrong, and what this product promises then.

A test that proves an entry carries ``@pytest.mark.fault("<id>")``. ``make faults`` runs exactly these
tests and prints one line per entry; an entry without a test that ran is not held.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """``area`` groups the table; ``title`` is the fault, ``promise`` its outcome for the user."""

    id: str
    area: str
    title: str
    promise: str


CATALOGUE: tuple[Entry, ...] = ()
