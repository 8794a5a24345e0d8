"""One line of the table as faces: what the row of the store says at this second. No widgets."""

from __future__ import annotations

from datetime import datetime

from desktop_app.domain.orders import CLOSED_STAGES, STAGE_TITLES, Stage
from desktop_app.domain.policy import Bands
from local_store.rows import NodeRow, OrderRow, SyncState
from ui.present.clocks import countdown
from ui.widgets.kinds import Band, NodeState, SyncMark
from ui.widgets.values import CountdownFace, NodeFace

STAGE_ICONS: dict[Stage, str] = {
    Stage.DISPATCHED: "inbox",
    Stage.ACCEPTED: "phone",
    Stage.VERIFIED: "clipboard-text",
    Stage.PROPOSED: "rubber-stamp",
    Stage.SIGNED: "users",
    Stage.HANDLING: "road",
    Stage.CONCLUDED: "message-report",
    Stage.REVIEWED: "arrow-forward-up",
    Stage.REPORTED: "phone-incoming",
    Stage.CALLED_BACK: "archive",
    Stage.ARCHIVED: "archive",
    Stage.WITHDRAWN: "circle-x",
}
SYNC_MARKS: dict[SyncState, SyncMark] = {
    SyncState.SYNCED: SyncMark.SYNCED,
    SyncState.PENDING: SyncMark.PENDING,
    SyncState.CONFLICT: SyncMark.CONFLICT,
    SyncState.REJECTED: SyncMark.REJECTED,
}
_NOTHING_RUNS = CountdownFace("", Band.OK, 0.0)


def step_text(row: OrderRow) -> str:
    """Where the order stands; an emergency that still lacks its signature says so."""
    if row.signature_pending:
        return "待补签"
    if row.returned and row.stage is Stage.VERIFIED:
        return "退回重拟"
    return STAGE_TITLES[row.stage]


def clock_face(row: OrderRow, now: datetime, bands: Bands) -> CountdownFace:
    """The countdown cell of a row at ``now``."""
    if row.clock is None:
        return _NOTHING_RUNS
    return countdown(row.clock, now, bands, paused=row.paused)


def clock_moved(row: OrderRow, before: datetime, now: datetime, bands: Bands) -> bool:
    """Whether the countdown cell says something else at ``now`` than it said ``before``."""
    was, is_ = clock_face(row, before, bands), clock_face(row, now, bands)
    return (was.text, was.band) != (is_.text, is_.band)


def node_faces(row: OrderRow, now: datetime) -> tuple[NodeFace, ...]:
    """The circles: met, late, the one due next, overdue, to come."""
    current = _current(row)
    return tuple(NodeFace(n.node, _state(n, row, now, n is current)) for n in row.nodes)


def _current(row: OrderRow) -> NodeRow | None:
    """The circle of the clock that is due next; a clock without a mark (落实承办) has none."""
    if row.clock is None or not row.clock.node:
        return None
    return next((n for n in row.nodes if n.node == row.clock.node and n.met_at is None), None)


def _state(node: NodeRow, row: OrderRow, now: datetime, is_current: bool) -> NodeState:
    if node.met_at is not None:
        return NodeState.LATE if node.late else NodeState.MET
    if row.stage in CLOSED_STAGES:
        return NodeState.FUT
    if now > node.due_at and not row.paused:
        return NodeState.DUE
    return NodeState.CUR if is_current else NodeState.FUT


def spoken(row: OrderRow, now: datetime, bands: Bands) -> str:
    """The whole row for a screen reader."""
    clock = clock_face(row, now, bands).text
    parts = (row.tier_title, row.title, row.number, row.village, step_text(row), row.holder, clock)
    return "，".join(part for part in parts if part)
