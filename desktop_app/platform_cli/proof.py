"""Proof of what was recorded: holding the history against its chain."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.platform_cli.common import (
    OK,
    SOME_FAILED,
    UNREADABLE,
    Verbs,
    fail,
    opened,
    township_verb,
)

if TYPE_CHECKING:
    from sync.platform.chain_check import Mark

_MOST = 200


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    verify = township_verb(
        verbs, "verify", "核对留痕链：逐条找出被改动、删去或塞进来的记录", _verify
    )
    verify.add_argument(
        "--head", metavar="链尾", action="append", default=[],
        help="以前抄存在别处的链尾，可以写几个；从它之后被截去也查得出",
    )  # fmt: skip
    verify.add_argument(
        "--heads", metavar="文件", type=Path, action="append", default=[],
        help="坐席用 jiban chain-heads 导出的凭据，可以写几个",
    )  # fmt: skip


class _Unreadable(Exception):
    """What was noted cannot be read; the message says what to do."""


def _noted(heads: Sequence[str], files: Sequence[Path]) -> list[Mark]:
    """Return the entries that are noted elsewhere. Raises ``_Unreadable``."""
    from sync.platform.chain_check import mark_of

    try:
        noted = [mark_of(head) for head in heads]
    except ValueError:
        raise _Unreadable("--head 要照上次核对时印出的那样写：先条数，再摘要。") from None
    for file in files:
        try:
            lines = file.read_text("utf-8-sig").splitlines()
            found = [mark_of(line.split()[0]) for line in lines if line.strip()[:1].isdigit()]
        except (OSError, ValueError):
            found = []
        if not found:
            raise _Unreadable(f"{file} 读不了，或不是坐席导出的留痕凭据。")
        noted += found
    return noted


def _verify(args: argparse.Namespace) -> int:
    from sync.platform.digests import TITLES
    from sync.platform.oversight import Oversight

    try:
        noted = _noted(args.head, args.heads)
    except _Unreadable as error:
        return fail(str(error), UNREADABLE)
    with opened(args) as platform:
        oversight = Oversight(platform, args.township)
        found = oversight.verify(noted)
    for finding in found.findings[:_MOST]:
        print(finding)
    if len(found.findings) > _MOST:
        print(f"……还有 {len(found.findings) - _MOST} 处，没有一一列出。")
    title = TITLES[found.algorithm]
    if found.findings:
        print(
            f"{oversight.name}：留痕 {found.number} 条（{title}），{len(found.findings)} 处对不上。"
        )
        return SOME_FAILED
    print(
        f"{oversight.name}：留痕 {found.number} 条（{title}）前后相接，记录、工单、名册都与它相符。"
    )
    print(f"请把链尾抄存在别处，下次用 --head 核对：{found.head}")
    return OK
