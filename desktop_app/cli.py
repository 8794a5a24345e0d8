"""The command line ``jiban``: the client, the demonstration, the tour, the platform, the doctor.

Heavy imports are inside the branches: ``jiban --version`` and the window's first paint do not pay for them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_COMMANDS = frozenset({"demo", "tour", "platform", "doctor", "store", "outbox", "chain-heads"})
_NO_SCREEN = """这台机器现在没有屏幕可用，窗口开不了。可以这样：
  · 在桌面里打开终端再启动，或用 ssh -X 登录；
  · 只想看看各个画面：jiban tour --out 图片文件夹
  · 检查这台机器：jiban doctor"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status; 0 is fine, 2 is a wrong call."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not any(word in _COMMANDS or word in ("-h", "--help", "--version") for word in given):
        # The client's own start does not build the table of the other commands.
        return _client(_client_parser().parse_args(given))
    args = _parser().parse_args(given)
    if args.version:
        return _version()
    if args.command is None:
        return _client(args)
    handlers = {
        "demo": _demo,
        "tour": _tour,
        "platform": _platform,
        "doctor": _doctor,
        "store": _store,
        "outbox": _outbox,
        "chain-heads": _chain_heads,
    }
    return handlers[args.command](args)


def _client_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jiban", description="即办台：接诉即办工单客户端")
    parser.add_argument("--profile", type=Path, help="本席资料放在哪个文件夹（默认按系统习惯）")
    parser.add_argument(
        "--ca-file", help="内网平台的根证书文件；记住，以后只认它。给空的（''）则恢复系统证书"
    )
    parser.add_argument("--control", default="", help=argparse.SUPPRESS)
    return parser


def _parser() -> argparse.ArgumentParser:
    """The whole table of commands."""
    from desktop_app import chain_heads_cli, demo, outbox_cli, platform_cli, store_cli

    parser = _client_parser()
    parser.add_argument("--version", action="store_true", help="版本")
    commands = parser.add_subparsers(dest="command", metavar="命令")
    demo.add_parser(commands)
    tour = commands.add_parser("tour", help="不用屏幕，用真实程序走一遍全程并截图")
    tour.add_argument("--out", type=Path, default=Path("build/tour"), help="图片放在哪个文件夹")
    platform_cli.add_parser(commands)
    doctor = commands.add_parser("doctor", help="检查这台机器和本席资料，说清哪里不对、怎么办")
    doctor.add_argument("--probe-qt", action="store_true", help=argparse.SUPPRESS)
    doctor.add_argument("--profile", type=Path, default=argparse.SUPPRESS, help="检查哪个文件夹")
    doctor.add_argument("--unlock", action="store_true", help="问本机口令，锁着的数据也查")
    store_cli.add_parser(commands)
    outbox_cli.add_parser(commands)
    chain_heads_cli.add_parser(commands)
    return parser


def default_profile() -> Path:
    """Where a seat keeps everything unless told otherwise."""
    from platformdirs import user_data_path

    return user_data_path("jiban-desk", appauthor=False) / "seat"


def _profile(args: argparse.Namespace) -> Path:
    chosen: Path | None = args.profile
    return chosen if chosen is not None else default_profile()


def has_screen() -> bool:
    """Whether Qt would find something to draw on, instead of aborting."""
    if os.environ.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _client(args: argparse.Namespace) -> int:
    if not has_screen():
        print(_NO_SCREEN, file=sys.stderr)
        return 1
    if args.ca_file is not None and not _trust(_profile(args), args.ca_file):
        return 2
    from desktop_app import app

    return app.run(_profile(args), args.control)


def _trust(profile: Path, ca_file: str) -> bool:
    """Keep the authority in ``ca_file`` in the settings. False: it is none, which was said."""
    from desktop_app.settings import SettingsFile
    from sync.client.authority import read_authority
    from sync.client.failures import Failure

    found = read_authority(Path(ca_file)) if ca_file else None
    if isinstance(found, Failure):
        print(f"{found.problem.title}：{ca_file}\n{found.problem.advice}", file=sys.stderr)
        return False
    SettingsFile(profile).change(authority=found.pem if found else "")
    return True


def _version() -> int:
    from desktop_app.about import program_version

    print(f"即办台 {program_version()}")
    return 0


def _demo(args: argparse.Namespace) -> int:
    from desktop_app import demo

    return demo.run(args)


def _tour(args: argparse.Namespace) -> int:
    from desktop_app import tour

    return tour.run(args)


def _platform(args: argparse.Namespace) -> int:
    from desktop_app import platform_cli

    return platform_cli.run(args)


def _doctor(args: argparse.Namespace) -> int:
    if args.probe_qt:  # the doctor's own child, in a frozen program
        from desktop_app.checks import qt_probe

        return qt_probe.main()
    from desktop_app import doctor

    return doctor.run(_profile(args), unlock=args.unlock)


def _outbox(args: argparse.Namespace) -> int:
    from desktop_app import outbox_cli

    return outbox_cli.run(args, _profile(args))


def _chain_heads(args: argparse.Namespace) -> int:
    from desktop_app import chain_heads_cli

    return chain_heads_cli.run(args, _profile(args))


def _store(args: argparse.Namespace) -> int:
    from desktop_app import store_cli

    return store_cli.run(args, _profile(args))
