"""``jiban outbox``: what waits at this seat, onto a USB stick, without a window."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.clock import Clock, PlatformTime, SystemClock

if TYPE_CHECKING:
    from desktop_app.services.seat import Seat
    from local_store.store import Store


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``jiban outbox`` to the command line."""
    outbox = commands.add_parser("outbox", help="待传的记录：没有网时导出到 U 盘")
    outbox.add_argument("--profile", type=Path, default=argparse.SUPPRESS, help="哪个文件夹")
    verbs = outbox.add_subparsers(dest="verb", required=True, metavar="做什么")
    export = verbs.add_parser("export", help="导出登录人的待传记录和照片（先关掉即办台）")
    export.add_argument("file", type=Path, help="写到哪里：U 盘上的文件或文件夹")
    take = verbs.add_parser("take", help="收下中心写在 U 盘上的回执（先关掉即办台）")
    take.add_argument("file", type=Path, help="回执文件（…-回执.jiban）")


def run(args: argparse.Namespace, profile: Path, clock: Clock | None = None) -> int:
    """Export, or take the answer in. Returns the exit status: 0 done, 1 not done and said why."""
    from desktop_app.domain.refusals import Refusal
    from desktop_app.services.outbox_export import StickFailed
    from desktop_app.store_cli import opened_key
    from local_store.errors import StoreError
    from local_store.store import Store
    from sync.protocol.stick import StickError

    time = clock or SystemClock()
    if not (profile / "store.db").exists():
        print("本席还没有数据。")
        return 1
    try:
        store = Store.open(profile, opened_key(profile, time).value)
        try:
            return (_take if args.verb == "take" else _export)(store, args.file, time)
        finally:
            store.close()
    except (StoreError, StickFailed, StickError) as error:
        print(f"{error.title}{error.advice}")
    except Refusal as refusal:
        print(refusal)
    return 1


def _seat(store: Store, clock: Clock) -> Seat | None:
    """Return the seat of who is signed in, None when nobody is."""
    from desktop_app.services.seat import Seat
    from sync.client.identity import load_anchor, load_credentials

    signed = load_credentials(store)
    if signed is None:
        print("现在没有人登录。请打开即办台，由记录的本人登录后再办。")
        return None
    return Seat(store, PlatformTime(clock, load_anchor(store)), signed.person_id)


def _export(store: Store, target: Path, clock: Clock) -> int:
    from desktop_app.services.outbox_export import export, file_name, told_in_words

    seat = _seat(store, clock)
    if seat is None:
        return 1
    done = export(seat, target / file_name(seat) if target.is_dir() else target)
    print(f"{done.path}：{told_in_words(done)}")
    return 0


def _take(store: Store, file: Path, clock: Clock) -> int:
    from desktop_app.services.outbox_reply import take_reply, taken_in_words

    seat = _seat(store, clock)
    if seat is None:
        return 1
    print("".join(taken_in_words(take_reply(seat, file))))
    return 0
