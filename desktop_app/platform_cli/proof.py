"""Proof of what was recorded: holding the history against its chain."""

from __future__ import annotations

import argparse

from desktop_app.platform_cli.common import (
    OK,
    SOME_FAILED,
    UNREADABLE,
    Verbs,
    fail,
    opened,
    township_verb,
)

_MOST = 200


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    verify = township_verb(
        verbs, "verify", "核对留痕链：逐条找出被改动、删去或塞进来的记录", _verify
    )
    verify.add_argument(
        "--head", metavar="链尾", help="以前抄存在别处的链尾；从它之后被截去也查得出"
    )


def _verify(args: argparse.Namespace) -> int:
    from sync.platform.chain_check import mark_of
    from sync.platform.digests import TITLES
    from sync.platform.oversight import Oversight

    try:
        noted = mark_of(args.head) if args.head else None
    except ValueError:
        return fail("--head 要照上次核对时印出的那样写：先条数，再摘要。", UNREADABLE)
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
