"""The gateway to the city's 12345 system: running it, seeing what it does, what people decide."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.platform_cli.common import (
    OK,
    REFUSED,
    SOME_FAILED,
    UNREADABLE,
    Verbs,
    fail,
    opened,
    township_verb,
)

if TYPE_CHECKING:
    from sync.platform.gateway.courier import Parcel
    from sync.platform.gateway.gateway import Gateway
    from sync.platform.gateway.settings import Settings
    from sync.platform.gateway.tally import Tally

SHOWN = 50
Work = Callable[[argparse.Namespace], int]


def add(verbs: Verbs) -> None:
    """Add the verbs of this group."""
    gateway = verbs.add_parser("gateway", help="与市 12345 系统对接：收工单、报结果")
    actions = gateway.add_subparsers(dest="gateway_verb", required=True, metavar="动作")
    for name, help_, run in (
        ("prepare", "建好交换文件夹（用表格对接时）", _prepare),
        ("run", "一直对接，按 Ctrl+C 停", _run),
        ("once", "对接一轮就停；表格不等凑批，马上写出", _once),
        ("status", "看对接情况和等人处理的事", _status),
        ("confirm", "确认批次已上传，或某个结果对方已收到", _confirm),
        ("resend", "重发没有送达的结果；已送达的要加 --again（补发）", _resend),
        ("aside", "处理过的来件问题不再列出", _aside),
    ):
        action = township_verb(actions, name, help_, _worded(run))
        action.add_argument("--config", type=Path, required=True, help="对接配置文件（TOML）")
        if name in ("confirm", "resend"):
            action.add_argument("what", help="批次号，或结果编号（JB-…）")
        if name == "resend":
            action.add_argument(
                "--again", action="store_true", help="对方已收到也再发一次，标明补发"
            )
        if name == "aside":
            action.add_argument("what", nargs="*", help="问题编号；不写就是全部")


@contextmanager
def _gateway(args: argparse.Namespace, *, lasting: bool = False) -> Iterator[Gateway]:
    """Open the gateway that the file describes. Raises ``SettingsError``."""
    from sync.platform.gateway.desk import Desk
    from sync.platform.gateway.gateway import Gateway
    from sync.platform.gateway.settings import kinds_of, port_of, since_of, terms_of

    settings = _settings(args)
    with opened(args) as platform:
        desk = Desk(platform, args.township or settings.township or None)
        terms = terms_of(settings)
        if not lasting:
            terms = replace(terms, gather=timedelta())
        port = port_of(settings, desk, args.config.parent)
        holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        since, kinds = since_of(settings), kinds_of(settings)
        yield Gateway(desk, port, terms, holder, patient=lasting, since=since, kinds=kinds)


def _settings(args: argparse.Namespace) -> Settings:
    from sync.platform.gateway.settings import read_settings

    return read_settings(args.config)


def _worded(work: Work) -> Work:
    """Turn what is wrong with the settings or the port into words and an exit status."""

    def run(args: argparse.Namespace) -> int:
        from sync.platform.gateway.port import PortError
        from sync.platform.gateway.settings import SettingsError

        try:
            return work(args)
        except (SettingsError, PortError) as error:
            return fail(str(error), UNREADABLE)

    return run


def _prepare(args: argparse.Namespace) -> int:
    from sync.platform.gateway.desk import Desk
    from sync.platform.gateway.settings import folder_of

    settings = _settings(args)
    with opened(args) as platform:
        desk = Desk(platform, args.township or settings.township or None)
        folder = folder_of(settings, desk, args.config.parent)
        folder.prepare()
    print(f"交换文件夹已建好：{folder.root}。来件放 in，结果在 out，上传后移到 sent。")
    return OK


def _once(args: argparse.Namespace) -> int:
    from sync.platform.gateway.lease import LeaseHeld

    _logging()
    with _gateway(args) as gateway:
        try:
            tally = gateway.round()
        except LeaseHeld as held:
            return fail(f"另一个网关进程（{held}）正在办，这次没有办。", REFUSED)
        finally:
            gateway.close()
    print(_told(tally))
    return SOME_FAILED if tally.problems or tally.for_people else OK


def _run(args: argparse.Namespace) -> int:
    from sync.platform.gateway.loop import run

    def tell(what: Tally | str) -> None:
        print(what if isinstance(what, str) else _told(what), flush=True)

    _logging()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with _gateway(args, lasting=True) as gateway:
        print(f"网关已开：{gateway.port.title}（按 Ctrl+C 停止）", flush=True)
        run(gateway, _settings(args).every_seconds, stop, tell)
    print("网关已停。")
    return OK


def _logging() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")


def _told(tally: Tally) -> str:
    came = (
        f"来件：新收 {tally.taken} 条，已有 {tally.known} 条，"
        f"等待 {tally.waiting} 条，读不了 {tally.refused} 条。"
    )
    went = (
        f"结果：新增 {tally.prepared} 件，送出 {tally.sent} 件，查到已在对方 {tally.found} 件，"
        f"待查 {tally.unsure} 件，等人处理 {tally.for_people} 件。"
    )
    return "\n".join((came, went, *tally.problems))


def _status(args: argparse.Namespace) -> int:
    with _gateway(args) as gateway:
        tasks = list(_task_lines(gateway))
        lines = [*_state_lines(gateway), *tasks, *_record_lines(gateway, waiting=True)]
    print("\n".join(lines))
    return SOME_FAILED if tasks else OK


def _state_lines(gateway: Gateway) -> Iterator[str]:
    from sync.platform.gateway.courier import STATE_TITLES

    ledger = gateway.ledger
    yield f"{gateway.port.title}，乡镇 {gateway.desk.township}"
    round_at, problem = ledger.note("round_at"), ledger.note("problem")
    yield f"上一轮：{_time(round_at) if round_at else '还没有'}"
    if problem:
        yield f"上一轮的问题：{problem}"
    counts = ledger.counts()
    said = [f"{title} {counts[state]}" for state, title in STATE_TITLES.items() if state in counts]
    yield f"结果：{'，'.join(said) or '还没有'}"


def _task_lines(gateway: Gateway) -> Iterator[str]:
    """Yield what waits for a person."""
    from sync.platform.gateway.courier import FOR_PEOPLE, STATE_TITLES

    ledger = gateway.ledger
    for state in FOR_PEOPLE:
        for parcel in ledger.in_state(state, SHOWN):
            yield f"{STATE_TITLES[state]}：{_parcel_line(parcel)}"
    for parcel in ledger.stuck(SHOWN):
        yield f"试了 {parcel.failures} 次还没送出，仍在试：{_parcel_line(parcel)}"
    for parcel in ledger.doubled(SHOWN):
        yield f"对方有 {parcel.copies} 份：{_parcel_line(parcel)}"
    if gateway.port.confirms:
        for name, (count, since) in ledger.unconfirmed_deliveries().items():
            yield f"批次 {name}（{count} 件，{_time(since)}）还没确认上传。"
    yield from _record_lines(gateway, waiting=False)


def _record_lines(gateway: Gateway, *, waiting: bool) -> Iterator[str]:
    """Yield the records that wait for the rules, or those that a person has to see."""
    from sync.platform.gateway.rows import RecordState

    state = RecordState.WAITING if waiting else RecordState.REFUSED
    title = "来件等待" if waiting else "来件没有收"
    for record in gateway.ledger.kept_records(state, SHOWN):
        yield f"{title} {record.key[:8]}：{record.number} {record.reason}".rstrip()


def _parcel_line(parcel: Parcel) -> str:
    from sync.platform.gateway.port import RESULT_TITLES

    what = RESULT_TITLES[parcel.result.kind]
    return f"{parcel.reference} 工单 {parcel.result.number} {what} {parcel.reason}".rstrip()


def _time(text: str) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%m-%d %H:%M") if text else ""


def _confirm(args: argparse.Namespace) -> int:
    with _gateway(args) as gateway:
        if not _is_batch(args.what):
            done = gateway.decisions.confirm_arrival(args.what)
            return _said(f"{args.what} 已记为送达。" if done else "", "没有这个等人定的结果。")
        name = f"{int(args.what):06d}"
        gateway.port.confirm(name)
        count = gateway.decisions.confirm_delivery(name)
    return _said(f"批次 {name} 已确认，{count} 件。", "")


def _resend(args: argparse.Namespace) -> int:
    with _gateway(args) as gateway:
        work = gateway.decisions.reissue if args.again else gateway.decisions.resend
        done = [reference for reference in _references(gateway, args.what) if work(reference)]
    how = "补发" if args.again else "重发"
    why = "没有要重发的。已送达的要再发，请加 --again；正在查的请等查完。"
    return _said(f"{how} {len(done)} 件，下一轮送出。" if done else "", why)


def _references(gateway: Gateway, what: str) -> Sequence[str]:
    if not _is_batch(what):
        return [what]
    return [parcel.reference for parcel in gateway.ledger.of_delivery(f"{int(what):06d}")]


def _is_batch(what: str) -> bool:
    return what.isascii() and what.isdigit() and len(what) <= 6


def _said(done: str, why_not: str) -> int:
    """Say what was done, or why nothing was."""
    if not done:
        return fail(why_not, REFUSED)
    print(done)
    return OK


def _aside(args: argparse.Namespace) -> int:
    from sync.platform.gateway.rows import RecordState

    with _gateway(args) as gateway:
        states = (RecordState.REFUSED, RecordState.WAITING)
        listed = [r.key for state in states for r in gateway.ledger.kept_records(state, 100_000)]
        named = [k for k in listed if any(len(w) >= 6 and k.startswith(w) for w in args.what)]
        count = sum(gateway.ledger.set_aside(key) for key in (named if args.what else listed))
    done = count or not args.what
    return _said(f"已放到一边 {count} 条。" if done else "", "没有这样的问题编号。")
