"""The importer on real texts that lie outside the repository; skipped, and said so, without them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from sync.platform.dispatching import DispatchStatus as D
from sync.platform.order_files import read_order_file
from sync.platform.platform import Platform

DATA = Path(os.environ.get("JIBAN_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data folder is not there (JIBAN_SHARED_DATA)"
)


@pytest.fixture
def database(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.parametrize(
    ("name", "rows", "repeated"),
    [
        ("appeals.csv.gz", 5119, 0),
        ("livelihood_appeals.csv.gz", 619, 0),
        ("messy_export.xlsx", 400, 5),
    ],
)
def test_a_real_file_is_dispatched_as_it_is_and_only_once(
    platform: Platform, name: str, rows: int, repeated: int
) -> None:
    file = read_order_file(DATA / name, platform.center(), platform.now())
    assert file.bad == []
    assert (len(file.intakes), file.repeated) == (rows, repeated)
    assert Counter(r.status for r in platform.dispatch(file.intakes)) == {D.NEW: rows}
    again = read_order_file(DATA / name, platform.center(), platform.now())
    assert Counter(r.status for r in platform.dispatch(again.intakes)) == {D.KNOWN: rows}
    assert platform.order_count() == rows


def test_gas_and_heating_are_livelihood(platform: Platform) -> None:
    path = DATA / "livelihood_appeals.csv.gz"
    file = read_order_file(path, platform.center(), platform.now())
    urgent = sum(i.tier in ("livelihood", "emergency") for i in file.intakes)
    assert urgent / len(file.intakes) > 0.9
