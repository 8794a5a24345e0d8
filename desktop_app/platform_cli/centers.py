"""Setting a township's center up from a file, and changing it."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from desktop_app.domain.center import Center
from desktop_app.domain.center_file import CenterFile, CenterFileError, load_center
from desktop_app.domain.ids import PersonId
from desktop_app.domain.policy import Policy
from desktop_app.domain.policy_file import PolicyError, load_policy
from desktop_app.platform_cli.common import OK, UNREADABLE, Verbs, fail, opened, township_verb

MAX_FILE = 4 * 1024 * 1024
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are read for one another


def add(verbs: Verbs) -> None:
    """Add the verb of this group."""
    center = township_verb(
        verbs, "center", "按文件设立乡镇的中心，或更新人员、单位、主管目录、班次", _center
    )
    center.add_argument("file", type=Path, help="TOML 文件，写法同样例乡镇 township.toml")
    center.add_argument(
        "--policy",
        help="时限政策：pinggu、xining 或政策文件；已有的中心不写就不变，新的默认 pinggu",
    )
    center.add_argument(
        "--hash", choices=("sha256", "sm3"), default="sha256", help="留痕链用哪种摘要，定了不再改"
    )


def _center(args: argparse.Namespace) -> int:
    from sync.platform.digests import Algorithm

    with opened(args, make=True) as platform:
        known = platform.townships()
        exists = args.township in known or (args.township is None and bool(known))
        before = platform.center(args.township) if exists else None
        try:
            file = load_center(_read(args.file), _policy(args.policy, before))
        except (CenterFileError, PolicyError) as error:
            return fail(f"没有改动。{error}", UNREADABLE)
        here = args.township or (next(iter(known)) if known else None)
        taken = {row.account for row in platform.accounts(here)} if before else set()
        logins = [
            (account, "".join(secrets.choice(_LETTERS) for _ in range(10)), person)
            for account, person in file.accounts.items()
            if account not in taken
        ]
        center = file.center if before is None else _following(before, file.center)
        platform.setup_center(center, logins, township=here, algorithm=Algorithm(args.hash))
    _say(file, before, logins)
    return OK


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE:
            raise CenterFileError("文件太大（最多 4 MB）。")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise CenterFileError(f"文件 {path} 读不了。请核对路径，并存成 UTF-8。") from None


def _policy(named: str | None, before: Center | None) -> Policy:
    """Return the rules that are meant. Raises ``CenterFileError`` or ``PolicyError``."""
    from resources import names, read_text

    if named is None and before is not None:
        return before.policy
    wanted = named or "pinggu"
    shipped = f"policies/{wanted}.toml"
    if shipped in names("policies", ".toml"):
        return load_policy(read_text(shipped))
    return load_policy(_read(Path(wanted)))


def _following(before: Center, after: Center) -> Center:
    """Return ``after`` with what the file does not say: authorisations, and who left office.

    Nobody is struck off the register: who is not in the file any more is out of office.
    """
    office = {person.id: person.active for person in before.people}
    people = [replace(p, active=office.get(p.id, True)) for p in after.people]
    listed = {person.id for person in people}
    people += [replace(p, active=False) for p in before.people if p.id not in listed]
    shifts = after.shifts or before.shifts
    return replace(
        after, people=tuple(people), shifts=shifts, delegations=before.delegations, rev=before.rev
    )


def _say(
    file: CenterFile, before: Center | None, logins: Sequence[tuple[str, str, PersonId]]
) -> None:
    center = file.center
    print(f"{'已更新' if before else '已设立'}：{center.name}，{len(center.people)} 人。")
    people = {person.id: person for person in center.people}
    for account, password, person_id in logins:
        person = people[person_id]
        print(f"{account}  {person.name}  {person.title}  初始密码 {password}")
    if logins:
        print("初始密码只显示这一次，请当面交给本人。改密码：jiban platform user password。")
