"""Own acts: recorded in one transaction with the view they lead to, kept until and after they are sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from desktop_app.domain import payloads as p
from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.apply import decide
from desktop_app.domain.center_rules import decide_center
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.conflicts import unconfirmed
from desktop_app.domain.ids import CENTER, ActId, DeviceId, OrderId, PersonId, uuid7
from desktop_app.domain.orders import Order
from desktop_app.domain.refusals import Refusal
from local_store import centers, files, meta, orders
from local_store.centers import CenterBook, CenterState
from local_store.changes import ChangeSet
from local_store.rows import ActDraft, OutboxItem, OutboxStatus, Recorded
from local_store.times import from_us, to_us
from local_store.tx import Tx
from sync.protocol import codec

WAITING = (OutboxStatus.WAITING, OutboxStatus.BLOCKED, OutboxStatus.DEFERRED)
"""Still to be sent, or sent again."""
UNSETTLED = "'waiting', 'blocked', 'deferred', 'answered', 'rejected'"


def record(
    tx: Tx, book: CenterBook, draft: ActDraft, now: datetime, quality: ClockQuality
) -> Recorded:
    """Save one act. Raises ``Refusal``; the caller's transaction is then undone."""
    state = book.state(tx)
    if state is None:
        raise Refusal("no_center", "本机还没有中心资料。", "请先联网登录一次。")
    _check_files(tx, draft.files)
    files.want(tx, draft.files)
    if draft.subject == CENTER:
        act, order = _on_center(tx, state, draft, now, quality), None
    else:
        act, order = _on_order(tx, state, draft, now, quality)
    if draft.drops is not None:
        tx.execute("DELETE FROM drafts WHERE order_id = ? AND form = ?", draft.drops)
    tx.wrote(4)
    changes = ChangeSet(
        frozenset() if order is None else frozenset({order.id}),
        center=order is None,
        outbox=True,
    )
    return Recorded(act, order, changes)


def _on_center(
    tx: Tx, state: CenterState, draft: ActDraft, now: datetime, quality: ClockQuality
) -> Act:
    act = _make(tx, draft, now, quality, state.base.rev)
    decide_center(state.view, act, now)
    _keep(tx, act)
    centers.touch(tx)
    return act


def _on_order(
    tx: Tx, state: CenterState, draft: ActDraft, now: datetime, quality: ClockQuality
) -> tuple[Act, Order]:
    stored = orders.load(tx, draft.subject)
    if stored is None:
        raise Refusal("no_order", "本机没有这件单。", "请同步后再看。")
    act = _make(tx, draft, now, quality, stored.rev)
    shown = codec.decode_order(stored.shown)
    known = frozenset(conflict.id for conflict in shown.conflicts)
    after = unconfirmed(decide(shown, act, state.view, now).order, known)
    _keep(tx, act)
    if act.kind is ActKind.SET_ASIDE:
        set_aside(tx, ActId(str(act.payload.get("act_id", ""))))
    pending = tx.one("SELECT count(*) FROM acts WHERE pending = 1 AND subject = ?", (act.subject,))[
        0
    ]
    orders.put_view(tx, stored, codec.encode(after), state.frame, pending=pending)
    return act, after


def _make(tx: Tx, draft: ActDraft, now: datetime, quality: ClockQuality, base_rev: int) -> Act:
    return Act(
        id=ActId(uuid7(to_us(now) // 1000)),
        subject=draft.subject,
        kind=draft.kind,
        actor=draft.actor,
        occurred_at=now,
        device_seq=meta.number(tx, meta.DEVICE_SEQ) + 1,
        base_rev=base_rev,
        base_hash=draft.base_hash,
        clock=quality,
        payload=p.plain(draft.payload),
        needs_files=draft.files,
    )


def _keep(tx: Tx, act: Act) -> None:
    meta.put(tx, meta.DEVICE_SEQ, str(act.device_seq))
    insert(tx, act.device_seq, act, codec.encode(act))


def insert(tx: Tx, seq: int, act: Act, body: bytes) -> None:
    """Put an act that waits to be sent into the outbox."""
    tx.execute(
        "INSERT INTO acts (seq, act_id, subject, kind, person_id, body, status, recorded_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seq, act.id, act.subject, act.kind.value, act.actor.person_id,
            body, OutboxStatus.WAITING.value, to_us(act.occurred_at),
        ),
    )  # fmt: skip


def _check_files(tx: Tx, sha256s: tuple[str, ...]) -> None:
    for sha256 in sha256s:
        if tx.one("SELECT 1 FROM files WHERE sha256 = ?", (sha256,)) is None:
            raise Refusal("no_file", "照片没有存进本机。", "请重新添加照片。")


def set_aside(tx: Tx, act_id: ActId) -> OrderId | None:
    """Put a refused act away; return its subject, None when there was no such act."""
    row = tx.one("SELECT subject FROM acts WHERE act_id = ? AND status = 'rejected'", (act_id,))
    if row is None:
        return None
    tx.execute("UPDATE acts SET status = 'set_aside' WHERE act_id = ?", (act_id,))
    tx.wrote(1)
    return OrderId(row[0])


def outbox(tx: Tx, statuses: tuple[OutboxStatus, ...]) -> list[OutboxItem]:
    """Return the acts in these statuses, in the order they were made."""
    names = codec.encode([s.value for s in statuses]).decode()
    found = tx.all(
        "SELECT a.body, a.status, a.reason, a.code, a.recorded_at, a.exported_at, a.due_at,"
        " coalesce(o.number, ''),"
        " coalesce(o.title, '') FROM acts a LEFT JOIN orders o ON o.order_id = a.subject"
        " WHERE a.status IN (SELECT value FROM json_each(?)) ORDER BY a.seq",
        (names,),
    )
    return [
        OutboxItem(
            codec.decode_act(body),
            OutboxStatus(status),
            reason,
            number,
            title,
            from_us(at),
            code,
            from_us(exported) if exported else None,
            from_us(due) if due else None,
        )
        for body, status, reason, code, at, exported, due, number, title in found
    ]


def mark_exported(tx: Tx, act_ids: Iterable[ActId], at: datetime) -> None:
    """Remember that these are on a stick; they stay in the outbox until the platform answers."""
    names = codec.encode(list(act_ids)).decode()
    tx.execute(
        "UPDATE acts SET exported_at = ? WHERE act_id IN (SELECT value FROM json_each(?))",
        (to_us(at), names),
    )
    tx.wrote(1)


def pending_count(tx: Tx) -> int:
    """Return how many acts the platform has not answered for good."""
    return int(
        tx.one("SELECT count(*) FROM acts WHERE status IN ('waiting', 'blocked', 'deferred')")[0]
    )


def unsettled(tx: Tx) -> list[str]:
    """Return the ids of the acts that are not done with: sent or not, and refused ones."""
    return tx.column(f"SELECT act_id FROM acts WHERE status IN ({UNSETTLED})")  # noqa: S608


def next_batch(
    tx: Tx, limit: int, person_id: PersonId, held: Collection[str] = ()
) -> tuple[Act, ...]:
    """Return this person's acts to send, at most ``limit``, in the order they were made. ``held``: acts
    left out for now, and with them all those of the same order.

    Orders whose acts the platform has put off give way to the others and come last, so that a few that
    cannot pass never block the rest; within an order the sequence is kept.
    """
    found = tx.all(
        "SELECT seq, act_id, subject, tries FROM acts WHERE person_id = ?"
        " AND status IN ('waiting', 'blocked', 'deferred') ORDER BY seq",
        (person_id,),
    )
    left_out = {subject for _, act_id, subject, _ in found if act_id in held}
    queues: dict[str, list[int]] = {}
    rank: dict[str, tuple[int, int]] = {}
    for seq, _, subject, tries in found:
        if subject not in left_out:
            queues.setdefault(subject, []).append(seq)
            rank.setdefault(subject, (tries, seq))
    chosen: list[tuple[int, int]] = []
    for subject in sorted(queues, key=lambda s: rank[s]):
        tries, _ = rank[subject]
        chosen.extend((tries, seq) for seq in queues[subject][: limit - len(chosen)])
        if len(chosen) >= limit:
            break
    seqs = [seq for _, seq in sorted(chosen)]
    bodies = dict(
        tx.all(
            "SELECT seq, body FROM acts WHERE seq IN (SELECT value FROM json_each(?))",
            (codec.encode(seqs).decode(),),
        )
    )
    return tuple(codec.decode_act(bodies[seq]) for seq in seqs)


def device_id(tx: Tx) -> DeviceId:
    return DeviceId(meta.get(tx, meta.DEVICE_ID) or "")
