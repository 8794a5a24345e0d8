"""``python -m tests.benchmarks``: measure, print one table, write build/bench.json. Never fails on a time."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
import traceback
from importlib import import_module

from tests.benchmarks.harness import BUILD, Group, Measured, Options, Row, as_json, cells, table

GROUPS = ("start", "lists", "act", "sync", "slow", "arrival", "idle", "workstations")


def main() -> int:
    options, groups = _options()
    found: dict[str, Measured] = {}
    rows = [row for group in groups for row in group.rows if options.wanted(row.name)]
    for group in groups:
        if any(options.wanted(row.name) for row in group.rows):
            _run(group, options, found)
    if not rows:
        print("no benchmark of that name")
        return 2
    lines = [(row, found.get(row.name, Measured(note="failed"))) for row in rows]
    print()
    print(table([cells(row, measured) for row, measured in lines]))
    print(f"\n{_machine()}; {_texts()}")
    _write(lines, options)
    return 0


def _options() -> tuple[Options, list[Group]]:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", default=[],
                        help="a group, a row, or the beginning of a row's name")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="5,000 orders and few repeats")
    given = parser.parse_args()
    groups: list[Group] = [import_module(f"tests.benchmarks.{name}").GROUP for name in GROUPS]
    starts = tuple(given.only) or ("",)
    chosen = {
        row.name
        for group in groups
        for row in group.rows
        if group.name in given.only or row.name.startswith(starts)
    }
    return Options(given.quick, chosen.__contains__), groups


def _run(group: Group, options: Options, found: dict[str, Measured]) -> None:
    try:
        for name, measured in group.run(options):
            if options.wanted(name):
                found[name] = measured
                print(f"  {name}: {measured.median:.2f} (median of {len(measured.samples)})",
                      flush=True)  # fmt: skip
    except Exception:  # noqa: BLE001 - one that cannot run must not hide the others
        traceback.print_exc()


def _machine() -> str:
    load = os.getloadavg()[0]
    busy = " (busy: others were at work)" if load > 1.5 else ""
    python = platform.python_version()
    return f"{os.cpu_count()} cores, load {load:.1f}{busy}, Python {python}, {platform.machine()}"


def _texts() -> str:
    from tests.benchmarks import data

    return data.texts().source


def _write(lines: list[tuple[Row, Measured]], options: Options) -> None:
    BUILD.mkdir(exist_ok=True)
    content = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": _machine(),
        "orders": options.orders,
        "texts": _texts(),
        "rows": [as_json(row, measured) for row, measured in lines],
    }
    path = BUILD / "bench.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"written to {path.relative_to(BUILD.parent)}")


if __name__ == "__main__":
    sys.exit(main())
