"""Reading the chain back: names what was changed, removed or put in behind the platform's back.

Nothing is written. Memory grows with the number of orders, not with that of the acts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, select

from desktop_app.domain.acts import ACT_TITLES, ActKind
from desktop_app.domain.ids import CENTER
from desktop_app.domain.orders import Order, Outcome
from sync.platform import order_store
from sync.platform.chain import ACT_FIELDS, START, What, act_record, entry_hash
from sync.platform.digests import Algorithm, Digest, digest_of
from sync.platform.security_tables import chain, chain_heads, file_claims
from sync.platform.tables import acts, center, file_orders, order_holders, orders
from sync.protocol.codec import decode_act, decode_order
from sync.protocol.witness import parse_mark

PART = 500
_ANY_ROW = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry that somebody noted earlier, elsewhere."""

    number: int
    hash: bytes


@dataclass(slots=True)
class Verified:
    """How a township's chain stands: its head, and in Chinese what does not fit."""

    algorithm: Algorithm
    number: int
    hash: bytes
    findings: list[str] = field(default_factory=list)

    @property
    def head(self) -> str:
        """What to note elsewhere, as ``--head`` takes it."""
        return f"{self.number}:{self.hash.hex()}"


def verify(db: Connection, township: str, noted: Iterable[Mark] = ()) -> Verified:
    """Look at everything. ``db`` must see one state of the database throughout."""
    head = db.execute(select(chain_heads).where(chain_heads.c.township == township)).one_or_none()
    if head is None:
        return Verified(Algorithm.SHA256, 0, START, ["这个乡镇没有留痕链，无法核对。"])
    known = head.algorithm in set(Algorithm)
    found = Verified(
        Algorithm(head.algorithm) if known else Algorithm.SHA256, head.number, _stored(head.hash)
    )
    if not known:
        found.findings.append(f"链头记的摘要算法被改动：{head.algorithm}。下面按 SHA-256 核对。")
    check = _Check(db, township, digest_of(found.algorithm), found.findings)
    check.entries(found, {mark.number: mark.hash for mark in noted})
    check.acts_without_entry()
    check.rejections_put_away()
    check.orders()
    check.center()
    return found


@dataclass(slots=True)
class _Check:
    db: Connection
    township: str
    digest: Digest
    findings: list[str]
    states: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Subject → number and digest of the last state the platform wrote."""

    # --- the chain itself -------------------------------------------------------------------------

    def entries(self, head: Verified, noted: Mapping[int, bytes]) -> None:
        """Follow the chain from its first entry; compare each act with its entry."""
        good = 0
        before, last = START, 0
        for part in self._parts():
            rows = self._acts_of(part)
            for entry in part:
                self._follow(entry, before, last)
                if not isinstance(entry.number, int):
                    continue
                before, last = _stored(entry.hash), entry.number
                if noted.get(last, before) != before:
                    since = f"第 {good + 1} 条起" if good else "这一条或之前的"
                    self.findings.append(f"第 {last} 条与抄存的不符：{since}被整段改写过。")
                elif last in noted:
                    good = last
                if entry.state:
                    self.states[entry.subject] = (entry.number, _stored(entry.state))
                if entry.what == What.ACT:
                    self._compare(entry, rows.get(entry.ref))
        if (last, before) != (head.number, head.hash):
            self.findings.append(f"链尾对不上：记的是第 {head.number} 条，读到第 {last} 条为止。")
        newest = max(noted, default=0)
        if newest > last:
            self.findings.append(f"抄存到第 {newest} 条，现在只有 {last} 条：后面的被截去了。")

    def _parts(self) -> Iterator[Sequence[_ANY_ROW]]:
        after = -(2**62)
        here = select(chain).where(chain.c.township == self.township).order_by(chain.c.number)
        while part := self.db.execute(here.where(chain.c.number > after).limit(PART)).all():
            yield part
            after = part[-1].number

    def _follow(self, entry: _ANY_ROW, before: bytes, last: int) -> None:
        if not isinstance(entry.number, int):
            self.findings.append(f"一条留痕的条号被改动：{_named(entry)}。")
            return
        if entry.number != last + 1:
            gone = (
                f"{last + 1}" if entry.number == last + 2 else f"{last + 1} 至 {entry.number - 1}"
            )
            self.findings.append(f"第 {gone} 条留痕不见了。")
            return  # what the entry stood on is gone: its hash cannot be followed
        named = (entry.what, entry.ref, entry.subject)
        record, state = _stored(entry.record), _stored(entry.state)
        made = entry_hash(self.digest, before, entry.number, named, record, state)
        if made != _stored(entry.hash):
            self.findings.append(f"第 {entry.number} 条留痕被改动或换过：{_named(entry)}。")

    def _acts_of(self, part: Sequence[_ANY_ROW]) -> dict[str, Mapping[str, Any]]:
        ids = [entry.ref for entry in part if entry.what == What.ACT]
        columns = [acts.c[name] for name in ACT_FIELDS]
        found = select(*columns, acts.c.body).where(
            acts.c.township == self.township, acts.c.act_id.in_(ids)
        )
        return {row["act_id"]: dict(row) for row in self.db.execute(found).mappings()}

    def _compare(self, entry: _ANY_ROW, row: Mapping[str, Any] | None) -> None:
        if row is None:
            self.findings.append(f"第 {entry.number} 条留痕所记的记录不见了：{_named(entry)}。")
            return
        body = hashlib.sha256(_stored(row["body"])).hexdigest() == row["digest"]
        if not body or self.digest(act_record(row)) != _stored(entry.record):
            self.findings.append(f"记录被改动，与第 {entry.number} 条留痕不符：{_told(row)}。")

    # --- what lies beside it ----------------------------------------------------------------------

    def acts_without_entry(self) -> None:
        """Records that were put in, and entries that claim the same record twice."""
        entered = select(chain.c.ref).where(
            chain.c.township == self.township, chain.c.what == What.ACT.value
        )
        put_in = select(*(acts.c[name] for name in ACT_FIELDS)).where(
            acts.c.township == self.township, acts.c.act_id.not_in(entered)
        )
        for row in self.db.execute(put_in.order_by(acts.c.act_id)).mappings():
            self.findings.append(f"这条记录没有留痕，不是平台收下的：{_told(dict(row))}。")

    def rejections_put_away(self) -> None:
        """Refused records marked as dealt with although nobody set them aside."""
        here = and_(acts.c.township == self.township, acts.c.outcome == Outcome.REJECTED.value)
        aside = select(acts.c.body).where(
            acts.c.township == self.township,
            acts.c.kind == ActKind.SET_ASIDE.value,
            acts.c.outcome != Outcome.REJECTED.value,
        )
        settled = {_put_away_by(body) for body in self.db.execute(aside).scalars()}
        hidden = select(*(acts.c[name] for name in ACT_FIELDS)).where(here, acts.c.resolved)
        for row in self.db.execute(hidden.order_by(acts.c.act_id)).mappings():
            if row["act_id"] not in settled:
                self.findings.append(f"未采用的记录被人藏起，没有人处理过：{_told(dict(row))}。")

    def orders(self) -> None:
        """Each order as it stands, and the columns that say who may see it."""
        after, here = "", orders.c.township == self.township
        left = {subject for subject in self.states if subject != CENTER}
        statement = select(orders).where(here).order_by(orders.c.id)
        while part := self.db.execute(statement.where(orders.c.id > after).limit(PART)).all():
            ids = [row.id for row in part]
            holders = self._pairs(order_holders, order_holders.c.person_id, ids)
            named = self._pairs(file_orders, file_orders.c.sha256, ids)
            for order_id, claimed in self._pairs(file_claims, file_claims.c.sha256, ids).items():
                named.setdefault(order_id, set()).update(claimed)
            for row in part:
                left.discard(row.id)
                self._order(row, holders.get(row.id, set()), named.get(row.id, set()))
            after = part[-1].id
        self.findings += [f"工单不见了：编号 {order_id}。" for order_id in sorted(left)]

    def _pairs(self, table: Any, column: Any, ids: Sequence[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        here = select(table.c.order_id, column).where(
            table.c.township == self.township, table.c.order_id.in_(ids)
        )
        for order_id, value in self.db.execute(here):
            found.setdefault(order_id, set()).add(value)
        return found

    def _order(self, row: _ANY_ROW, holders: set[str], files: set[str]) -> None:
        known = self.states.get(row.id)
        if known is None:
            self.findings.append(f"工单 {row.number} 没有留痕，不是平台派的。")
            return
        if self.digest(_stored(row.state)) != known[1]:
            self.findings.append(f"工单 {row.number} 的内容被改动，与第 {known[0]} 条留痕不符。")
            return
        order = decode_order(_stored(row.state))
        derived = {"id": order.id, "number": order.number, **order_store.order_values(order)}
        if any(getattr(row, name) != value for name, value in derived.items()):
            self.findings.append(f"工单 {row.number} 的检索栏或保密标记被改动，与内容不符。")
        if holders != set(order.past_handlers):
            self.findings.append(f"工单 {row.number} 谁能看被改动，与承办人不符。")
        if files != _files(order):
            self.findings.append(f"工单 {row.number} 的附件归属被改动，与办理经过不符。")

    def center(self) -> None:
        """The register: people, offices, rules."""
        state = select(center.c.state).where(center.c.township == self.township)
        found = self.db.execute(state).scalar()
        known = self.states.get(CENTER)
        if known is None or found is None:
            self.findings.append("中心名册没有留痕，或不见了。")
        elif self.digest(_stored(found)) != known[1]:
            self.findings.append(
                f"中心名册（人员、岗位、政策）被改动，与第 {known[0]} 条留痕不符。"
            )


def _stored(value: object) -> bytes:
    """Return the bytes of a column. SQLite keeps what it is given: text there is somebody else's."""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else _NOT_OURS


_NOT_OURS = b"not written by the platform"


def _put_away_by(body: object) -> object:
    """Return the id of the refused act that this one sets aside; None where it cannot be read."""
    try:
        return decode_act(_stored(body)).payload.get("act_id")
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _files(order: Order) -> set[str]:
    return {sha256 for entry in order.history for sha256 in entry.files}


def _named(entry: _ANY_ROW) -> str:
    what = {What.ACT: "记录", What.DISPATCH: "派单", What.CENTER: "中心名册"}.get(entry.what, "？")
    return f"{what} {entry.ref}，工单 {entry.subject}"


def _told(row: Mapping[str, Any]) -> str:
    try:
        title = ACT_TITLES[ActKind(row["kind"])]
    except ValueError:
        title = str(row["kind"])
    return f"{title}，{row['person_id']}，{str(row['received_at'])[:16]}，记录 {row['act_id']}，工单 {row['subject']}"


def mark_of(text: str) -> Mark:
    """Return what ``--head`` names, as ``verify`` printed it. Raises ``ValueError``."""
    return Mark(*parse_mark(text))
