"""Dispatching: new orders from the sender's records, each once, with its earlier history linked."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, select

from desktop_app.domain.center import Center
from desktop_app.domain.ids import ActId, OrderId, uuid7
from desktop_app.domain.intake import Intake, new_order
from desktop_app.domain.orders import Order, OrderLink
from desktop_app.domain.refusals import Refusal
from sync.platform import store
from sync.platform.store import LinkKeys, link_keys
from sync.platform.tables import orders

MAX_TEXT, MAX_SHORT, MAX_NUMBER = 20_000, 500, 64
MAX_LINKS, LINKS_PER_WHY = 10, 4


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


def order_id_of(number: str) -> OrderId:
    """Return the id of the order with this number (RFC 9562 v8): the same again after a restore, so
    that acts which seats kept find their order.
    """
    digest = int.from_bytes(hashlib.sha256(f"jiban-order\0{number}".encode()).digest()[:16], "big")
    value = digest & ~(0xF << 76) | 0x8 << 76
    return OrderId(str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)))


def dispatch(
    db: Connection, center: Center, intakes: Sequence[Intake], at: datetime
) -> list[DispatchResult]:
    """Add what is new in one transaction. Never raises for one bad record."""
    known = store.known_numbers(db, (i.number for i in intakes if not why_not(i)))
    finder = LinkFinder(db)
    results: list[DispatchResult] = []
    new: list[Order] = []
    for intake in intakes:
        reason = why_not(intake)
        if not reason and intake.number in known:
            order_id = OrderId(known[intake.number])
            results.append(DispatchResult(intake.number, DispatchStatus.KNOWN, order_id))
            continue
        order = None if reason else _order(intake, center, at)
        if not isinstance(order, Order):
            why = reason or order or ""
            results.append(DispatchResult(intake.number, DispatchStatus.FAILED, reason=why))
            continue
        new.append(order)
        known[order.number] = order.id
        results.append(DispatchResult(order.number, DispatchStatus.NEW, order.id))
    store.insert_orders(db, finder.linked(new))
    return results


def _order(intake: Intake, center: Center, at: datetime) -> Order | str:
    """Return the order, or why there is none."""
    act_id = ActId(uuid7(int(at.timestamp() * 1000)))
    try:
        return new_order(intake, center, order_id_of(intake.number), act_id, at)
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


def _newest(column: Column[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(orders.c.id, orders.c.number, orders.c.title, orders.c.summary)
        .where(column == bindparam("value"))
        .order_by(orders.c.serial.desc())
        .limit(LINKS_PER_WHY)
    )


_NEWEST = {
    "person": _newest(orders.c.phone),
    "place": _newest(orders.c.place),
    "matter": _newest(orders.c.matter),
}


class LinkFinder:
    """Finds earlier orders of the same person, place or matter: in the store and in the batch."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._earlier: dict[str, list[Found]] = {}

    def linked(self, new: Sequence[Order]) -> list[Order]:
        """Return ``new`` with the links filled in where the sender gave none."""
        keys = [link_keys(order) for order in new]
        self._load(keys)
        linked = []
        for order, key in zip(new, keys, strict=True):
            linked.append(order if order.links else replace(order, links=self._links(key)))
            for why, value in _named(key):
                entry = Found(order.id, order.number, order.matter.title, store.summary(order))
                self._earlier.setdefault(f"{why}:{value}", []).append(entry)
        return linked

    def _load(self, keys: Sequence[LinkKeys]) -> None:
        """Look each key up once. Some are shared by thousands, so only the newest are read."""
        wanted = {pair for key in keys for pair in _named(key)}
        for why, value in sorted(wanted):
            rows = self._db.execute(_NEWEST[why], {"value": value}).all()
            found = [Found(row.id, row.number, row.title, row.summary) for row in reversed(rows)]
            if found:
                self._earlier[f"{why}:{value}"] = found

    def _links(self, key: LinkKeys) -> tuple[OrderLink, ...]:
        links: dict[str, OrderLink] = {}
        for why, value in _named(key):
            for found in self._earlier.get(f"{why}:{value}", [])[-LINKS_PER_WHY:][::-1]:
                link = OrderLink(found.id, found.number, why, found.title, found.outcome)
                links.setdefault(found.id, link)
        return tuple(links.values())[:MAX_LINKS]


@dataclass(frozen=True, slots=True)
class Found:
    """An earlier order, as much of it as a link shows."""

    id: OrderId
    number: str
    title: str
    outcome: str


def _named(key: LinkKeys) -> list[tuple[str, str]]:
    pairs = [("person", key.phone), ("place", key.place), ("matter", key.matter)]
    return [(why, value) for why, value in pairs if value]
