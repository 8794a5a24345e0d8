"""``jiban demo``: the real program on an embedded platform with a sample township, on one machine.

The platform runs in this process; every seat is a program of its own with its own store, started
from the 「切换席位」 menu at the foot of the dispatcher's rail. Closing the dispatcher's window, Ctrl+C
in the terminal or the end of the terminal end the demonstration with all its seats; the next start
goes on where it stopped, also after a crash.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.platform.platform import Platform

ARRIVAL_SECONDS = 90.0
"""A new order comes about this often, in real seconds, while center time runs as the wall does."""

BUSY_SECONDS = 20.0
"""No more often than this however fast center time runs: somebody has to look at each."""

CENTER_SECONDS = 2 * 3600.0
"""In fast center time about one order in two hours, as in a township's day."""


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
    if not 0.1 <= args.speed <= 5000:
        print("--speed 请在 0.1 到 5000 之间。")
        return 2
    if args.orders and not args.orders.is_file():
        print(f"没有这个文件：{args.orders}")
        return 2
    folder: Path = args.dir or default_folder(args.policy)
    if not has_screen() and not args.orders:
        return _tour_instead(args)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"文件夹 {folder} 建不了（{error.strerror}）。请用 --dir 换一个。")
        return 2
    return _run_alone(args, folder)


def _run_alone(args: argparse.Namespace, folder: Path) -> int:
    """Run in ``folder`` unless a demonstration runs there already."""
    from desktop_app import demo_seats

    held = demo_seats.hold(folder)
    if held is None:
        demo_seats.raise_dispatcher(folder)
        print("这里的演示已经开着，派单员的窗口已叫到前面。另开一套请用 --dir 换个文件夹。")
        return 0
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    from sync.platform.problems import PlatformProblem

    try:
        return _run_here(args, folder)
    except KeyboardInterrupt:
        return 0
    except PlatformProblem as problem:
        print(f"{problem.title}{problem.detail}", file=sys.stderr)
        return 2
    finally:
        held.unlock()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """The terminal was closed, or the session ends: end as after Ctrl+C."""
    raise KeyboardInterrupt


def _run_here(args: argparse.Namespace, folder: Path) -> int:
    from desktop_app import demo_seats

    with served_platform(folder, args.policy, args.speed) as (platform, address):
        if args.orders and not dispatch_file(platform, args.orders):
            return 2
        if not has_screen():
            return _tour_instead(args)
        print(f"演示平台：{address}  数据：{folder}")
        print(
            "左下角「切换席位」打开书记、村、站所等席位。关掉派单员的窗口，演示就结束；再次运行会接着来。"
        )
        demo_seats.prepare_seats(folder, address)
        arrivals = Arrivals(platform, arrival_seconds(args.speed))
        arrivals.start()
        try:
            return demo_seats.run_dispatcher(folder)
        finally:
            arrivals.stop()


def arrival_seconds(speed: float) -> float:
    """How many real seconds lie between two new orders."""
    return min(ARRIVAL_SECONDS, max(BUSY_SECONDS, CENTER_SECONDS / speed))


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
        with _server_at_the_last_port(platform, folder) as address:
            yield platform, address
    finally:
        platform.close()


@contextmanager
def _server_at_the_last_port(platform: Platform, folder: Path) -> Iterator[str]:
    """Seats left open by a demonstration that was killed find the platform where it was. When the
    port is taken, those seats are closed: they would never hear of the new one.
    """
    from desktop_app import demo_seats
    from sync.platform.server import background_server

    with ExitStack() as stack:
        try:
            address = stack.enter_context(
                background_server(platform, port=demo_seats.last_port(folder))
            )
        except OSError:
            demo_seats.close_seats(folder)
            address = stack.enter_context(background_server(platform))
        demo_seats.keep_port(folder, int(address.rsplit(":", 1)[1]))
        yield address


def dispatch_file(platform: Platform, path: Path) -> bool:
    """Dispatch a file as ``jiban platform dispatch`` does: bad rows are named, good ones go.

    Returns False for a file of which nothing can be read.
    """
    from desktop_app.platform_cli import dispatch_path
    from desktop_app.platform_cli.common import UNREADABLE

    return dispatch_path(platform, path) != UNREADABLE


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
