"""Who signed in, at which computers; keeping a lost one out, and letting it in again."""

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
        verbs,
        "revoke-device",
        "停用一台电脑（丢失、换人），密码对也进不来；没传的记录都还在",
        _revoke,
    )
    revoke.add_argument("device", help="电脑编号，见 devices")
    allow = township_verb(
        verbs, "allow-device", "恢复停用的电脑；也用于资料重装后平台不认的电脑", _allow
    )
    allow.add_argument("device", help="电脑编号，见 devices，或那台电脑的窗口上")


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
        stands = "登录着" if device.signed_in else "已退出"
        stands = "已停用" if device.blocked else stands
        print(
            f"{device.device_id}  {device.name or '未报名称'}  {device.account}  {stands}  {seen}"
        )
    print(f"共 {len(found)} 台。")
    return OK


def _revoke(args: argparse.Namespace) -> int:
    from sync.platform.oversight import Oversight

    with opened(args) as platform:
        revoked = Oversight(platform, args.township).revoke_device(args.device)
    if revoked is None:
        return fail(f"没有人在编号 {args.device} 的电脑上登录过，或已经停用。", REFUSED)
    print(
        f"已停用，{revoked.ended} 个登录即刻失效，密码对也进不来。"
        "那台电脑上没传的记录都还在；找回后用 allow-device 恢复。"
    )
    if revoked.accounts:
        print(
            f"在它上面登录过的账号：{'、'.join(revoked.accounts)}。密码可能也丢了的，"
            "请再用 user password 改密码：知道密码的人换一台电脑还能登录。"
        )
    return OK


def _allow(args: argparse.Namespace) -> int:
    from sync.platform.oversight import Oversight

    with opened(args) as platform:
        if not Oversight(platform, args.township).allow_device(args.device):
            return fail(f"编号 {args.device} 的电脑没有停用。", REFUSED)
    print("已恢复。请那台电脑的使用人用本人密码登录，没传的记录接着传。")
    return OK
