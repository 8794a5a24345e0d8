"""Orders: dispatching files, the rules, call-backs and the platform's other acts."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.platform_cli.common import (
    OK,
    REFUSED,
    SOME_FAILED,
    UNREADABLE,
    Verbs,
    fail,
    opened,
    township_verb,
)

if TYPE_CHECKING:
    from desktop_app.domain.policy import Policy
    from sync.platform.platform import Platform

_WORDS = {"yes": True, "no": False, "unknown": None, "是": True, "否": False, "未评价": None}


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    file = township_verb(
        verbs, "dispatch", "派发文件里的工单（CSV、XLSX、JSONL，可为 .gz）", _dispatch
    )
    file.add_argument("file", type=Path, help="文件路径")
    rules = township_verb(verbs, "policy", "发布改过的时限政策文件；已派的单时限不变", _policy)
    rules.add_argument("file", type=Path, help="政策文件（TOML）")
    back = township_verb(verbs, "call-back", "登记平台回访结果", _call_back)
    back.add_argument("number", help="工单编号")
    for name, title in (("responded", "响应"), ("resolved", "解决"), ("satisfied", "满意")):
        back.add_argument(
            f"--{name}", choices=tuple(_WORDS), default="unknown", help=f"是否{title}"
        )
    back.add_argument("--text", default="", help="回访记录")
    for name, title, kind in (
        ("second-round", "发起二次办理", ActKind.SECOND_ROUND),
        ("withdraw", "撤回工单", ActKind.WITHDRAW),
        ("stop-clock", "停表", ActKind.STOP_CLOCK),
        ("resume-clock", "续表", ActKind.RESUME_CLOCK),
    ):
        step = township_verb(verbs, name, title, _step)
        step.add_argument("number", help="工单编号")
        step.add_argument("--reason", required=True, help="理由")
        step.set_defaults(kind=kind)
    township_verb(verbs, "rejected", "列出未采用、还没人处理的记录", _rejected)


def _dispatch(args: argparse.Namespace) -> int:
    with opened(args) as platform:
        return dispatch_path(platform, args.file, args.township)


def dispatch_path(platform: Platform, path: Path, township: str | None = None) -> int:
    """Dispatch a file: good rows go out, every other row is named. Returns the exit status."""
    from sync.platform.dispatching import DispatchStatus
    from sync.platform.order_files import read_order_file
    from sync.platform.order_lines import OrderFileError

    center = platform.center(township)
    try:
        file = read_order_file(path, center, platform.now())
    except OrderFileError as error:
        return fail(str(error), UNREADABLE)
    results = platform.dispatch(file.intakes, township=township)
    counts = Counter(result.status for result in results)
    failed = [
        f"{place}：{result.reason}"
        for place, result in zip(file.places(), results, strict=True)
        if result.status is DispatchStatus.FAILED
    ]
    complaints = [*map(str, file.bad), *failed]
    warning = calendar_warning(center.policy, platform.now())
    if warning:
        print(warning, file=sys.stderr)
    for note in file.notes:
        print(note)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    new, known = counts[DispatchStatus.NEW], counts[DispatchStatus.KNOWN]
    print(f"新派 {new} 件，已有 {known} 件，未派 {len(complaints)} 行。")
    return SOME_FAILED if complaints else OK


def calendar_warning(policy: Policy, now: datetime) -> str:
    """Say that orders whose limits run into a year without a calendar are not dispatched, or ""."""
    from desktop_app.domain import calendars

    year = calendars.lacking_year(policy, now)
    if year is None or not calendars.counts_working_days(policy):
        return ""
    advice = calendars.how_to_complete(policy)
    return f"注意：还没有 {year} 年的工作日历，时限算到 {year} 年的单派不出去。{advice}"


def _policy(args: argparse.Namespace) -> int:
    from desktop_app.domain.policy_file import PolicyError, load_policy

    try:
        policy = load_policy(args.file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return fail(f"政策文件 {args.file} 读不了。请核对路径。", UNREADABLE)
    except PolicyError as error:
        return fail(f"政策文件有错，没有发布。（{error}）", UNREADABLE)
    with opened(args) as platform:
        platform.change_policy(policy, township=args.township)
        warning = calendar_warning(policy, platform.now())
    print(f"已发布：{policy.title}，版本 {policy.version}。以后派的单按它算，各坐席联网后更新。")
    if warning:
        print(warning, file=sys.stderr)
    return OK


def _call_back(args: argparse.Namespace) -> int:
    said = {name: _WORDS[getattr(args, name)] for name in ("responded", "resolved", "satisfied")}
    return _record(args, ActKind.CALL_BACK, p.CallBackResult(**said, text=args.text))


def _step(args: argparse.Namespace) -> int:
    return _record(args, args.kind, p.Reason(args.reason))


def _record(args: argparse.Namespace, kind: ActKind, payload: object) -> int:
    from desktop_app.domain.orders import Outcome

    with opened(args) as platform:
        try:
            result = platform.act_as_platform(
                kind, args.number, p.plain(payload), township=args.township
            )
        except LookupError:
            return fail(f"没有编号为 {args.number} 的工单。", REFUSED)
    if result.outcome not in (Outcome.APPLIED, Outcome.MERGED, Outcome.ALREADY):
        return fail(f"{ACT_TITLES[kind]}没有办成：{result.reason}", REFUSED)
    print(f"{ACT_TITLES[kind]}：{args.number} 已登记。")
    return OK


def _rejected(args: argparse.Namespace) -> int:
    with opened(args) as platform:
        rejections = platform.rejected(township=args.township)
    for rejection in rejections:
        act = rejection.act
        when = rejection.received_at.astimezone().strftime("%Y-%m-%d %H:%M")
        who, what = act.actor.name, ACT_TITLES[act.kind]
        print(f"{when}  {who}  {what}  工单 {act.subject}  {rejection.reason}")
    print(f"未采用、还没人处理的记录 {len(rejections)} 条。")
    return OK
