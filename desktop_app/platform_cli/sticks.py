"""What comes to the center on a USB stick."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.acts import ACT_TITLES
from desktop_app.platform_cli.common import (
    OK,
    SOME_FAILED,
    UNREADABLE,
    Verbs,
    fail,
    opened,
    township_verb,
    verb,
)

if TYPE_CHECKING:
    from desktop_app.domain.acts import Act
    from sync.platform.platform import Platform
    from sync.platform.stick_import import NotTaken, StickImport, Taken


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    take = verb(verbs, "import-outbox", "收 U 盘带来的待传记录，写回执；收过的不会重复", _import)
    take.add_argument("file", type=Path, nargs="+", help="坐席导出的文件（.jiban）")
    take.add_argument("--files", type=Path, help="附件放哪儿，同 serve；默认在数据库旁边")
    township_verb(verbs, "held", "列出暂存未收的记录：本人已离岗", _held)


def _import(args: argparse.Namespace) -> int:
    from sync.platform.server import default_files
    from sync.platform.stick_import import StickImport
    from sync.platform.uploads import Uploads

    worst = OK
    with opened(args) as platform:
        folder = args.files or default_files(platform)
        intake = StickImport(platform, Uploads(platform, folder))
        for path in args.file:
            worst = max(worst, _take(platform, intake, path))
    return worst


def _take(platform: Platform, intake: StickImport, path: Path) -> int:
    from desktop_app.services.outbox_reply import put_beside
    from sync.protocol.stick import StickError

    try:
        with path.open("rb") as source:
            taken = intake.take(source)
    except StickError as error:
        return fail(f"{path.name}：{error}", UNREADABLE)
    except OSError as error:
        return fail(f"{path.name}：读不出来（{error.strerror}）。请插好 U 盘再试。", UNREADABLE)
    print("\n".join(report(platform, path.name, taken)))
    if not taken.held:
        print(put_beside(path, taken.reply))
    return SOME_FAILED if taken.not_taken or taken.held or taken.photos.spoilt else OK


def report(platform: Platform, name: str, taken: Taken) -> list[str]:
    """Return in words what became of a file."""
    lines = [f"{name}：{taken.person}，{taken.made_at.astimezone():%Y-%m-%d %H:%M} 导出。"]
    if taken.held:
        lines.append(f"{taken.held} 条暂存未收：本人已离岗。恢复账号后再收一次，即可收下。")
        return lines
    lines.append(f"{taken.new} 条新收，{taken.known} 条已有，{len(taken.not_taken)} 条没收。")
    if taken.asked:
        lines.append(f"新收的有 {taken.asked} 条与别人的记录对不上，已请人选定。")
    here = taken.township
    lines += [_refusal(platform, each, here) for each in taken.not_taken]
    photos = taken.photos
    if photos.new or photos.known:
        lines.append(f"照片 {photos.new} 张新收，{photos.known} 张已有。")
    if photos.spoilt:
        lines.append(f"照片 {photos.spoilt} 张没收下，原件还在坐席，联网后会再传。")
    return lines


def _refusal(platform: Platform, each: NotTaken, township: str) -> str:
    about = _about(platform, each.act, township) if each.act is not None else "一条记录"
    return f"  {about}：{each.reason}"


def _about(platform: Platform, act: Act, township: str) -> str:
    order = platform.order_by_id(act.subject, township=township)
    number = f" {order.number}" if order is not None else ""
    return f"{ACT_TITLES[act.kind]}{number}（{act.occurred_at.astimezone():%m-%d %H:%M} 记）"


def _held(args: argparse.Namespace) -> int:
    from sync.platform.quarantine import held

    with opened(args) as platform:
        here = platform.township(args.township)
        found = held(platform, here)
        for act in found:
            print(f"{act.actor.title} {act.actor.name}  {_about(platform, act, here)}")
    print(f"共 {len(found)} 条。")
    return OK
