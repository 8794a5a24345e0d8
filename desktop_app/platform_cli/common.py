"""What the verbs of ``jiban platform`` share: options, exit statuses, the platform they work on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sync.platform.platform import Platform

OK, SOME_FAILED, UNREADABLE, REFUSED, NO_DATABASE = 0, 1, 2, 3, 4
"""Exit status: all done; some rows not dispatched; nothing to do it with; the rules said no; no store."""

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
"""What ``add_subparsers`` returns; argparse has no public name for it."""


def verb(
    verbs: Verbs,
    name: str,
    help_: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """Add a verb that works on the platform's database; ``run`` returns the exit status."""
    parser = verbs.add_parser(name, help=help_, description=help_)
    parser.add_argument("--database", metavar="URL", help="数据库地址，或 SQLite 文件路径")
    parser.set_defaults(platform_run=run)
    return parser


def township_verb(
    verbs: Verbs,
    name: str,
    help_: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """Add a verb that works on one township of it."""
    parser = verb(verbs, name, help_, run)
    parser.add_argument("--township", metavar="编号", help="哪个乡镇；只有一个乡镇时不用写")
    return parser


def fail(text: str, status: int) -> int:
    """Say why it did not work. Returns ``status``."""
    print(text, file=sys.stderr)
    return status


class NoDatabaseError(Exception):
    """There is no database where one was looked for; the message says where and what to do."""


def open_platform(args: argparse.Namespace, speed: float | None = None) -> Platform:
    """Return the platform that ``--database`` names, by default in the user's data folder."""
    from desktop_app.domain.clock import SystemClock
    from sync.platform.platform import Platform

    clock = SystemClock()
    return Platform(_named(args), clock, wall=clock, speed=speed)


def _named(args: argparse.Namespace) -> str:
    from platformdirs import user_data_path

    return args.database or str(user_data_path("jiban-desk", appauthor=False) / "platform.db")


@contextmanager
def opened(args: argparse.Namespace, *, make: bool = False) -> Iterator[Platform]:
    """Open the platform while the block runs; only with ``make`` one that is not there yet.

    Raises ``NoDatabaseError``: a mistyped path must not become an empty platform that is in order.
    """
    from sync.platform.database import file_of

    file = file_of(_named(args))
    if file is not None and not make and not file.exists():
        raise NoDatabaseError(
            f"{file} 没有数据库。请核对 --database；新建用 jiban platform center 或 sample。"
        )
    platform = open_platform(args)
    try:
        yield platform
    finally:
        platform.close()
