"""``jiban doctor``: explains what is wrong with this machine or store, and what to do about it.

Exit status: 0 fine, 1 warnings, 2 broken. It reads only, prints no personal data, and works where
nothing of Qt's libraries is installed and where no profile exists yet.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from desktop_app.asking import ask_passphrase
from desktop_app.checks import folder, line, qt, seat, years
from desktop_app.checks.result import Check, Level
from desktop_app.domain.clock import Clock, SystemClock

_SUMMARY = {
    Level.FINE: "都好，可以照常办。",
    Level.WARN: "能用，有 {n} 处要留意。",
    Level.BROKEN: "有 {n} 处不对，请照上面的话办；办不了就把这一页发给管理员。",
}


def run(profile: Path, clock: Clock | None = None, *, unlock: bool = False) -> int:
    """Look at everything and print what was found. Returns the exit status.

    ``unlock``: ask for the passphrase of a locked store (on the terminal, else the first input line).
    """
    _speak_anyway()
    found: list[Check] = []
    print(_title(), flush=True)
    for title, checks in _parts(profile, clock or SystemClock(), unlock=unlock):
        print(f"\n{title}")
        for check in checks:
            print("\n".join(check.lines()), flush=True)
        found += checks
    level, words = verdict(found)
    print(f"\n{words}")
    return int(level)


def verdict(checks: Sequence[Check]) -> tuple[Level, str]:
    """The worst level, and the sentence the page ends with."""
    level = max(check.level for check in checks)
    return level, _SUMMARY[level].format(n=sum(check.level is level for check in checks))


def _title() -> str:
    import platform

    from desktop_app.about import program_version

    return f"即办台 {program_version()}  Python {platform.python_version()}  {platform.system()}"


def _parts(
    profile: Path, clock: Clock, *, unlock: bool = False
) -> Iterable[tuple[str, list[Check]]]:
    """Each part is printed before the next is looked at: a slow platform holds nothing back."""
    yield "界面", qt.check()
    yield "数据目录", folder.check(profile)
    found = seat.check(profile, clock.now(), ask_passphrase if unlock else None)
    yield "本机数据", found.found
    at, authority = address(profile, found)
    yield "平台", line.check(at, authority=authority, clock=clock)
    policy = found.policy
    if policy is not None:
        yield "工作日历", years.check(policy, clock.now())


def address(profile: Path, found: seat.Seat) -> tuple[str, str]:
    """Where the platform is and who vouches for it: as signed in, else as it was last typed."""
    from desktop_app.settings import SettingsFile

    if found.credentials is not None:
        return found.credentials.address, found.credentials.authority
    now = SettingsFile(profile).now
    return now.address, now.authority


def _speak_anyway() -> None:
    """A console that has no ✓ in its code page must not end the doctor."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
