"""Earlier orders of the same person, place or matter, for whoever proposes the handlers."""

from __future__ import annotations

from collections.abc import Mapping

from desktop_app.domain.ids import PersonId
from desktop_app.domain.orders import CLOSED_STAGES, STAGE_TITLES, Order, OrderLink, Stage
from local_store import packs, search
from local_store.heads import Head, HeadAssignment, read_head
from local_store.lists import row_of
from local_store.rows import Similar
from local_store.tx import Tx
from sync.protocol import codec

_LOOK_AT = 40
"""Candidates per reason; the newest."""

_DONE = (Stage.REPORTED, Stage.CALLED_BACK, Stage.ARCHIVED)


def similar(tx: Tx, order: Order, limit: int) -> list[Similar]:
    """Return earlier orders: the same matter first, then those linked, then by reason, newest first."""
    head = read_head(codec.encode(order))
    found: dict[int, str] = {}
    for why, match in _matches(head):
        ids = tx.column(
            "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?",
            (f"facts : ({match})", _LOOK_AT),
        )
        for rowid in ids:
            found.setdefault(rowid, why)
    linked = {str(link.order_id): link for link in order.links}
    found |= _linked(tx, linked)
    result = [s for s in (_similar(tx, r, w, head, linked) for r, w in found.items()) if s]
    order_of = ("person", "place", "matter")
    result.sort(key=lambda s: s.row.dispatched_at, reverse=True)
    result.sort(
        key=lambda s: (not s.again, not s.linked, order_of.index(s.why) if s.why in order_of else 9)
    )
    return result[:limit]


def _matches(head: Head) -> list[tuple[str, str]]:
    facts = {fact[0]: fact for fact in search.facts_of(head)}
    matches = []
    if "p" in facts:
        matches.append(("person", facts["p"]))
    if "a" in facts:
        matches.append(("place", facts["a"]))
    if "c" in facts:
        if "v" in facts:
            matches.append(("matter", f"{facts['c']} AND {facts['v']}"))
        matches.append(("matter", facts["c"]))
    return matches


def _linked(tx: Tx, links: Mapping[str, OrderLink]) -> dict[int, str]:
    rows = tx.all(
        "SELECT o.id, o.order_id FROM json_each(?) j JOIN orders o ON o.order_id = j.value",
        (codec.encode(list(links)).decode(),),
    )
    return {rowid: links[order_id].why for rowid, order_id in rows}


def _similar(
    tx: Tx, rowid: int, why: str, about: Head, links: Mapping[str, OrderLink]
) -> Similar | None:
    row = tx.one(
        f"SELECT o.pending, o.rejected, {packs.SHOWN} FROM orders o{packs.JOIN}"  # noqa: S608
        " WHERE o.id = ?",
        (rowid,),
    )
    if row is None:
        return None
    head = read_head(row[2])
    if head.id == about.id or head.dispatched_at > about.dispatched_at:
        return None
    last = head.callbacks[-1] if head.callbacks else None
    return Similar(
        row=row_of(rowid, head, row[0], row[1], None),
        why=why,
        outcome=outcome_of(head),
        resolved=last.resolved if last else None,
        satisfied=last.satisfied if last else None,
        category=head.matter.category,
        lead=_first(head.assignments, "lead"),
        village_person=_first(head.assignments, "assist"),
        helpers=tuple(
            PersonId(a.handler.person_id) for a in head.assignments if a.handler.duty == "help"
        ),
        linked=head.id in links,
        again=head.id in links and links[head.id].again,
    )


def _first(assignments: tuple[HeadAssignment, ...], duty: str) -> PersonId | None:
    for assignment in assignments:
        if assignment.handler.duty == duty:
            return PersonId(assignment.handler.person_id)
    return None


def outcome_of(head: Head) -> str:
    """Return what became of an order in a few words: 已办结 · 满意."""
    if not head.callbacks:
        done = head.stage in _DONE or head.stage in CLOSED_STAGES
        return STAGE_TITLES[head.stage] if not done or head.stage is Stage.WITHDRAWN else "已办结"
    last = head.callbacks[-1]
    words = ["未解决" if last.resolved is False else "已办结"]
    if last.satisfied is not None:
        words.append("满意" if last.satisfied else "不满意")
    return " · ".join(words)
