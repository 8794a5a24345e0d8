"""The seat's store: one encrypted SQLite file behind one object.

Safe to call from any thread: every call takes its own connection; writers wait for one another,
readers for nobody. Every method may raise ``StoreError``; then nothing was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from desktop_app.domain.acts import Act
from desktop_app.domain.center import Center, Person
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import CENTER, ActId, OrderId, PersonId
from desktop_app.domain.orders import Order
from local_store import (
    acts,
    answers,
    decisions,
    downloads,
    files,
    lists,
    meta,
    orders,
    receipts,
    search,
    similar,
)
from local_store.base import OpenStore
from local_store.changes import ChangeSet
from local_store.columns import tail_of
from local_store.errors import StoreError, StoreProblem
from local_store.journal import Journal, NoJournal
from local_store.rows import (
    ActDraft,
    AlertMark,
    ClockDue,
    Decision,
    DraftText,
    ListQuery,
    Load,
    OrderRow,
    OutboxItem,
    OutboxStatus,
    Recorded,
    SavedView,
    Similar,
    StoredFile,
    SyncPoint,
)
from local_store.times import to_us
from local_store.tx import Tx
from sync.protocol import codec
from sync.protocol.messages import RawSyncAnswer, SyncAnswer

FILE_NAME = "store.db"


class Store(OpenStore):
    """Everything this seat knows and has recorded."""

    # ---- center and orders

    def center(self) -> Center | None:
        """Return the center with own waiting authorisations applied, None before the first sync."""
        with self._db.read() as tx:
            state = self._center.state(tx)
        return state.view if state else None

    def view(self, order_id: OrderId) -> Order | None:
        """Return the order with this seat's waiting acts applied."""
        with self._db.read() as tx:
            stored = orders.load(tx, order_id)
            return codec.decode_order(stored.shown) if stored else None

    def base(self, order_id: OrderId) -> Order | None:
        """Return the order as the platform last sent it."""
        with self._db.read() as tx:
            stored = orders.load(tx, order_id)
            return codec.decode_order(stored.base) if stored else None

    def order_ids(self, query: ListQuery, now: datetime, person: Person) -> list[int]:
        """Return the rowids of the whole result, sorted."""
        with self._db.read() as tx:
            deputy = self._is_deputy(tx, now, person)
            return lists.order_ids(tx, query, now, person, deputy=deputy)

    def rows(self, rowids: Sequence[int], person_id: PersonId | None = None) -> list[OrderRow]:
        """Return a page in the order of ``rowids``; ids that are gone are left out.

        ``mine`` is told for ``person_id``.
        """
        with self._db.read() as tx:
            return lists.rows(tx, rowids, person_id)

    def row(self, order_id: OrderId, person_id: PersonId | None = None) -> OrderRow | None:
        with self._db.read() as tx:
            return lists.row(tx, order_id, person_id)

    def order_id_of_number(self, number: str) -> OrderId | None:
        """Return the order with exactly this number, if it is here."""
        with self._db.read() as tx:
            row = tx.one(
                "SELECT order_id FROM orders WHERE tail = ? AND number = ?",
                (tail_of(number), number),
            )
        return OrderId(row[0]) if row else None

    def counts(
        self, views: Iterable[SavedView], now: datetime, person: Person
    ) -> dict[SavedView, int]:
        """Return how many orders each view holds."""
        with self._db.read() as tx:
            deputy = self._is_deputy(tx, now, person)
            return lists.counts(tx, views, now, person, deputy=deputy)

    def _is_deputy(self, tx: Tx, now: datetime, person: Person) -> bool:
        state = self._center.state(tx)
        return state is not None and state.view.delegation(person.id, now) is not None

    def similar(self, order: Order, limit: int = 12) -> list[Similar]:
        """Return earlier orders of the same person, place or matter: linked ones first, then newest."""
        with self._db.read() as tx:
            return similar.similar(tx, order, limit)

    def load(self) -> Load:
        """Return how many open orders each person is handling."""
        with self._db.read() as tx:
            people = tx.column("SELECT people FROM orders WHERE open = 1 AND people <> ''")
        handling = Counter(p for listed in people for p in listed.strip(",").split(","))
        return Load({PersonId(person): n for person, n in handling.items()})

    def open_clocks(self, until: datetime | None = None) -> list[ClockDue]:
        """Return every running clock due (internally) by ``until`` (None: all), soonest first."""
        with self._db.read() as tx:
            return self._clocks.due(tx, until)

    # ---- acts

    def record(
        self, draft: ActDraft, now: datetime, quality: ClockQuality = ClockQuality.GOOD
    ) -> Recorded:
        """Save one act durably, in one transaction. Raises ``Refusal``: nothing was written."""
        with self._journal.guard() as journal, self._db.write() as tx:
            recorded = acts.record(tx, self._center, draft, now, quality)
            act = recorded.act
            journal.act(act.id, act.device_seq, codec.encode(act), draft.drops)
        return recorded

    def outbox(self, *, waiting_only: bool = False) -> list[OutboxItem]:
        """Return the acts that are not settled, oldest first; with ``waiting_only`` those to send."""
        statuses: tuple[OutboxStatus, ...] = acts.WAITING
        if not waiting_only:
            statuses = (*statuses, OutboxStatus.ANSWERED, OutboxStatus.REJECTED)
        with self._db.read() as tx:
            return acts.outbox(tx, statuses)

    def refused(self) -> list[OutboxItem]:
        """Return the acts that the platform refused and nobody has dealt with, oldest first."""
        with self._db.read() as tx:
            return acts.outbox(tx, (OutboxStatus.REJECTED,))

    def mark_exported(self, act_ids: Iterable[ActId], at: datetime) -> ChangeSet:
        """Remember that these acts were put on a USB stick."""
        with self._db.write() as tx:
            acts.mark_exported(tx, act_ids, at)
        return ChangeSet(outbox=True)

    def pending_count(self) -> int:
        """Return how many acts wait to be sent."""
        with self._db.read() as tx:
            return acts.pending_count(tx)

    def decisions(self, person: Person, now: datetime | None = None) -> list[Decision]:
        """Return open conflicts and this person's refused acts, oldest first.

        ``now``: platform time, for what passes to others when it is overdue.
        """
        with self._db.read() as tx:
            state = self._center.state(tx)
            return decisions.decisions(tx, state.view if state else None, person, now)

    def settle_rejection(self, act_id: ActId) -> ChangeSet:
        """Put a refused act away (a recorded SET_ASIDE does this by itself)."""
        with self._journal.guard() as journal, self._db.write() as tx:
            subject = acts.set_aside(tx, act_id)
            journal.settled(lambda: acts.unsettled(tx))
            if subject is None:
                return ChangeSet()
            state = self._center.state(tx)
            if subject != CENTER:
                center = state.view if state else None
                orders.refold(tx, subject, center, self._center.frame(tx))
            return ChangeSet(frozenset({subject} - {CENTER}), outbox=True)

    # ---- drafts, files, alerts

    def save_draft(
        self, order_id: OrderId, form: str, values: Mapping[str, Any], now: datetime
    ) -> None:
        """Keep what is in an editor; durable when it returns. ``values`` are JSON-plain."""
        from local_store import keeps

        body, at = keeps.packed(values), to_us(now)
        try:
            with self._journal.guard() as journal, self._db.write() as tx:
                keeps.save_draft(tx, order_id, form, body, at)
                journal.draft(order_id, form, body, at)
        except StoreError as error:
            if error.code is StoreProblem.DAMAGED:  # the store that is built anew finds it there
                self._journal.draft(order_id, form, body, at)
            raise

    def load_draft(self, order_id: OrderId, form: str) -> DraftText | None:
        from local_store import keeps

        with self._db.read() as tx:
            return keeps.load_draft(tx, order_id, form)

    def drafts(self) -> list[DraftText]:
        """Return all drafts, the newest first."""
        from local_store import keeps

        with self._db.read() as tx:
            return keeps.drafts(tx)

    def drop_draft(self, order_id: OrderId, form: str) -> None:
        from local_store import keeps

        with self._journal.guard() as journal, self._db.write() as tx:
            dropped = keeps.drop_draft(tx, order_id, form)
            if dropped is not None:
                journal.draft(order_id, form, None, dropped)

    def add_file(self, source: Path | bytes, name: str) -> StoredFile:
        """Take a photo or file (1 byte to 10 MB) in. Raises ``Refusal`` when empty or larger."""
        data = files.read_source(source)
        with self._journal.guard() as journal, self._db.write() as tx:
            stored = files.add(tx, data, name)
            if not stored.uploaded:
                journal.file(stored.sha256, name, data)
            return stored

    def file_bytes(self, sha256: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content, or a part of it. Raises ``KeyError`` when it is not here."""
        with self._db.read() as tx:
            return files.content(tx, sha256, offset, length)

    def file_status(self, sha256: str) -> StoredFile | None:
        with self._db.read() as tx:
            return files.status(tx, sha256)

    def alert_marks(self) -> dict[str, AlertMark]:
        from local_store import keeps

        with self._db.read() as tx:
            return keeps.marks(tx)

    def mark_alerts(self, marks: Mapping[str, AlertMark]) -> None:
        """Store the marks (replacing those of the same alert id)."""
        from local_store import keeps

        with self._db.write() as tx:
            keeps.put_marks(tx, marks)

    # ---- sync side

    def next_batch(
        self, limit: int, person_id: PersonId, held: Collection[str] = ()
    ) -> tuple[Act, ...]:
        """Return this person's acts to send, in the order they were made, but for the orders of ``held``.

        Acts that were put off come again, but after all other orders had their turn.
        """
        with self._db.read() as tx:
            return acts.next_batch(tx, limit, person_id, held)

    def sync_point(self) -> SyncPoint:
        with self._db.read() as tx:
            return answers.sync_point(tx)

    def apply_answer(
        self, answer: SyncAnswer | RawSyncAnswer, sent: Sequence[Act] = ()
    ) -> ChangeSet:
        """Apply results, orders, center and cursor of one answer, in one transaction.

        Results count only for acts in ``sent``; acts without a result stay waiting. Raises
        ``ValueError`` when the answer is of another server or epoch than the stored sync point.
        """
        with self._journal.guard() as journal, self._db.write() as tx:
            before = answers.sync_point(tx)
            changes = answers.apply_answer(tx, self._center, answer, sent)
            if (before.server_id, before.epoch) != (answer.server_id, answer.epoch):
                _note_source(journal, answer.server_id, answer.epoch)
            if changes:
                journal.settled(lambda: acts.unsettled(tx))
            return changes

    def start_replay(self, server_id: str, epoch: str) -> ChangeSet:
        """The platform was restored or replaced.

        Forgets the cursor, queues every kept act again, and lets the next orders replace what is here
        whatever their revision, until a page says it is the last. Nothing is deleted.
        """
        with self._journal.guard() as journal, self._db.write() as tx:
            changes = answers.start_replay(tx, server_id, epoch)
            _note_source(journal, server_id, epoch)
        self.trim_journal()  # what goes up again is unsent again
        return changes

    def next_file(self, skip: frozenset[str] = frozenset()) -> StoredFile | None:
        """Return the next file of a recorded act that is not completely at the platform.

        What needs least comes first; ``skip`` names files that have to wait.
        """
        with self._db.read() as tx:
            return files.next_file(tx, skip)

    def file_sent(self, sha256: str, offset: int) -> None:
        """Remember that the platform holds the first ``offset`` bytes."""
        with self._db.write() as tx:
            files.sent(tx, sha256, offset)
            stored = files.status(tx, sha256)
        if stored is not None and stored.uploaded:
            self._journal.uploaded(sha256)

    def open_orders(self) -> list[OrderId]:
        """Return the ids of all orders that are not closed, the newest first."""
        with self._db.read() as tx:
            return downloads.open_orders(tx)

    def missing_files(
        self, order_ids: Iterable[OrderId], *, open_only: bool = False
    ) -> dict[str, frozenset[OrderId]]:
        """Return the SHA-256 of each file these orders name that is not here, and which name it."""
        with self._db.read() as tx:
            return downloads.missing(tx, order_ids, open_only=open_only)

    def downloaded_bytes(self) -> int:
        """Return the size of all files of other seats that are kept here."""
        with self._db.read() as tx:
            return downloads.total(tx)

    def take_file(self, data: bytes, sha256: str, room: int) -> None:
        """Keep a file of another seat; older ones make way for it beyond ``room`` bytes.

        Raises ``ValueError`` when the content does not fit the name; nothing is written then.
        """
        with self._db.write() as tx:
            downloads.take(tx, data, sha256, room)

    # ---- upkeep

    def index_some(self, limit: int = 500) -> int:
        """Catch the search index up by at most ``limit`` orders; return how many were done."""
        with self._db.read() as tx:
            entries = search.unknown(tx, self._center.frame(tx), limit)
        done = 0
        if entries:
            with self._db.write() as tx:
                done = search.learn(tx, entries)
                if len(entries) < limit:
                    tx.execute("ANALYZE")  # a bulk load has ended: tell the planner
        self._db.fold_log_if_due()
        return done

    def settle_some(self, limit: int = 200) -> int:
        """Write what was taken without its order coming back (see ``receipts``); return how many."""
        with self._db.write() as tx:
            return receipts.put_in(tx, limit)


def _note_source(journal: Journal | NoJournal, server_id: str, epoch: str) -> None:
    journal.fact(meta.SERVER_ID, server_id)
    journal.fact(meta.EPOCH, epoch)
