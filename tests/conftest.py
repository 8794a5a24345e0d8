"""What every test gets: no screen is needed or touched, and cycles die in the main thread."""

import gc
import os
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings

# Made-up cases are the same in every run: a change is judged by what it does, not by the dice of the
# day. `--hypothesis-profile exploring` rolls them, to look for what nobody thought of.
settings.register_profile("repeatable", derandomize=True, print_blob=True)
settings.register_profile("exploring", derandomize=False, print_blob=True)
settings.load_profile("repeatable")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_tests = count(1)
_WHOLE_EVERY = 25


@pytest.fixture(autouse=True)
def cycles_die_in_the_main_thread() -> Iterator[None]:
    """Keep a platform's or a seat's thread from collecting the widgets of an earlier test."""
    gc.disable()
    yield
    gc.disable()
    gc.collect(2 if next(_tests) % _WHOLE_EVERY == 0 else 1)
