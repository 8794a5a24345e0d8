"""People and their accounts."""

from __future__ import annotations

import argparse
import getpass
import sys
from dataclasses import replace

from desktop_app.domain.center import Person
from desktop_app.domain.ids import PersonId, UnitId
from desktop_app.domain.roles import Role
from desktop_app.platform_cli.common import (
    OK,
    REFUSED,
    UNREADABLE,
    Verbs,
    fail,
    opened,
    township_verb,
    verb,
)


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    user = verbs.add_parser("user", help="人员和账号")
    actions = user.add_subparsers(dest="user_verb", required=True, metavar="动作")
    add = township_verb(actions, "add", "加账号；人员册上没有这个人时一并加上", _user_add)
    add.add_argument("account", help="账号")
    add.add_argument("--person", help="人员编号，默认同账号")
    add.add_argument("--name", help="姓名（新人员）")
    add.add_argument("--role", help="岗位（新人员）：dispatcher secretary leader village station …")
    add.add_argument("--title", help="职务（新人员）")
    add.add_argument("--unit", help="单位编号（村、站所）")
    add.add_argument("--head", action="store_true", help="中心负责人")
    _password_option(add)
    township_verb(actions, "list", "列出账号", _user_list)
    for name, help_ in (("disable", "停用账号"), ("enable", "恢复账号")):
        switch = verb(actions, name, help_, _user_switch)
        switch.add_argument("account", help="账号")
        switch.set_defaults(active=name == "enable")
    password = verb(actions, "password", "改密码；原来的登录全部失效", _user_password)
    password.add_argument("account", help="账号")
    _password_option(password)


def _password_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="从标准输入读密码（不然在屏幕上问）"
    )


def _read_password(args: argparse.Namespace) -> str:
    """Return the password from standard input or asked for; "" when it is too short."""
    stdin = args.password_stdin
    password = sys.stdin.readline().rstrip("\n") if stdin else getpass.getpass("密码：")
    return password if len(password) >= 6 else ""


def _user_add(args: argparse.Namespace) -> int:
    with opened(args) as platform:
        center = platform.center(args.township)
        person_id = args.person or args.account
        if center.person(person_id) is None:
            added = _new_person(args, person_id)
            if isinstance(added, str):
                return fail(added, UNREADABLE)
            center = replace(center, people=(*center.people, added))
        password = _read_password(args)
        if not password:
            return fail("密码至少 6 位。", UNREADABLE)
        platform.setup_center(center, [(args.account, password, person_id)], township=args.township)
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
    with opened(args) as platform:
        center = platform.center(args.township)
        accounts = platform.accounts(args.township)
    for row in accounts:
        person = center.person(row.person_id)
        who = f"{person.name}  {person.title}" if person else "（人员册上没有）"
        print(f"{row.account}  {who}  {'在用' if row.active else '已停用'}")
    print(f"共 {len(accounts)} 个账号。")
    return OK


def _user_switch(args: argparse.Namespace) -> int:
    with opened(args) as platform:
        if not platform.switch_account(args.account, active=args.active):
            return fail(f"没有 {args.account} 这个账号。", REFUSED)
    print(f"账号 {args.account} 已{'恢复' if args.active else '停用，登录全部失效'}。")
    return OK


def _user_password(args: argparse.Namespace) -> int:
    password = _read_password(args)
    if not password:
        return fail("密码至少 6 位。", UNREADABLE)
    with opened(args) as platform:
        if not platform.change_password(args.account, password):
            return fail(f"没有 {args.account} 这个账号。", REFUSED)
    print(f"账号 {args.account} 的密码已改。")
    return OK
