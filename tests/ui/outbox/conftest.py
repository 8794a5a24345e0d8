"""A township and its seats, fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.township import Township


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Township]:
    """Closed after the page is gone."""
    made = Township(tmp_path)
    yield made
    made.close()
