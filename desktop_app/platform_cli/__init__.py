"""``jiban platform …``: serving the central platform, dispatching files, its people, its own acts.

Each module here adds one group of verbs and runs them.
"""

from __future__ import annotations

import argparse
import logging

from desktop_app.platform_cli import (
    centers,
    doorkeeping,
    gateway,
    orders,
    people,
    proof,
    serving,
    sticks,
    upkeep,
)
from desktop_app.platform_cli.common import NO_DATABASE, REFUSED, NoDatabaseError, Verbs, fail
from desktop_app.platform_cli.orders import dispatch_path

__all__ = ["add_parser", "dispatch_path", "run"]

_GROUPS = (
    serving.add,
    centers.add,
    orders.add,
    people.add,
    doorkeeping.add,
    proof.add,
    gateway.add,
    sticks.add,
    upkeep.add,
)


def add_parser(subparsers: Verbs) -> None:
    """Add ``jiban platform`` and its verbs to the command line."""
    parser = subparsers.add_parser("platform", help="中心平台：开服务、派单、人员、回访")
    verbs = parser.add_subparsers(dest="platform_verb", required=True, metavar="动作")
    for add in _GROUPS:
        add(verbs)


def run(args: argparse.Namespace) -> int:
    """Run the chosen verb. Returns the exit status."""
    from sync.platform.database import StorageFailed
    from sync.platform.problems import PlatformProblem

    try:
        status: int = args.platform_run(args)
    except PlatformProblem as problem:
        return fail(f"{problem.title}{problem.detail}", REFUSED)
    except NoDatabaseError as error:
        return fail(str(error), NO_DATABASE)
    except StorageFailed as error:
        logging.getLogger("jiban.platform").debug("database", exc_info=True)
        first = str(getattr(error, "orig", error)).splitlines()[0]
        return fail(f"数据库打不开或存不了。请核对 --database 和磁盘空间。（{first}）", NO_DATABASE)
    except OSError as error:
        return fail(
            f"数据库所在的文件夹打不开。请核对 --database。（{error.strerror}）", NO_DATABASE
        )
    return status
