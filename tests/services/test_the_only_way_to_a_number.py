"""A whole telephone number leaves the order in one place only: together with the act that records it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import desktop_app.services
import ui

_UI, _SERVICES = Path(ui.__file__).parent, Path(desktop_app.services.__file__).parent
MASKED = {"ui/present/people.py"}  # masks what it reads
ASKED_WHETHER = {"ui/order/facts.py"}  # only whether there is one
RECORDED = {"desktop_app/services/unmasking.py"}


def readers(folder: Path, attribute: str) -> dict[str, int]:
    """Return where an attribute of that name is read, and how often."""
    found: dict[str, int] = {}
    root = Path(ui.__file__).parent.parent
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        reads = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == attribute]
        if reads:
            found[path.relative_to(root).as_posix()] = len(reads)
    return found


def test_screens_and_services_read_a_number_only_to_mask_it_or_to_record_that_they_did() -> None:
    found = readers(_UI, "phone") | readers(_SERVICES, "phone")
    found.pop("ui/gallery/boards.py", None)  # invented orders for the designers
    assert set(found) <= MASKED | ASKED_WHETHER | RECORDED
    assert readers(_UI, "phone"), "blind: nobody reads it at all"


@pytest.mark.parametrize("source", ["ui/present/people.py", "ui/order/facts.py"])
def test_who_reads_it_does_nothing_else_with_it(source: str) -> None:
    lines = (_UI.parent / source).read_text(encoding="utf-8").splitlines()
    reads = [line for line in lines if ".phone" in line]
    assert all("mask_phone(" in line or "not order.petitioner.phone" in line for line in reads)


def test_the_whole_value_comes_only_out_of_the_verb_that_records_the_act() -> None:
    """Every caller of ``getattr`` on a petitioner would be a second way."""
    for folder in (_UI, _SERVICES):
        for path in folder.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if "getattr(order.petitioner" in text:
                assert path.name == "unmasking.py"
