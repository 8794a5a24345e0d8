"""Forward migrations, one module each; ``PRAGMA user_version`` says how many have been applied."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from local_store.errors import StoreError, StoreProblem

MODULES = ("m0001_first",)
LATEST = len(MODULES)

Execute = Callable[[str], object]


def migrate(execute: Execute, version: int) -> None:
    """Bring a store from ``version`` to ``LATEST`` inside the caller's transaction.

    Raises ``StoreError`` when the store was written by a newer program; nothing is touched then.
    """
    if version > LATEST:
        raise StoreError(
            StoreProblem.NEWER,
            "本机数据是更新版本的即办台写的。",
            "请安装新版后再打开；数据没有动过。",
            f"schema {version} > {LATEST}",
        )
    for number in range(version, LATEST):
        module = import_module(f"{__name__}.{MODULES[number]}")
        for statement in module.STATEMENTS:
            execute(statement)
    if version < LATEST:
        execute(f"PRAGMA user_version = {LATEST}")
