"""Tables that leave the house hold text: no cell is a formula, whoever wrote it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.platform.gateway.result_sheets import harmless

ROOT = Path(__file__).parents[2]
KNOWN = {"sync/platform/gateway/result_sheets.py"}
"""Modules that write tables. Whoever adds one keeps formulas and whole numbers out of it, tests that,
and adds it here."""
WRITERS = {("csv", "writer"), ("csv", "DictWriter"), ("openpyxl", "Workbook")}

pytestmark = pytest.mark.fault("security.hostile_text")


def test_tables_are_written_in_one_place() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("desktop_app", "ui", "local_store", "sync")
        for path in (ROOT / folder).rglob("*.py")
        if WRITERS & set(_attributes(path))
    }
    assert found == KNOWN


def _attributes(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


@given(st.text(alphabet="=+-@\t\r\n |%＝＋－＠'x1", max_size=8))
def test_no_cell_begins_a_formula(text: str) -> None:
    assert harmless(text).lstrip()[:1] not in tuple("=+-@＝＋－＠|%")
