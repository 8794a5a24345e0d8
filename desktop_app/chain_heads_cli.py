"""``jiban chain-heads``: what this seat has noted of the township's chain, for ``jiban platform verify --heads``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.clock import Clock, SystemClock

if TYPE_CHECKING:
    from sync.client.witness import Kept


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``jiban chain-heads`` to the command line."""
    heads = commands.add_parser("chain-heads", help="导出本席记下的平台留痕凭据，供平台核对")
    heads.add_argument("--profile", type=Path, default=argparse.SUPPRESS, help="哪个文件夹")
    heads.add_argument("--out", type=Path, help="写到哪个文件；不写就印在屏幕上")


def run(args: argparse.Namespace, profile: Path, clock: Clock | None = None) -> int:
    """Print or write them; the window may be open. Returns 0, or 1 where it said why not."""
    from desktop_app.store_cli import opened_key
    from local_store.errors import StoreError
    from local_store.store import Store
    from sync.client import witness

    if not (profile / "store.db").exists():
        print("本席还没有数据。")
        return 1
    try:
        store = Store.reading(profile, opened_key(profile, clock or SystemClock()).value)
        try:
            kept = witness.load(store)
        finally:
            store.close()
    except StoreError as error:
        print(f"{error.title}{error.advice}")
        return 1
    if not kept.seen:
        print("本席还没有记下平台的留痕。连着平台开一会儿就有。")
        return 1
    if args.out is None:
        print(text_of(kept))
        return 0
    try:
        args.out.write_text(text_of(kept) + "\n", "utf-8")
    except OSError as error:
        print(f"写不进 {args.out}：{error.strerror}。请换一个文件夹。")
        return 1
    print(
        f"{len(kept.seen)} 条凭据已写到 {args.out}。平台上核对：jiban platform verify --heads 文件"
    )
    return 0


def text_of(kept: Kept) -> str:
    """Return a line per entry, first as ``--head`` takes it, then when it was noted."""
    return "\n".join(f"{seen.number}:{seen.hash}  {seen.at:%Y-%m-%d %H:%M}Z" for seen in kept.seen)
