"""What each test proves travels with its report, also from a worker process.

Loaded by ``python -m tests.faults`` only (``-p tests.faults.plugin``); leaves out every other test.
"""

from __future__ import annotations

import pytest

from tests.faults.catalogue import MARKS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proving", default="", help="ids or beginnings of ids, separated by commas")


def pytest_itemcollected(item: pytest.Item) -> None:
    for name in MARKS:
        for mark in item.iter_markers(name):
            item.user_properties += [(name, entry) for entry in mark.args]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = tuple(filter(None, str(config.getoption("--proving")).split(",")))
    chosen = [item for item in items if _chosen(item, wanted)]
    config.hook.pytest_deselected(items=[item for item in items if not _chosen(item, wanted)])
    items[:] = chosen


def _chosen(item: pytest.Item, wanted: tuple[str, ...]) -> bool:
    proved = [str(entry) for name, entry in item.user_properties if name in MARKS]
    return any(entry.startswith(wanted) if wanted else True for entry in proved)
