"""``jiban platform …``: serving the central platform, dispatching files, its people, its own acts."""

from __future__ import annotations

import argparse
import getpass
import logging
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.center import Person
from desktop_app.domain.ids import PersonId, UnitId
from desktop_app.domain.roles import Role

if TYPE_CHECKING:
    from desktop_app.domain.policy import Policy
    from sync.platform.platform import Platform

OK, SOME_FAILED, UNREADABLE, REFUSED, NO_DATABASE = 0, 1, 2, 3, 4
"""Exit status: all done; some rows not dispatched; nothing to do it with; the rules said no; no store."""

_WORDS = {"yes": True, "no": False, "unknown": None, "是": True, "否": False, "未评价": None}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``jiban platform`` and its verbs to the command line."""
    parser = subparsers.add_parser("platform", help="中心平台：开服务、派单、人员、回访")
    verbs = parser.add_subparsers(dest="platform_verb", required=True, metavar="动作")
    _add_serving(verbs)
    _add_orders(verbs)
    _add_people(verbs)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help_: str,
    run_: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=help_, description=help_)
    parser.add_argument("--database", metavar="URL", help="数据库地址，或 SQLite 文件路径")
    parser.set_defaults(platform_run=run_)
    return parser


def _add_serving(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = _verb(verbs, "serve", "开平台服务", _serve)
    serve.add_argument("--host", default="127.0.0.1", help="监听地址，默认只限本机")
    serve.add_argument("--port", type=int, default=8765, help="端口，默认 8765")
    serve.add_argument("--speed", type=float, help="演示：中心时间走多快（默认 1）")
    serve.add_argument("--files", type=Path, help="附件放哪儿，默认在数据库旁边")
    sample = _verb(verbs, "sample", "建样例乡镇：人员、账号和各环节的工单", _sample)
    sample.add_argument("--policy", default="pinggu", help="时限政策:pinggu 或 xining")
    sample.add_argument("--orders", type=int, default=60, help="样例工单件数")


def _add_orders(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    file = _verb(verbs, "dispatch", "派发文件里的工单（CSV、XLSX、JSONL，可为 .gz）", _dispatch)
    file.add_argument("file", type=Path, help="文件路径")
    rules = _verb(verbs, "policy", "发布改过的时限政策文件；已派的单时限不变", _policy)
    rules.add_argument("file", type=Path, help="政策文件（TOML）")
    back = _verb(verbs, "call-back", "登记平台回访结果", _call_back)
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
        step = _verb(verbs, name, title, _step)
        step.add_argument("number", help="工单编号")
        step.add_argument("--reason", required=True, help="理由")
        step.set_defaults(kind=kind)
    _verb(verbs, "rejected", "列出未采用、还没人处理的记录", _rejected)


def _add_people(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = verbs.add_parser("user", help="人员和账号")
    actions = user.add_subparsers(dest="user_verb", required=True, metavar="动作")
    add = _verb(actions, "add", "加账号；人员册上没有这个人时一并加上", _user_add)
    add.add_argument("account", help="账号")
    add.add_argument("--person", help="人员编号，默认同账号")
    add.add_argument("--name", help="姓名（新人员）")
    add.add_argument("--role", help="岗位（新人员）：dispatcher secretary leader village station …")
    add.add_argument("--title", help="职务（新人员）")
    add.add_argument("--unit", help="单位编号（村、站所）")
    add.add_argument("--head", action="store_true", help="中心负责人")
    _password_option(add)
    _verb(actions, "list", "列出账号", _user_list)
    for name, help_ in (("disable", "停用账号"), ("enable", "恢复账号")):
        switch = _verb(actions, name, help_, _user_switch)
        switch.add_argument("account", help="账号")
        switch.set_defaults(active=name == "enable")
    password = _verb(actions, "password", "改密码；原来的登录全部失效", _user_password)
    password.add_argument("account", help="账号")
    _password_option(password)


def _password_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="从标准输入读密码（不然在屏幕上问）"
    )


def run(args: argparse.Namespace) -> int:
    """Run the chosen verb. Returns the exit status."""
    from sync.platform.database import StorageFailed
    from sync.platform.problems import PlatformProblem

    try:
        status: int = args.platform_run(args)
    except PlatformProblem as problem:
        return _fail(f"{problem.title}{problem.detail}", REFUSED)
    except StorageFailed as error:
        logging.getLogger("jiban.platform").debug("database", exc_info=True)
        first = str(getattr(error, "orig", error)).splitlines()[0]
        return _fail(
            f"数据库打不开或存不了。请核对 --database 和磁盘空间。（{first}）", NO_DATABASE
        )
    except OSError as error:
        return _fail(
            f"数据库所在的文件夹打不开。请核对 --database。（{error.strerror}）", NO_DATABASE
        )
    return status


def _fail(text: str, status: int) -> int:
    print(text, file=sys.stderr)
    return status


def open_platform(args: argparse.Namespace, speed: float | None = None) -> Platform:
    """Return the platform that ``--database`` names, by default in the user's data folder."""
    from platformdirs import user_data_path

    from desktop_app.domain.clock import SystemClock
    from sync.platform.platform import Platform

    clock = SystemClock()
    default = user_data_path("jiban-desk", appauthor=False) / "platform.db"
    return Platform(args.database or str(default), clock, wall=clock, speed=speed)


def _serve(args: argparse.Namespace) -> int:
    from sync.platform.server import serve

    if args.speed is not None and not 0.1 <= args.speed <= 5000:
        return _fail("--speed 请在 0.1 到 5000 之间。", UNREADABLE)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    platform = open_platform(args, args.speed)
    try:
        if not platform.hello().center:
            print("还没有设立中心。可先运行 jiban platform sample 建样例乡镇。")
        serve(platform, args.host, args.port, args.files, _announce)
    except OSError as error:
        return _fail(f"端口 {args.port} 开不了（{error.strerror}）。请换一个 --port。", UNREADABLE)
    except KeyboardInterrupt:
        pass
    finally:
        platform.close()
    print("平台服务已停。")
    return OK


def _announce(address: str) -> None:
    print(f"平台服务地址：{address}（按 Ctrl+C 停止）", flush=True)


def _sample(args: argparse.Namespace) -> int:
    from resources.sample.township import SAMPLE_PASSWORD
    from sync.platform.sample import load_sample

    platform = open_platform(args)
    try:
        if platform.hello().center:
            return _fail("这个数据库已有中心，没有改动。要样例请换一个 --database。", REFUSED)
        try:
            load_sample(platform, args.policy, args.orders)
        except FileNotFoundError:
            return _fail(f"没有“{args.policy}”这份时限政策。可选 pinggu、xining。", UNREADABLE)
        print(f"已建：{platform.hello().center}，样例工单 {platform.order_count()} 件。")
        print(f"各账号密码都是 {SAMPLE_PASSWORD}。账号见 jiban platform user list。")
        return OK
    finally:
        platform.close()


def _dispatch(args: argparse.Namespace) -> int:
    platform = open_platform(args)
    try:
        return dispatch_path(platform, args.file)
    finally:
        platform.close()


def dispatch_path(platform: Platform, path: Path) -> int:
    """Dispatch a file: good rows go out, every other row is named. Returns the exit status."""
    from sync.platform.dispatching import DispatchStatus
    from sync.platform.order_files import read_order_file
    from sync.platform.order_tables import OrderFileError

    try:
        file = read_order_file(path, platform.center(), platform.now())
    except OrderFileError as error:
        return _fail(str(error), UNREADABLE)
    results = platform.dispatch(file.intakes)
    counts = Counter(result.status for result in results)
    failed = [
        f"第 {line} 行：{result.reason}"
        for line, result in zip(file.lines, results, strict=True)
        if result.status is DispatchStatus.FAILED
    ]
    complaints = [*map(str, file.bad), *failed]
    warning = calendar_warning(platform.center().policy, platform.now())
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
        return _fail(f"政策文件 {args.file} 读不了。请核对路径。", UNREADABLE)
    except PolicyError as error:
        return _fail(f"政策文件有错，没有发布。（{error}）", UNREADABLE)
    platform = open_platform(args)
    try:
        platform.change_policy(policy)
        warning = calendar_warning(policy, platform.now())
    finally:
        platform.close()
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

    platform = open_platform(args)
    try:
        result = platform.act_as_platform(kind, args.number, p.plain(payload))
    except LookupError:
        return _fail(f"没有编号为 {args.number} 的工单。", REFUSED)
    finally:
        platform.close()
    if result.outcome not in (Outcome.APPLIED, Outcome.MERGED, Outcome.ALREADY):
        return _fail(f"{ACT_TITLES[kind]}没有办成：{result.reason}", REFUSED)
    print(f"{ACT_TITLES[kind]}:{args.number} 已登记。")
    return OK


def _rejected(args: argparse.Namespace) -> int:
    platform = open_platform(args)
    try:
        rejections = platform.rejected()
    finally:
        platform.close()
    for rejection in rejections:
        act = rejection.act
        when = rejection.received_at.astimezone().strftime("%Y-%m-%d %H:%M")
        who, what = act.actor.name, ACT_TITLES[act.kind]
        print(f"{when}  {who}  {what}  工单 {act.subject}  {rejection.reason}")
    print(f"未采用、还没人处理的记录 {len(rejections)} 条。")
    return OK


def _read_password(args: argparse.Namespace) -> str:
    """Return the password from standard input or asked for; "" when it is too short."""
    stdin = args.password_stdin
    password = sys.stdin.readline().rstrip("\n") if stdin else getpass.getpass("密码：")
    return password if len(password) >= 6 else ""


def _user_add(args: argparse.Namespace) -> int:
    platform = open_platform(args)
    try:
        center = platform.center()
        person_id = args.person or args.account
        if center.person(person_id) is None:
            added = _new_person(args, person_id)
            if isinstance(added, str):
                return _fail(added, UNREADABLE)
            center = replace(center, people=(*center.people, added))
        password = _read_password(args)
        if not password:
            return _fail("密码至少 6 位。", UNREADABLE)
        platform.setup_center(center, [(args.account, password, person_id)])
    finally:
        platform.close()
    print(f"账号 {args.account} 已加。")
    return OK


def _new_person(args: argparse.Namespace, person_id: str) -> Person | str:
    if not args.name or not args.role:
        return f"人员册上没有 {person_id}。新人员请写 --name 和 --role。"
    try:
        role = Role(args.role)
    except ValueError:
        return f"没有“{args.role}”这个岗位。可选：{'、'.join(r.value for r in Role)}。"
    unit = UnitId(args.unit) if args.unit else None
    return Person(PersonId(person_id), args.name, role, args.title or args.name, unit, args.head)


def _user_list(args: argparse.Namespace) -> int:
    platform = open_platform(args)
    try:
        center, accounts = platform.center(), platform.accounts()
    finally:
        platform.close()
    for row in accounts:
        person = center.person(row.person_id)
        who = f"{person.name}  {person.title}" if person else "（人员册上没有）"
        print(f"{row.account}  {who}  {'在用' if row.active else '已停用'}")
    print(f"共 {len(accounts)} 个账号。")
    return OK


def _user_switch(args: argparse.Namespace) -> int:
    platform = open_platform(args)
    try:
        if not platform.switch_account(args.account, active=args.active):
            return _fail(f"没有 {args.account} 这个账号。", REFUSED)
    finally:
        platform.close()
    print(f"账号 {args.account} 已{'恢复' if args.active else '停用，登录全部失效'}。")
    return OK


def _user_password(args: argparse.Namespace) -> int:
    password = _read_password(args)
    if not password:
        return _fail("密码至少 6 位。", UNREADABLE)
    platform = open_platform(args)
    try:
        if not platform.change_password(args.account, password):
            return _fail(f"没有 {args.account} 这个账号。", REFUSED)
    finally:
        platform.close()
    print(f"账号 {args.account} 的密码已改。")
    return OK
