"""The audit of dependencies says what it looked at, and what it did not."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"
UNKNOWN = {"name": "a", "skip_reason": "Dependency not found on PyPI and could not be audited: a"}
SOUND = {"name": "b", "version": "1.0", "vulns": []}
HOLE = {"name": "c", "version": "2.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}]}


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_published_hole_is_named_with_its_cure(audit: ModuleType) -> None:
    audited, holes = audit.verdict({"dependencies": [UNKNOWN, SOUND, HOLE]})
    assert audited == 2
    assert holes == ["c 2.0：PYSEC-2026-1，修好的版本：2.1"]


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        ({"dependencies": [UNKNOWN]}, 0, "一个也没有查到"),
        ({"dependencies": [SOUND, UNKNOWN]}, 0, "2 个依赖查了 1 个，0 处"),
        ({"dependencies": [SOUND, HOLE]}, 1, "1 处已公布的漏洞"),
        ({}, 0, "一个也没有查到"),
        ("connection refused", 0, "没有审计成（connection refused）"),
    ],
)
def test_what_was_not_looked_at_is_neither_a_pass_nor_a_failure(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    report: Any,
    status: int,
    words: str,
) -> None:
    monkeypatch.setattr(audit, "audit", lambda _lock, _seconds: report)
    assert audit.main() == status
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("says", ["", "Traceback\nConnectionError: no route", "[]", "{"])
def test_an_auditor_that_fails_is_no_finding(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str
) -> None:
    fake = tmp_path / "pip_audit.py"
    fake.write_text(f"print({says!r})", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert isinstance(audit.audit(Path("requirements.lock"), 20), str)


def test_an_auditor_that_hangs_is_left(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pip_audit.py").write_text("import threading; threading.Event().wait(60)", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "没有查完" in str(audit.audit(Path("requirements.lock"), 0.5))
