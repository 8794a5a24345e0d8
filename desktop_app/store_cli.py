"""``jiban store``: backups of a seat's data, going back to one, and its passphrase, without a window."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.asking import ask_passphrase
from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.clock import Clock, SystemClock

if TYPE_CHECKING:
    from local_store.backups import Backup
    from local_store.keys import StoreKey

MB = 1 << 20


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``jiban store`` to the command line."""
    store = commands.add_parser("store", help="本机数据：看备份、退回备份、改口令")
    store.add_argument("--profile", type=Path, default=argparse.SUPPRESS, help="哪个文件夹")
    verbs = store.add_subparsers(dest="verb", required=True, metavar="做什么")
    verbs.add_parser("backups", help="列出备份")
    verbs.add_parser("back-up", help="现在做一份备份（先关掉即办台）")
    restore = verbs.add_parser("restore", help="退回一份备份；之后记的、没上传的都留着")
    restore.add_argument("name", help="备份的名字，如 store-20261120T034000Z.db")
    verbs.add_parser("passphrase", help="设或改本机口令")


def run(args: argparse.Namespace, profile: Path, clock: Clock | None = None) -> int:
    """Run one verb. Returns the exit status: 0 done, 1 not done and said why."""
    from local_store.errors import StoreError

    verbs: dict[str, Callable[[], int]] = {
        "backups": lambda: _list(profile),
        "back-up": lambda: _back_up(profile, clock or SystemClock()),
        "restore": lambda: _restore(profile, args.name, clock or SystemClock()),
        "passphrase": lambda: _passphrase(profile, clock or SystemClock()),
    }
    try:
        return verbs[args.verb]()
    except StoreError as error:
        print(f"{error.title}{error.advice}")
        return 1


def _line(backup: Backup) -> str:
    made = backup.made_at.astimezone(SHANGHAI)
    return f"{backup.path.name}  {made:%Y-%m-%d %H:%M}  {backup.size / MB:.1f} MB"


def _list(profile: Path) -> int:
    from local_store.backups import backups

    found = backups(profile)
    print("\n".join(map(_line, found)) or "还没有备份。程序开着时每天自动做一份，留 7 份。")
    return 0


def opened_key(profile: Path, clock: Clock) -> StoreKey:
    """Return the store's key, asking for the passphrase where one is set. Raises ``StoreError``."""
    from local_store import keys

    try:
        return keys.load_or_create(profile)
    except keys.PassphraseNeeded as needed:
        if needed.new:
            raise
        return keys.unlock(profile, ask_passphrase(), clock.now())


def _back_up(profile: Path, clock: Clock) -> int:
    from local_store.store import Store

    if not (profile / "store.db").exists():
        print("本席还没有数据。")
        return 1
    store = Store.open(profile, opened_key(profile, clock).value)
    try:
        print("做好了：" + _line(store.back_up(clock.now())))
    finally:
        store.close()
    return 0


def _restore(profile: Path, name: str, clock: Clock) -> int:
    from local_store.backups import backups
    from local_store.recovery import restore

    chosen = next((b for b in backups(profile) if b.path.name == name), None)
    if chosen is None:
        print(f"没有这份备份：{name}。用 jiban store backups 看有哪些。")
        return 1
    report = restore(profile, opened_key(profile, clock).value, chosen)
    where = f"；原来的数据在 {report.aside}" if report.aside else ""
    print(f"已退回 {name}{where}。没上传的记录 {report.acts} 条都在，打开后联网补齐其余。")
    return 0


def _passphrase(profile: Path, clock: Clock) -> int:
    from local_store import keys
    from local_store.passphrase import why_weak

    if not (profile / "store.db").exists():
        print("本席还没有数据；第一次打开即办台时设。")
        return 1
    key = opened_key(profile, clock)
    first = ask_passphrase("新口令（不显示）：")
    weak = why_weak(first)
    if weak:
        print(weak)
        return 1
    if ask_passphrase("再输一遍：") != first:
        print("两遍不一样，没有改。")
        return 1
    keys.set_passphrase(profile, first, key)
    print("口令已设好，下次打开时用。")
    return 0
