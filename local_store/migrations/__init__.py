"""Forward migrations, one module each; ``PRAGMA user_version`` says how many have been applied.

A module has ``STATEMENTS`` (SQL, in order), or ``run(execute)`` where SQL alone does not do, or both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from local_store.errors import StoreError, StoreProblem

MODULES: tuple[str, ...] = (
    "m0001_first",
    "m0002_stick_and_due",
    "m0003_doubted",
    "m0004_packs",
    "m0005_receipts",
)
"""Names in this package; a name with a dot in it is a module elsewhere (tests)."""
LATEST = len(MODULES)

Execute = Callable[..., Any]
"""Takes SQL and parameters, returns the driver's cursor."""


def migrate(execute: Execute, version: int, modules: Sequence[str] = MODULES) -> None:
    """Bring a store from ``version`` to the last of ``modules`` inside the caller's transaction.

    Raises ``StoreError`` when the store was written by a newer program; nothing is touched then.
    """
    latest = len(modules)
    if version > latest:
        raise StoreError(
            StoreProblem.NEWER,
            "本机数据是更新版本的即办台写的。",
            "请安装新版后再打开；数据没有动过。",
            f"schema {version} > {latest}",
        )
    for name in modules[version:]:
        module = import_module(name if "." in name else f"{__name__}.{name}")
        for statement in getattr(module, "STATEMENTS", ()):
            execute(statement)
        if run := getattr(module, "run", None):
            run(execute)
    if version < latest:
        execute(f"PRAGMA user_version = {latest}")
