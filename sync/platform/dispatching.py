"""Dispatching: new orders from the sender's records, each once, with its earlier history linked."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from desktop_app.domain.center import Center
from desktop_app.domain.ids import ActId, OrderId, uuid7
from desktop_app.domain.intake import Intake, new_order
from desktop_app.domain.orders import Order
from desktop_app.domain.refusals import Refusal
from sync.platform import chain, order_store
from sync.platform.links import LinkFinder

MAX_TEXT, MAX_SHORT, MAX_NUMBER = 20_000, 500, 64


class DispatchStatus(StrEnum):
    """What became of one record."""

    NEW = "new"  # 已派
    KNOWN = "known"  # 已有
    FAILED = "failed"  # 未派


@dataclass(frozen=True, slots=True)
class DispatchResult:
    """``reason`` says in Chinese why a record was not dispatched."""

    number: str
    status: DispatchStatus
    order_id: OrderId | None = None
    reason: str = ""


def order_id_of(township: str, number: str) -> OrderId:
    """Return the id of the township's order with this number (RFC 9562 v8): the same again after a
    restore, so that acts which seats kept find their order; another one in another township.
    """
    named = f"jiban-order\0{township}\0{number}".encode()
    digest = int.from_bytes(hashlib.sha256(named).digest()[:16], "big")
    value = digest & ~(0xF << 76) | 0x8 << 76
    return OrderId(str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)))


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of the records. ``new`` goes into the memory once the transaction is committed."""

    results: list[DispatchResult]
    new: list[tuple[Order, int]]


def dispatch(
    db: Connection, township: str, center: Center, intakes: Sequence[Intake], at: datetime
) -> Dispatched:
    """Add what is new in one transaction. Never raises for one bad record."""
    known = order_store.known_numbers(db, township, (i.number for i in intakes if not why_not(i)))
    finder = LinkFinder(db, township)
    results: list[DispatchResult] = []
    new: list[Order] = []
    for intake in intakes:
        reason = why_not(intake)
        if not reason and intake.number in known:
            order_id = OrderId(known[intake.number])
            results.append(DispatchResult(intake.number, DispatchStatus.KNOWN, order_id))
            continue
        order = None if reason else _order(township, intake, center, at)
        if not isinstance(order, Order):
            why = reason or order or ""
            results.append(DispatchResult(intake.number, DispatchStatus.FAILED, reason=why))
            continue
        new.append(order)
        known[order.number] = order.id
        results.append(DispatchResult(order.number, DispatchStatus.NEW, order.id))
    dispatched = finder.linked(new)
    written = order_store.insert_orders(db, township, dispatched)
    chain.extend(db, township, [_link(order, state) for order, _, state in written])
    return Dispatched(results, [(order, position) for order, position, _ in written])


def _link(order: Order, state: bytes) -> chain.Link:
    return chain.Link(chain.What.DISPATCH, order.id, order.id, order.number.encode(), state)


def _order(township: str, intake: Intake, center: Center, at: datetime) -> Order | str:
    """Return the order, or why there is none."""
    act_id = ActId(uuid7(int(at.timestamp() * 1000)))
    try:
        order_id = order_id_of(township, intake.number)
        return new_order(intake, center, order_id, act_id, at)
    except KeyError:
        return f"没有“{intake.tier}”这个紧急程度，请核对。"
    except Refusal as refusal:
        return str(refusal)


def why_not(intake: Intake) -> str:
    """Return "" when the record can be taken, else why not."""
    if not intake.number.strip():
        return "没有工单编号。"
    if len(intake.number) > MAX_NUMBER or not intake.number.isprintable():
        return f"工单编号太长或有不可见字符（最多 {MAX_NUMBER} 个字）。"
    if not intake.matter.title.strip() and not intake.matter.text.strip():
        return "标题和内容都是空的。"
    if len(intake.matter.text) > MAX_TEXT:
        return f"内容太长（最多 {MAX_TEXT} 字）。"
    short = (
        intake.matter.title, intake.channel, intake.petitioner.name, intake.petitioner.phone,
        intake.petitioner.address, intake.place.village, intake.place.address,
    )  # fmt: skip
    if any(len(text) > MAX_SHORT for text in short):
        return f"有一栏太长（最多 {MAX_SHORT} 字）。"
    if any("\ud800" <= c <= "\udfff" for c in "".join((*short, intake.matter.text))):
        return "有读不出来的字。"
    if intake.called_at.tzinfo is None:
        return "来电时间没有时区。"
    return ""
