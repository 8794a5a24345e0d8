"""How a serving process is run beside others: its port, its end, its figures, its log."""

from __future__ import annotations

import argparse
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.platform.server import Operation


def add_options(serve: argparse.ArgumentParser) -> None:
    """Add the options to ``jiban platform serve``."""
    serve.add_argument(
        "--share-port", action="store_true", help="同一台机器上几个进程共用这个端口（Linux）"
    )
    serve.add_argument(
        "--drain", type=float, default=0.0, metavar="秒", help="收到停止信号后再接待多少秒，默认 0"
    )
    serve.add_argument(
        "--metrics", metavar="地址", help="另开一个端口给 Prometheus，如 127.0.0.1:9464"
    )
    serve.add_argument("--log", choices=("text", "json"), default="text", help="日志的样子")


def chosen(args: argparse.Namespace) -> Operation | str:
    """Return what was chosen, or why it cannot be."""
    from sync.platform.server import Operation

    metrics = _address(args.metrics) if args.metrics else None
    if args.metrics and metrics is None:
        return "--metrics 要带端口，如 127.0.0.1:9464。"
    if args.share_port and not hasattr(socket, "SO_REUSEPORT"):
        return "这个系统不能几个进程共用一个端口（--share-port）。"
    if not 0 <= args.drain <= 300:
        return "--drain 请在 0 到 300 秒之间。"
    return Operation(args.share_port, args.drain, metrics)


def _address(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    usable = bool(host) and port.isascii() and port.isdecimal() and int(port) < 65536
    return (host.strip("[]"), int(port)) if usable else None
