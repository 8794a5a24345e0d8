"""Look up every pinned dependency among the published holes (``make audit``, part of ``make check``).

Fails when a hole is published for a version in the lock. Where the place that knows of them cannot be
reached, it says that nothing was audited, which is neither a pass nor a failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKS = ("requirements.lock", "requirements-dev.lock")
SECONDS = 25
"""For everything: an audit that hangs must not hold a build up."""


def audit(lock: Path, seconds: float) -> dict[str, Any] | str:
    """Return pip-audit's report on ``lock``, or why there is none."""
    command = [
        sys.executable, "-m", "pip_audit", "-r", str(lock), "--require-hashes", "--disable-pip",
        "--format", "json", "--progress-spinner", "off", "--timeout", "5",
    ]  # fmt: skip
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        report = json.loads(run.stdout)
    except subprocess.TimeoutExpired:
        return f"{seconds:.0f} 秒内没有查完"
    except ValueError:
        return (run.stderr.strip().splitlines() or ["没有回答"])[-1][:200]
    return report if isinstance(report, dict) else "回答读不懂"


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Return how many were audited, and a line per published hole."""
    audited, holes = 0, []
    for dependency in report.get("dependencies", ()):
        if "skip_reason" in dependency:
            continue
        audited += 1
        for hole in dependency.get("vulns", ()):
            fixed = "、".join(hole.get("fix_versions", ())) or "还没有"
            name = f"{dependency['name']} {dependency['version']}"
            holes.append(f"{name}：{hole['id']}，修好的版本：{fixed}")
    return audited, holes


def main() -> int:
    """Audit the locks. Returns 1 when there is a hole."""
    found: list[str] = []
    for name in LOCKS:
        report = audit(Path(name), SECONDS / len(LOCKS))
        if isinstance(report, str):
            print(f"{name}：没有审计成（{report}）。这不算通过，只是没有查。")
            continue
        total = len(report.get("dependencies", ()))
        audited, holes = verdict(report)
        found += holes
        if not audited:
            print(f"{name}：{total} 个依赖一个也没有查到（漏洞库连不上）。这不算通过，只是没有查。")
        else:
            print(f"{name}：{total} 个依赖查了 {audited} 个，{len(holes)} 处已公布的漏洞。")
    for hole in dict.fromkeys(found):
        print(hole, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
