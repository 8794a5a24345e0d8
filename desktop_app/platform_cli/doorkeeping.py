"""Who signed in, at which computers; ending the sessions of one that was lost."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desktop_app.platform_cli.common import OK, REFUSED, Verbs, fail, opened, township_verb

if TYPE_CHECKING:
    from sync.platform.logins import Login


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    logins = township_verb(verbs, "logins", "登录记录：谁、何时、从哪里、成没成", _logins)
    logins.add_argument("--account", default="", help="只看这个账号")
    logins.add_argument(
        "--last", type=int, default=100, metavar="条数", help="最近多少条，默认 100"
    )
    logins.add_argument("--unknown", action="store_true", help="看用不存在的账号登录的")
    township_verb(verbs, "devices", "列出登录过的电脑", _devices)
    revoke = township_verb(
        verbs, "revoke-device", "停用一台电脑的登录（丢失、换人）；它没传的记录都还在", _revoke
    )
    revoke.add_argument("device", help="电脑编号，见 devices")


def _logins(args: argparse.Namespace) -> int:
    from sync.platform.oversight import Oversight

    last = max(1, min(args.last, 10_000))
    with opened(args) as platform:
        oversight = Oversight(platform, args.township)
        found = oversight.strangers(last) if args.unknown else oversight.logins(last, args.account)
    for login in found:
        print(_line(login))
    print(f"共 {len(found)} 条，新的在前。")
    return OK


def _line(login: Login) -> str:
    from sync.platform.logins import TITLES

    when = login.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    where = f"{login.device_name or '未报名称'}（{login.device_id}）  {login.address or '—'}"
    return f"{when}  {login.account}  {TITLES[login.outcome]}  {where}"


def _devices(args: argparse.Namespace) -> int:
    from sync.platform.oversight import Oversight

    with opened(args) as platform:
        found = Oversight(platform, args.township).devices()
    for device in found:
        seen = device.seen_at.astimezone().strftime("%Y-%m-%d %H:%M")
        stands = "登录着" if device.signed_in else "已退出或停用"
        print(
            f"{device.device_id}  {device.name or '未报名称'}  {device.account}  {stands}  {seen}"
        )
    print(f"共 {len(found)} 台。")
    return OK


def _revoke(args: argparse.Namespace) -> int:
    from sync.platform.oversight import Oversight

    with opened(args) as platform:
        ended = Oversight(platform, args.township).revoke_device(args.device)
    if not ended:
        return fail(f"编号 {args.device} 的电脑现在没有登录。", REFUSED)
    print(f"已停用，{ended} 个登录即刻失效。那台电脑上没传的记录都还在，重新登录后接着传。")
    return OK
