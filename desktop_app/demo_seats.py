"""The seats of a demonstration as programs: their profiles, their start, their end.

A demonstration may be killed. Its seats then stay open, offline; the next one comes back at the
same address and takes them over.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLockFile

from desktop_app.settings import DemoSeat, SettingsFile
from desktop_app.single_instance import SingleInstance
from resources.sample.township import SAMPLE_PASSWORD

SEATS = (
    ("派单员 周女士", "zhou"),
    ("派单员 孙先生（乙班）", "sun"),
    ("乡党委书记", "shuji"),
    ("分管农业领导", "ldn"),
    ("分管村镇建设领导", "ldc"),
    ("魏家湾村书记", "wjw"),
    ("北土门村书记", "btm"),
    ("东沟村书记", "dg"),
    ("供水站", "gs"),
    ("督查", "ducha"),
)
"""Label and account of the seats that the menu offers; the first opens by itself."""

_PORT = "port"
_END_SECONDS = 10.0
_LOOK_SECONDS = 1.0


def hold(folder: Path) -> QLockFile | None:
    """Take a demonstration's folder for this process; None: one is already running there."""
    lock = QLockFile(str(folder / "demo.lock"))
    lock.setStaleLockTime(0)
    return lock if lock.tryLock(0) else None


def last_port(folder: Path) -> int:
    """The port of the last time here, 0 for none."""
    with suppress(OSError, ValueError):
        port = int((folder / _PORT).read_text(encoding="ascii"))
        return port if 0 < port < 65536 else 0
    return 0


def keep_port(folder: Path, port: int) -> None:
    """Come back at this port the next time."""
    (folder / _PORT).write_text(str(port), encoding="ascii")


def prepare_seats(folder: Path, address: str) -> None:
    """Write each seat's settings: the address, its login, and the menu of the other seats."""
    seats = tuple(
        DemoSeat(label, str(_profile(folder, account)), seat_command(_profile(folder, account)))
        for label, account in SEATS
    )
    for _label, account in SEATS:
        profile = _profile(folder, account)
        profile.mkdir(parents=True, exist_ok=True)
        settings = SettingsFile(profile)
        settings.change(
            address=address, account=account, demo_seats=seats, demo_password=SAMPLE_PASSWORD
        )


def seat_command(profile: Path) -> tuple[str, ...]:
    """Return the command that opens the seat of this profile."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--profile", str(profile))
    return (sys.executable, "-m", "desktop_app", "--profile", str(profile))


def run_dispatcher(folder: Path) -> int:
    """Open the first seat, or raise the one left behind; returns its status when it is closed."""
    process = subprocess.Popen(seat_command(_first(folder)), **_apart())
    try:
        status = process.wait()
        while status == 0 and is_open(_first(folder)):
            time.sleep(_LOOK_SECONDS)
        return status
    finally:
        close_seats(folder)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_END_SECONDS)
        if process.poll() is None:
            process.terminate()


def raise_dispatcher(folder: Path) -> None:
    """Bring the first seat's window of the demonstration that is running to the front."""
    _application()
    SingleInstance(_first(folder)).ask_to_raise()


def close_seats(folder: Path) -> None:
    """Ask every open seat to end as if its window were closed, and wait until they have."""
    _application()
    asked = [
        profile
        for _label, account in SEATS
        if SingleInstance(profile := _profile(folder, account)).ask_to_quit()
    ]
    until = time.monotonic() + _END_SECONDS
    while any(is_open(profile) for profile in asked) and time.monotonic() < until:
        time.sleep(0.1)


def is_open(profile: Path) -> bool:
    """Whether a seat is open on this profile."""
    _application()
    return SingleInstance(profile).is_taken()


def _profile(folder: Path, account: str) -> Path:
    return folder / "seats" / account


def _first(folder: Path) -> Path:
    return _profile(folder, SEATS[0][1])


def _application() -> None:
    """Local sockets want one; it is never run."""
    if QCoreApplication.instance() is None:
        QCoreApplication(sys.argv[:1])


def _apart() -> dict[str, Any]:
    """Ctrl+C in the terminal is for the demonstration: the seat is then asked to close properly."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
