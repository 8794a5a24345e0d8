"""Serving the platform, and the townships it serves."""

from __future__ import annotations

import argparse
import ipaddress
import ssl
from pathlib import Path

from desktop_app.platform_cli import operating
from desktop_app.platform_cli.common import (
    OK,
    REFUSED,
    UNREADABLE,
    Verbs,
    fail,
    open_platform,
    opened,
    township_verb,
    verb,
)


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    serve = verb(verbs, "serve", "开平台服务", _serve)
    serve.add_argument("--host", default="127.0.0.1", help="监听地址，默认只限本机")
    serve.add_argument("--port", type=int, default=8765, help="端口，默认 8765")
    serve.add_argument("--speed", type=float, help="演示：中心时间走多快（默认 1）")
    serve.add_argument("--files", type=Path, help="附件放哪儿，默认在数据库旁边")
    operating.add_options(serve)
    serve.add_argument("--cert", type=Path, help="TLS 证书（PEM，含中间证书）")
    serve.add_argument("--key", type=Path, help="证书的私钥（PEM）；与证书同一文件时不用写")
    serve.add_argument(
        "--behind-proxy", nargs="?", const="127.0.0.1", default="", metavar="地址",
        help="由反向代理负责加密；写代理的地址，默认 127.0.0.1",
    )  # fmt: skip
    sample = township_verb(verbs, "sample", "建样例乡镇：人员、账号和各环节的工单", _sample)
    sample.add_argument("--policy", default="pinggu", help="时限政策，pinggu 或 xining")
    sample.add_argument("--orders", type=int, default=60, help="样例工单件数")
    sample.add_argument(
        "--hash", choices=("sha256", "sm3"), default="sha256", help="留痕链用哪种摘要，定了不再改"
    )
    verb(verbs, "townships", "列出这个平台上的乡镇", _townships)


def _serve(args: argparse.Namespace) -> int:
    from sync.platform.logs import close_log, open_log
    from sync.platform.server import Certificate, serve

    if args.speed is not None and not 0.1 <= args.speed <= 5000:
        return fail("--speed 请在 0.1 到 5000 之间。", UNREADABLE)
    operation = operating.chosen(args)
    refused = operation if isinstance(operation, str) else _why_not_served(args)
    if refused or isinstance(operation, str):
        return fail(refused, UNREADABLE)
    platform = open_platform(args, args.speed)
    handler = open_log(as_json=args.log == "json")
    try:
        if not platform.townships():
            print(
                "还没有设立中心。用 jiban platform center 文件 设立；只想看看，用 jiban platform sample 建样例乡镇。"
            )
        certificate = Certificate(args.cert, args.key) if args.cert else None
        proxy = args.behind_proxy
        serve(platform, args.host, args.port, args.files, _announce, certificate, proxy, operation)
    except ssl.SSLError as error:
        why = f"（{error.reason}）" if error.reason else ""
        return fail(f"证书或私钥用不了{why}。请核对 --cert 和 --key。", UNREADABLE)
    except OSError as error:
        which = f"--port（{args.port}）" + (" 或 --metrics" if args.metrics else "")
        return fail(f"端口开不了（{error.strerror}）。请换一个 {which}。", UNREADABLE)
    except KeyboardInterrupt:
        pass
    finally:
        close_log(handler)
        platform.close()
    print("平台服务已停。")
    return OK


def _why_not_served(args: argparse.Namespace) -> str:
    """Return why these options do not go together, "" when they do."""
    from sync.client.address import is_loopback

    if not 0 <= args.port < 65536:
        return f"没有 {args.port} 这个端口。--port 请在 0 到 65535 之间。"
    if args.behind_proxy and not _are_addresses(args.behind_proxy):
        return f"--behind-proxy 要写代理的 IP 地址，如 10.0.0.5；写的是 {args.behind_proxy}。"
    if args.key and not args.cert:
        return "有私钥没有证书。请加上 --cert。"
    for path in (args.cert, args.key):
        if path is not None and not path.is_file():
            return f"没有这个文件：{path}。请核对 --cert 和 --key。"
    if not is_loopback(args.host) and not args.cert and not args.behind_proxy:
        return (
            "对外开放必须加密：请用 --cert 和 --key 给出证书；"
            "由反向代理加密的，用 --behind-proxy 写明代理的地址。"
        )
    return ""


def _are_addresses(text: str) -> bool:
    try:
        return all(ipaddress.ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        return False


def _announce(address: str) -> None:
    print(f"平台服务地址：{address}（按 Ctrl+C 停止）", flush=True)


def _sample(args: argparse.Namespace) -> int:
    from resources.sample.township import SAMPLE_PASSWORD
    from sync.platform.digests import Algorithm
    from sync.platform.sample import load_sample

    with opened(args, make=True) as platform:
        known = platform.townships()
        if args.township in known or (args.township is None and known):
            return fail(
                "这个数据库已有中心，没有改动。要样例请换一个 --database，或另写一个 --township。",
                REFUSED,
            )
        try:
            here = load_sample(
                platform, args.policy, args.orders, args.township, Algorithm(args.hash)
            )
        except FileNotFoundError:
            return fail(f"没有“{args.policy}”这份时限政策。可选 pinggu、xining。", UNREADABLE)
        center, orders = platform.center(here), platform.order_count(township=here)
        print(f"已建：{center.name}，样例工单 {orders} 件。")
        print(f"各账号密码都是 {SAMPLE_PASSWORD}。账号见 jiban platform user list。")
        return OK


def _townships(args: argparse.Namespace) -> int:
    with opened(args) as platform:
        known = platform.townships()
    for township, name in known.items():
        print(f"{township}  {name}")
    print(f"共 {len(known)} 个乡镇。")
    return OK
