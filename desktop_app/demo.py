"""``jiban demo``: the real program on an embedded platform with a sample township, on one machine.

The platform runs in this process; every seat is a program of its own with its own store, started
from the dispatcher's 「切换席位」 menu. Closing the dispatcher's window ends the demonstration; the
next start goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.platform.platform import Platform

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

ARRIVAL_SECONDS = 90.0
"""A new order comes about this often, in real seconds."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``jiban demo`` to the command line."""
    parser = subparsers.add_parser("demo", help="在本机演示：内置平台和样例乡镇，真实程序")
    parser.add_argument("--speed", type=float, default=1.0, help="中心时间走多快（如 600）")
    parser.add_argument("--orders", type=Path, help="另派发这个文件里的诉求（CSV、XLSX、JSONL）")
    parser.add_argument("--dir", type=Path, help="演示数据放哪儿")
    parser.add_argument("--policy", default="pinggu", choices=("pinggu", "xining"))
    parser.add_argument("--out", type=Path, help="没有屏幕时，图片放哪儿")


def run(args: argparse.Namespace) -> int:
    """Run the demonstration; without a screen, the tour. Returns the exit status."""
    if not has_screen():
        return _tour_instead(args)
    if not 0.1 <= args.speed <= 5000:
        print("--speed 请在 0.1 到 5000 之间。")
        return 2
    folder = args.dir or default_folder(args.policy)
    folder.mkdir(parents=True, exist_ok=True)
    with served_platform(folder, args.policy, args.speed) as (platform, address):
        if args.orders and not dispatch_file(platform, args.orders):
            return 2
        print(f"演示平台：{address}  数据：{folder}")
        print("关掉派单员的窗口，演示就结束；再次运行会接着来。")
        prepare_seats(folder, address)
        arrivals = Arrivals(platform)
        arrivals.start()
        try:
            return _dispatcher(folder)
        except KeyboardInterrupt:
            return 0
        finally:
            arrivals.stop()


def has_screen() -> bool:
    """Whether a window can be shown here."""
    if os.environ.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal"):
        return False
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _tour_instead(args: argparse.Namespace) -> int:
    from desktop_app import tour

    out = args.out or Path("build/tour")
    print(f"这台机器没有屏幕，改为在后台走一遍全程，图片放在 {out.resolve()}。")
    return tour.run(argparse.Namespace(out=out))


def default_folder(policy: str) -> Path:
    """Where the demonstration keeps its data between runs."""
    from platformdirs import user_data_path

    return user_data_path("jiban-desk", appauthor=False) / f"demo-{policy}"


@contextmanager
def served_platform(folder: Path, policy: str, speed: float) -> Iterator[tuple[Platform, str]]:
    """Serve the embedded platform on a free loopback port; the sample township is made once."""
    from desktop_app.domain.clock import SystemClock
    from sync.platform.platform import Platform
    from sync.platform.sample import load_sample

    clock = SystemClock()
    url = f"sqlite:///{folder / 'platform.db'}"
    platform = Platform(url, clock, wall=clock, speed=speed)
    try:
        if not platform.hello().center:
            print("正在建样例乡镇，稍候……")
            load_sample(platform, policy)
        with background_server(platform) as address:
            yield platform, address
    finally:
        platform.close()


@contextmanager
def background_server(platform: Platform) -> Iterator[str]:
    """Serve ``platform`` on a free loopback port in a thread of this process; yields its address."""
    from sync.platform.server import PlatformServer

    server = PlatformServer(platform, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run_here, name="platform")
    thread.start()
    try:
        yield server.url
    finally:
        server.should_exit = True
        thread.join(timeout=15)


def dispatch_file(platform: Platform, path: Path) -> bool:
    """Dispatch a file as ``jiban platform dispatch`` does; bad rows are named, good ones go."""
    from desktop_app.platform_cli import dispatch_path

    return dispatch_path(platform, path) == 0


def prepare_seats(folder: Path, address: str) -> None:
    """Write each seat's settings: the address, its login, and the menu of the other seats."""
    from desktop_app.settings import DemoSeat, SettingsFile
    from resources.sample.township import SAMPLE_PASSWORD

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


def _profile(folder: Path, account: str) -> Path:
    return folder / "seats" / account


def seat_command(profile: Path) -> tuple[str, ...]:
    """Return the command that opens the seat of this profile."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--profile", str(profile))
    return (sys.executable, "-m", "desktop_app", "--profile", str(profile))


def _dispatcher(folder: Path) -> int:
    process = subprocess.Popen(seat_command(_profile(folder, SEATS[0][1])))
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=10)


class Arrivals(threading.Thread):
    """New orders keep coming, every one through the platform's ordinary door."""

    def __init__(self, platform: Platform, every: float = ARRIVAL_SECONDS) -> None:
        super().__init__(name="arrivals", daemon=True)
        self._platform = platform
        self._every = every
        self._stop_event = threading.Event()

    def run(self) -> None:
        from sync.platform.sample import next_arrival

        while not self._stop_event.wait(self._every):
            self._platform.dispatch([next_arrival(self._platform)])

    def stop(self) -> None:
        """Stop and wait for the last one to be dispatched."""
        self._stop_event.set()
        self.join(timeout=5)
