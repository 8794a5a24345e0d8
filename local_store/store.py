"""The seat's store: one encrypted SQLite file behind one object.

Safe to call from any thread: every call takes its own connection; writers wait for one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from desktop_app.domain.acts import Act
from desktop_app.domain.center import Center, Person
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import ActId, DeviceId, OrderId, PersonId
from desktop_app.domain.orders import Order
from local_store.changes import ChangeSet
from local_store.rows import (
    ActDraft,
    AlertMark,
    ClockDue,
    Decision,
    DraftText,
    Finding,
    ListQuery,
    Load,
    OrderRow,
    OutboxItem,
    Recorded,
    SavedView,
    Similar,
    StoredFile,
    SyncPoint,
)
from sync.protocol.messages import RawSyncAnswer, SyncAnswer


class Store:
    """Everything this seat knows and has recorded. Every method may raise ``StoreError``."""

    profile: Path

    # life
    @staticmethod
    def open(profile: Path, key: bytes) -> Store:
        """Open ``<profile>/store.db`` with the 32-byte ``key``, creating or migrating it."""
        raise NotImplementedError

    def close(self) -> None:
        """Close all connections; the store is not usable after."""
        raise NotImplementedError

    @property
    def device_id(self) -> DeviceId:
        """This installation's id, made once when the store is created."""
        raise NotImplementedError

    def get_meta(self, key: str) -> str | None:
        raise NotImplementedError

    def set_meta(self, key: str, value: str | None) -> None:
        """Keep a small text durably; None removes it."""
        raise NotImplementedError

    # center and orders
    def center(self) -> Center | None:
        """Return the center with this seat's own waiting authorisations applied, None before first sync."""
        raise NotImplementedError

    def view(self, order_id: OrderId) -> Order | None:
        """Return the order with this seat's waiting acts applied."""
        raise NotImplementedError

    def base(self, order_id: OrderId) -> Order | None:
        """Return the order as the platform last sent it."""
        raise NotImplementedError

    def order_ids(self, query: ListQuery, now: datetime, person: Person) -> list[int]:
        """Return the rowids of the whole result, sorted."""
        raise NotImplementedError

    def rows(self, rowids: Sequence[int], person_id: PersonId | None = None) -> list[OrderRow]:
        """Return a page in the order of ``rowids``; ids that are gone are left out.
        ``mine`` is told for ``person_id``."""
        raise NotImplementedError

    def row(self, order_id: OrderId, person_id: PersonId | None = None) -> OrderRow | None:
        raise NotImplementedError

    def order_id_of_number(self, number: str) -> OrderId | None:
        """Return the order with this number, if it is here."""
        raise NotImplementedError

    def counts(
        self, views: Iterable[SavedView], now: datetime, person: Person
    ) -> dict[SavedView, int]:
        """Return how many orders each view holds."""
        raise NotImplementedError

    def similar(self, order: Order, limit: int = 12) -> list[Similar]:
        """Return earlier orders of the same person, place or matter, strongest reason and newest first."""
        raise NotImplementedError

    def load(self) -> Load:
        """Return how many open orders each person is handling."""
        raise NotImplementedError

    def open_clocks(self, until: datetime | None = None) -> list[ClockDue]:
        """Return every running clock due (internally) by ``until`` (None: all), soonest first."""
        raise NotImplementedError

    def orders_since(self, since: datetime, until: datetime) -> list[Order]:
        """Return the orders dispatched in [since, until), as this seat sees them (for the rates)."""
        raise NotImplementedError

    # acts
    def record(
        self, draft: ActDraft, now: datetime, quality: ClockQuality = ClockQuality.GOOD
    ) -> Recorded:
        """Save one act durably, in one transaction. Raises ``Refusal`` (nothing written) or ``StoreError``."""
        raise NotImplementedError

    def outbox(self, *, waiting_only: bool = False) -> list[OutboxItem]:
        """Return the acts that are not settled, oldest first; with ``waiting_only`` those to be sent."""
        raise NotImplementedError

    def pending_count(self) -> int:
        """Return how many acts wait to be sent."""
        raise NotImplementedError

    def decisions(self, person: Person) -> list[Decision]:
        """Return open conflicts and refused own acts, oldest first."""
        raise NotImplementedError

    def settle_rejection(self, act_id: ActId) -> ChangeSet:
        """Put a refused act away (a recorded SET_ASIDE does this by itself)."""
        raise NotImplementedError

    # drafts, files, alerts
    def save_draft(
        self, order_id: OrderId, form: str, values: Mapping[str, Any], now: datetime
    ) -> None:
        """Keep what is in an editor; durable when it returns. ``values`` are JSON-plain."""
        raise NotImplementedError

    def load_draft(self, order_id: OrderId, form: str) -> DraftText | None:
        raise NotImplementedError

    def drafts(self) -> list[DraftText]:
        raise NotImplementedError

    def drop_draft(self, order_id: OrderId, form: str) -> None:
        raise NotImplementedError

    def add_file(self, source: Path | bytes, name: str) -> StoredFile:
        """Take a photo or file (1 byte to 10 MB) into the store. Raises ``Refusal`` if empty or larger."""
        raise NotImplementedError

    def file_bytes(self, sha256: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content, or a part of it. Raises ``KeyError`` if unknown."""
        raise NotImplementedError

    def file_status(self, sha256: str) -> StoredFile | None:
        raise NotImplementedError

    def alert_marks(self) -> dict[str, AlertMark]:
        raise NotImplementedError

    def mark_alerts(self, marks: Mapping[str, AlertMark]) -> None:
        """Store the marks (replacing those of the same alert id)."""
        raise NotImplementedError

    def drop_alerts(self, alert_ids: Iterable[str]) -> None:
        """Forget marks of alerts that can no longer come up."""
        raise NotImplementedError

    # sync side
    def next_batch(self, limit: int, person_id: PersonId) -> tuple[Act, ...]:
        """Return this person's acts to send, in the order they were made."""
        raise NotImplementedError

    def sync_point(self) -> SyncPoint:
        raise NotImplementedError

    def apply_answer(
        self, answer: SyncAnswer | RawSyncAnswer, sent: Sequence[Act] = ()
    ) -> ChangeSet:
        """Apply results, orders, center and cursor of one answer, in one transaction."""
        raise NotImplementedError

    def start_replay(self, server_id: str, epoch: str) -> ChangeSet:
        """The platform was restored or replaced: forget the cursor, queue every kept act again, and let
        the next orders replace what is here whatever their revision, until a page says it is the last.
        Nothing is deleted."""
        raise NotImplementedError

    def replace_all(self, answers: Iterable[SyncAnswer | RawSyncAnswer]) -> ChangeSet:
        """``start_replay`` and apply a whole snapshot in one transaction."""
        raise NotImplementedError

    def next_file(self) -> StoredFile | None:
        """Return the next file that is not completely at the platform."""
        raise NotImplementedError

    def file_sent(self, sha256: str, offset: int) -> None:
        """Remember that the platform holds the first ``offset`` bytes."""
        raise NotImplementedError

    # upkeep
    def index_some(self, limit: int = 500) -> int:
        """Catch the search index up by at most ``limit`` orders; return how many were done."""
        raise NotImplementedError

    def tidy(self, now: datetime) -> None:
        """Drop journal entries older than 90 days and let the file shrink a little."""
        raise NotImplementedError

    def doctor(self) -> list[Finding]:
        """Check the file and the invariants that can be checked here (I1–I6)."""
        raise NotImplementedError
