"""Lists: the rowids of a whole result in order, pages of rows, and how many each view holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from desktop_app.domain.center import Person
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.masking import mask_text
from desktop_app.domain.roles import CENTER_ROLES
from local_store import packs, search
from local_store.columns import BIT, STAGE_RANK
from local_store.heads import Head, HeadClock, read_head
from local_store.rows import (
    ClockRow,
    ListQuery,
    NodeRow,
    OrderRow,
    SavedView,
    SortKey,
    SyncState,
)
from local_store.times import to_us
from local_store.tx import Tx
from sync.protocol import codec

_SHARE = "CAST(cur_safe - :now AS REAL) / max(cur_safe - cur_start, 1)"
_URGENCY = f"paused * 1e30 + {_SHARE}, cur_safe"
_URGENCY_THEN_CLOSED = (
    f"open = 0, CASE open WHEN 1 THEN paused * 1e30 + {_SHARE} ELSE -dispatched_at END, cur_safe"
)
_CLOSED = "orders INDEXED BY orders_closed"
"""Sorted already, and holds all that the filters ask about."""
_PLAIN = {
    SortKey.NUMBER: "number",
    SortKey.TITLE: "title",
    SortKey.TIER: "tier_rank",
    SortKey.VILLAGE: "village_key",
    SortKey.STAGE: "stage",
    SortKey.HOLDER: "holder",
    SortKey.DUE: "open = 0, cur_safe",
    SortKey.DISPATCHED: "dispatched_at",
}
_WHOSE_ALL = (SavedView.ALL, SavedView.OPEN, SavedView.CONFLICT)
"""Views that show a handler all that is or was theirs; the others only what is assigned to them."""
SIGNING = (SavedView.TO_SIGN, SavedView.SIGNED, SavedView.RETURNED)
"""Views that show the secretary's deputy the orders of the whole center."""
_EVER_MINE = (
    f"(instr(people, :me) > 0 OR EXISTS (SELECT 1 FROM orders o{packs.JOIN},"  # noqa: S608
    f" json_each(CAST({packs.SHOWN} AS TEXT), '$.past_handlers') h"
    " WHERE o.id = orders.id AND h.value = :person))"
)
"""What a deputy was sent stays in the file; it is the deputy's only while the authorisation holds."""

Where = tuple[list[str], dict[str, object]]


def order_ids(
    tx: Tx, query: ListQuery, now: datetime, person: Person, *, deputy: bool = False
) -> list[int]:
    """Return the rowids of the whole result, sorted. ``deputy``: may sign for the secretary now."""
    clauses, params = _where(query, now, person, deputy=deputy)
    if query.sort is not SortKey.URGENCY:
        ids = _ids(tx, "orders", clauses, params, f"{_PLAIN[query.sort]}, id")
    elif query.view is SavedView.CONFLICT or (query.view is SavedView.ALL and query.text.strip()):
        ids = _ids(tx, "orders", clauses, params, _URGENCY_THEN_CLOSED)
    else:
        ids = _ids(tx, _open_source(query), [*clauses, "open = 1"], params, _URGENCY)
        if query.view is SavedView.ALL:
            ids += _ids(tx, _CLOSED, [*clauses, "open = 0"], params, "dispatched_at DESC")
    if query.descending:
        ids.reverse()
    return ids


def _open_source(query: ListQuery) -> str:
    """Let the whole of a view come from its covering index; a narrower condition picks its own."""
    filtered = query.tiers or query.villages or query.stages
    if query.text.strip() or (query.view is SavedView.ALL and filtered):
        return "orders"
    return "orders INDEXED BY orders_work"


def _ids(
    tx: Tx, source: str, clauses: list[str], params: dict[str, object], order: str
) -> list[int]:
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    sql = f"SELECT id FROM {source}{where} ORDER BY {order}"  # noqa: S608 - values are parameters
    return tx.numbers(sql, params)


def _where(query: ListQuery, now: datetime, person: Person, *, deputy: bool) -> Where:
    clauses, params = _view(query.view, now, person, deputy=deputy)
    _among(clauses, params, "tier", query.tiers)
    _among(clauses, params, "village_id", query.villages)
    _among(clauses, params, "stage", tuple(STAGE_RANK[s] for s in query.stages))
    if query.person is not None:
        clauses.append("instr(people, :handler) > 0")
        params["handler"] = f",{query.person},"
    if query.dispatched_from is not None:
        clauses.append("dispatched_at >= :since")
        params["since"] = to_us(query.dispatched_from)
    if query.dispatched_until is not None:
        clauses.append("dispatched_at < :until")
        params["until"] = to_us(query.dispatched_until)
    if query.text.strip():
        found, values = search.condition(query.text)
        for n, value in enumerate(values):
            found = found.replace("?", f":t{n}", 1)
            params[f"t{n}"] = value
        clauses.append(found)
    return clauses, params


def _among(
    clauses: list[str], params: dict[str, object], column: str, values: Sequence[object]
) -> None:
    if values:
        names = [f"{column}{n}" for n in range(len(values))]
        clauses.append(f"{column} IN ({', '.join(f':{name}' for name in names)})")
        params.update(zip(names, values, strict=True))


def _view(view: SavedView, now: datetime, person: Person, *, deputy: bool) -> Where:
    clauses: list[str] = []
    params: dict[str, object] = {"now": to_us(now), "me": f",{person.id},", "person": person.id}
    handler = person.role not in CENTER_ROLES
    if view is not SavedView.ALL:
        clauses.append("conflicts > 0" if view is SavedView.CONFLICT else "open = 1")
    if handler and view in _WHOSE_ALL:
        clauses.append(_EVER_MINE)
    elif view is SavedView.MINE or (handler and not (deputy and view in SIGNING)):
        column = "unaccepted" if view is SavedView.TO_ACCEPT else "people"
        clauses.append(f"instr({column}, :me) > 0")
    if view is SavedView.OVERDUE:
        clauses.append("paused = 0 AND cur_safe < :now")
    elif view is SavedView.NEAR:
        clauses.append("paused = 0 AND near_at <= :now AND cur_safe >= :now")
    elif view in BIT and not (handler and view is SavedView.TO_ACCEPT):
        clauses.append(f"views & {BIT[view]}")
    return clauses, params


_COUNT = (
    "SELECT views, count(*), sum(paused = 0 AND cur_safe < :now),"
    " sum(paused = 0 AND near_at <= :now AND cur_safe >= :now)"
    " FROM orders INDEXED BY orders_work WHERE open = 1{extra} GROUP BY views"
)


def counts(
    tx: Tx, views: Iterable[SavedView], now: datetime, person: Person, *, deputy: bool = False
) -> dict[SavedView, int]:
    """Return how many orders each view holds: one pass over the open orders serves most."""
    handler = person.role not in CENTER_ROLES
    params = {"now": to_us(now), "me": f",{person.id},"}
    extra = " AND instr(people, :me) > 0" if handler else ""
    groups = tx.all(_COUNT.format(extra=extra), params)
    return {view: _count(tx, view, groups, now, person, deputy=deputy) for view in views}


def _count(
    tx: Tx,
    view: SavedView,
    groups: Sequence[tuple[int, ...]],
    now: datetime,
    person: Person,
    *,
    deputy: bool,
) -> int:
    handler = person.role not in CENTER_ROLES
    if handler and deputy and view in SIGNING:
        return _count_rows(tx, view, now, person, deputy=deputy)
    if view in BIT and not (handler and view is SavedView.TO_ACCEPT):
        return sum(g[1] for g in groups if g[0] & BIT[view])
    if view is SavedView.OVERDUE:
        return sum(g[2] for g in groups)
    if view is SavedView.NEAR:
        return sum(g[3] for g in groups)
    if view is SavedView.SHIFT or (view is SavedView.OPEN and not handler):
        return sum(g[1] for g in groups)
    return _count_rows(tx, view, now, person, deputy=deputy)


def _count_rows(tx: Tx, view: SavedView, now: datetime, person: Person, *, deputy: bool) -> int:
    clauses, params = _view(view, now, person, deputy=deputy)
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    sql = f"SELECT count(*) FROM orders{where}"  # noqa: S608 - values are parameters
    return int(tx.one(sql, params)[0])


_ROW = (
    f"SELECT o.id, o.pending, o.rejected, {packs.SHOWN}"  # noqa: S608 - own text
    f" FROM {{source}}{packs.JOIN}{{where}}"
)
_PAGE = _ROW.format(source="json_each(:ids) j JOIN orders o ON o.id = j.value", where="")
_SINGLE = _ROW.format(source="orders o", where=" WHERE o.order_id = ?")


def rows(tx: Tx, rowids: Sequence[int], person_id: PersonId | None) -> list[OrderRow]:
    """Return a page in the order of ``rowids``."""
    ids = codec.encode(list(rowids)).decode()
    return [_row(values, person_id) for values in tx.all(_PAGE, {"ids": ids})]


def row(tx: Tx, order_id: OrderId, person_id: PersonId | None) -> OrderRow | None:
    values = tx.one(_SINGLE, (order_id,))
    return None if values is None else _row(values, person_id)


def _row(values: tuple[int, int, int, bytes], person_id: PersonId | None) -> OrderRow:
    rowid, pending, rejected, data = values
    return row_of(rowid, read_head(data), pending, rejected, person_id)


def row_of(
    rowid: int, head: Head, pending: int, rejected: int, person_id: PersonId | None
) -> OrderRow:
    """Return the list line of an order's head."""
    people = tuple(PersonId(a.handler.person_id) for a in head.assignments)
    return OrderRow(
        rowid=rowid,
        order_id=OrderId(head.id),
        rev=head.rev,
        number=head.number,
        title=mask_text(head.matter.title),
        village=head.place.village,
        tier=head.tier,
        tier_title=head.tier_title,
        tier_style=head.tier_style,
        stage=head.stage,
        holder=head.holder,
        round=head.round,
        repeat=head.times,
        dispatched_at=head.dispatched_at,
        clock=_clock(head.current),
        paused=head.paused,
        nodes=tuple(_node(c) for c in head.clocks if c.node and c.round == head.round),
        sync=_sync(head, pending, rejected),
        pending=pending,
        signature_pending=head.signature_pending,
        insistent=head.insistent,
        mine=person_id in people,
        people=people,
        returned=bool(head.returned),
        proposal_hash=head.proposal.hash if head.proposal else "",
    )


def _clock(clock: HeadClock | None) -> ClockRow | None:
    if clock is None:
        return None
    return ClockRow(
        clock.id, clock.label, clock.node, clock.started_at, clock.due_at, clock.safe_due_at
    )


def _node(clock: HeadClock) -> NodeRow:
    late = clock.met_at is not None and clock.met_at > clock.due_at
    return NodeRow(clock.node, clock.label, clock.started_at, clock.due_at, clock.met_at, late)


def _sync(head: Head, pending: int, rejected: int) -> SyncState:
    if head.open_conflicts:
        return SyncState.CONFLICT
    if rejected:
        return SyncState.REJECTED
    return SyncState.PENDING if pending else SyncState.SYNCED
