"""How much of a fault a run goes through: all of it with ``make faults``, less in every test run.

The reduced form proves the same promise; it takes coarser steps or smaller numbers.
"""

from __future__ import annotations

import os
from typing import TypeVar

VARIABLE = "JIBAN_FAULTS"
FULL = os.environ.get(VARIABLE) == "full"
T = TypeVar("T")


def scaled(whole: T, reduced: T) -> T:
    """Return ``whole`` in a full run of the catalogue, else ``reduced``."""
    return whole if FULL else reduced
