"""What the settings page tells about this seat, and what ``--version`` says."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.services.seat import Seat
    from local_store.store import Store


@dataclass(frozen=True, slots=True)
class About:
    """Lines (label, value) and the quiet hours of the policy ("22:00", "06:30"), empty without one."""

    version: str
    lines: tuple[tuple[str, str], ...] = ()
    quiet: tuple[str, str] = ("", "")


def program_version() -> str:
    """The version of the installed program."""
    try:
        return version("jiban-desk")
    except PackageNotFoundError:
        return "开发版"


def about(store: Store, seat: Seat | None) -> About:
    """Tell about this seat."""
    from PySide6.QtCore import qVersion

    lines = [
        ("程序", f"即办台 {program_version()}"),
        ("运行环境", f"Python {platform.python_version()} · Qt {qVersion()}"),
        ("本机编号", str(store.device_id)),
        ("数据目录", str(store.profile)),
    ]
    if seat is None:
        return About(program_version(), tuple(lines))
    center = seat.center
    lines += [
        ("中心", center.name),
        ("本席", f"{seat.person.title} {seat.person.name}"),
        ("政策", f"{center.policy.title}（{center.policy.version}）"),
    ]
    rule = center.policy.alerts
    return About(program_version(), tuple(lines), (rule.quiet_from, rule.quiet_to))
