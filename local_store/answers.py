"""What the platform answered, taken in whole: results, orders, center and cursor in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.domain.acts import Act
from desktop_app.domain.ids import CENTER, OrderId
from desktop_app.domain.orders import Order, Outcome
from local_store import centers, meta, orders, receipts, search
from local_store.centers import CenterBook
from local_store.changes import ChangeSet
from local_store.columns import Frame
from local_store.pending import pending_subjects
from local_store.receipts import Settled
from local_store.rows import OutboxStatus, SyncPoint
from local_store.times import to_us
from local_store.tx import Tx
from sync.protocol import codec
from sync.protocol.messages import ActResult, RawSyncAnswer, SyncAnswer

BULK = 500
"""From so many orders on, screens look at everything again instead of one by one."""

Answer = SyncAnswer | RawSyncAnswer

_STATUS = {
    Outcome.APPLIED: OutboxStatus.ANSWERED,
    Outcome.MERGED: OutboxStatus.ANSWERED,
    Outcome.ALREADY: OutboxStatus.ANSWERED,
    Outcome.CONFLICT: OutboxStatus.ANSWERED,
    Outcome.DUPLICATE: OutboxStatus.ANSWERED,
    Outcome.BLOCKED: OutboxStatus.BLOCKED,
    Outcome.DEFERRED: OutboxStatus.DEFERRED,
    Outcome.REJECTED: OutboxStatus.REJECTED,
}
"""Where an act stands after each outcome."""


def sync_point(tx: Tx) -> SyncPoint:
    return SyncPoint(
        meta.get(tx, meta.CURSOR) or "",
        meta.get(tx, meta.EPOCH) or "",
        meta.get(tx, meta.SERVER_ID) or "",
        meta.number(tx, meta.ACK),
    )


def apply_answer(tx: Tx, book: CenterBook, answer: Answer, sent: Sequence[Act]) -> ChangeSet:
    """Take in one answer. Raises ``ValueError`` for another server or epoch than the stored one."""
    _check_source(tx, answer)
    replay = meta.get(tx, meta.REPLAY) is not None
    center_changed = _take_center(tx, book, answer, replace=replay)
    touched, settled = _take_results(tx, answer, {act.id for act in sent})
    frame = book.frame(tx)
    bodies = (codec.encode(o) if isinstance(o, Order) else o for o in answer.orders)
    waiting = pending_subjects(tx)
    came = orders.put_packs(tx, answer.packs, frame, later=touched | waiting)
    came += orders.put_bases(tx, bodies, frame, later=touched | waiting)
    taken = came.ids
    touched |= waiting if center_changed else waiting & {*taken, *settled.taken}
    _settle(tx, touched)
    center_changed |= CENTER in touched
    if CENTER in touched:
        centers.touch(tx)
    state = book.state(tx)
    for subject in touched - {CENTER}:
        orders.refold(tx, subject, state.view if state else None, frame)
    if not settled.wanted - set(taken):  # else what comes after the old cursor holds those orders
        _move_on(tx, answer, replay=replay)
    changed = {*taken, *(OrderId(s) for s in (touched | settled.taken) if s != CENTER)}
    return ChangeSet(
        frozenset(changed),
        center=center_changed,
        outbox=bool(answer.results) or bool(touched),
        everything=len(changed) >= BULK,
        naming=frozenset(came.naming),
    )


def _check_source(tx: Tx, answer: Answer) -> None:
    point = sync_point(tx)
    epoch = point.epoch or answer.epoch  # a journal may have kept the one without the other
    if point.server_id and (point.server_id, epoch) != (answer.server_id, answer.epoch):
        raise ValueError("an answer of another server or epoch; start_replay comes first")


def _take_center(tx: Tx, book: CenterBook, answer: Answer, *, replace: bool) -> bool:
    if answer.center is None:
        return False
    before = book.frame(tx)
    if not centers.put_center(tx, answer.center, replace=replace):
        return False
    _settle(tx, {CENTER})
    after = Frame.of(answer.center)
    if after != before:
        orders.describe_all(tx, before, after)
        search.forget_villages(tx, before, after)
    return True


def _take_results(tx: Tx, answer: Answer, sent: set[str]) -> tuple[set[str], Settled]:
    """Store what became of each act; results for acts that were never sent change nothing.

    Return whose views have to be looked at, and what was settled without looking.
    """
    # One for each act, the first: a doubled one must not count as an act more (see ``receipts``).
    counted = list({r.act_id: r for r in reversed(answer.results) if r.act_id in sent}.values())
    rows = tx.all(
        "SELECT a.act_id, a.subject, a.seq FROM json_each(?) j JOIN acts a ON a.act_id = j.value"
        " WHERE a.status NOT IN ('done', 'set_aside')",
        (codec.encode([result.act_id for result in counted]).decode(),),
    )
    known = {act_id: (subject, seq) for act_id, subject, seq in rows}
    settled = receipts.settle(tx, counted, known, answer.received_at)
    ack = 0
    touched: set[str] = set()
    for result in counted:
        subject, seq = known.get(result.act_id, ("", 0))
        if not seq:
            continue
        if subject not in settled.taken:
            touched.add(subject)
            _put_result(tx, result)
        if _STATUS[result.original or result.outcome] is OutboxStatus.ANSWERED:
            ack = max(ack, seq)
    if ack > max(meta.number(tx, meta.ACK), meta.number(tx, meta.INHERITED)):
        meta.put(tx, meta.ACK, str(ack))
    return touched, settled


def _put_result(tx: Tx, result: ActResult) -> None:
    outcome = result.original or result.outcome
    status = _STATUS[outcome]
    put_off = status in (OutboxStatus.BLOCKED, OutboxStatus.DEFERRED)
    tx.execute(
        "UPDATE acts SET status = ?, outcome = ?, rev = ?, code = ?, reason = ?, pending = ?,"
        " due_at = ?, tries = tries + ? WHERE act_id = ?",
        (
            status.value, outcome.value, result.rev, result.code, result.reason or result.by,
            0 if status is OutboxStatus.REJECTED else 1,
            to_us(result.due_at) if result.due_at is not None else 0,
            1 if put_off else 0, result.act_id,
        ),
    )  # fmt: skip
    tx.wrote(1)


def _settle(tx: Tx, subjects: set[str]) -> None:
    """Move answered acts into the journal once the state that holds them is here."""
    tx.execute(
        "UPDATE acts SET status = 'done', pending = 0 WHERE pending = 1"
        " AND subject IN (SELECT value FROM json_each(?)) AND status = 'answered' AND rev <= CASE"
        " WHEN subject = ? THEN ?"
        " ELSE coalesce((SELECT o.rev FROM orders o WHERE o.order_id = acts.subject), 0) END",
        (codec.encode(list(subjects)).decode(), CENTER, centers.center_rev(tx)),
    )


def _move_on(tx: Tx, answer: Answer, *, replay: bool) -> None:
    before = meta.get(tx, meta.CURSOR) or ""
    meta.put(tx, meta.CURSOR, answer.cursor)
    meta.put(tx, meta.EPOCH, answer.epoch)
    meta.put(tx, meta.SERVER_ID, answer.server_id)
    if replay and not answer.more and answer.cursor != before:
        meta.put(tx, meta.REPLAY, None)


def start_replay(tx: Tx, server_id: str, epoch: str) -> ChangeSet:
    """Forget the cursor and queue every kept act again; the platform de-duplicates."""
    meta.put(tx, meta.CURSOR, "")
    meta.put(tx, meta.EPOCH, epoch)
    meta.put(tx, meta.SERVER_ID, server_id)
    meta.put(tx, meta.ACK, "0")
    meta.put(tx, meta.REPLAY, "1")
    tx.execute(
        "UPDATE acts SET status = 'waiting', pending = 1, outcome = '', rev = 0, reason = '',"
        " code = '', tries = 0 WHERE status IN ('done', 'answered', 'blocked', 'deferred')"
    )
    orders.doubt_all(tx)
    # Photos are asked for again too; what the platform still has costs one question each.
    tx.execute("UPDATE files SET sent = 0 WHERE wanted = 1")
    tx.execute(
        "UPDATE orders SET stamp = stamp + 1, pending ="
        " (SELECT count(*) FROM acts WHERE pending = 1 AND subject = orders.order_id)"
        " WHERE order_id IN (SELECT subject FROM acts WHERE pending = 1)"
    )
    tx.wrote(1)
    return ChangeSet(outbox=True, everything=True)
