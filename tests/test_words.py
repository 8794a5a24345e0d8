"""What the screen says keeps to the house style: Chinese sentences carry full-width punctuation."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("desktop_app", "local_store", "sync", "ui", "resources")
_WIDE = r"[\u2018-\u201d\u2026\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
HALF_WIDTH = re.compile(f"(?<={_WIDE})[,;:?!](?={_WIDE})")


def sources() -> list[Path]:
    """Every shipped module."""
    return sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def literals(file: Path) -> Iterator[tuple[int, str]]:
    """Line and value of every string but docstrings; an f-string's placeholders read as a digit."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documentation = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documentation:
                yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "0" for p in node.values)
            yield node.lineno, "".join(str(part) for part in parts)


def is_pattern(text: str) -> bool:
    """Whether the string is a regular expression, which has to know both widths."""
    return "\\" in text


def values(data: object) -> Iterator[str]:
    """Every string in a TOML document."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from values(value)
    elif isinstance(data, list):
        for value in data:
            yield from values(value)


def test_the_pattern_tells_sentences_from_numbers_names_and_code() -> None:
    for wrong in ("没有网络,请检查", "少填一项:“理由”", "办好了;再看", "行不行?不行", "好!好"):
        assert HALF_WIDTH.search(wrong)
    for right in ("没有网络，请检查", "08:15 到", "甲.xlsx", "超 1,234 件", "如 127.0.0.1:8765"):
        assert not HALF_WIDTH.search(right)


@pytest.mark.parametrize("package", PACKAGES)
def test_strings_in_the_program_have_full_width_punctuation(package: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text[:60]}"
        for file in sources()
        if file.relative_to(ROOT).parts[0] == package
        for line, text in literals(file)
        if HALF_WIDTH.search(text) and not is_pattern(text)
    ]
    assert found == []


def test_the_sample_and_the_policies_have_full_width_punctuation() -> None:
    files = sorted((ROOT / "resources").rglob("*.toml"))
    assert files
    found = [
        f"{file.name}: {text[:60]}"
        for file in files
        for text in values(tomllib.loads(file.read_text(encoding="utf-8")))
        if HALF_WIDTH.search(text)
    ]
    assert found == []
