"""The ledger: every act whose recording a seat has acknowledged, kept outside of all stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop_app.domain.acts import Act
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import ActId
from local_store.database import Database
from local_store.rows import ActDraft, Recorded
from local_store.store import Store
from sync.protocol.codec import act_digest


@dataclass(frozen=True, slots=True)
class Entry:
    """``sure``: the seat said "saved". Else the machine stopped before it could say anything."""

    act: Act
    digest: str
    seat: str
    sure: bool


class Ledger:
    """Acts by id, as their seats recorded them."""

    def __init__(self) -> None:
        self._entries: dict[ActId, Entry] = {}

    def note(self, act: Act, seat: str, *, sure: bool) -> None:
        self._entries[act.id] = Entry(act, act_digest(act), seat, sure)

    def get(self, act_id: str) -> Entry | None:
        return self._entries.get(ActId(act_id))

    def of(self, seat: str) -> Iterator[Entry]:
        return (entry for entry in self._entries.values() if entry.seat == seat)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)


class WitnessedStore(Store):
    """A store whose every acknowledgement is written into the ledger."""

    def __init__(self, profile: Path, database: Database, ledger: Ledger, seat: str) -> None:
        super().__init__(profile, database)
        self._ledger, self._seat = ledger, seat

    def record(
        self, draft: ActDraft, now: datetime, quality: ClockQuality = ClockQuality.GOOD
    ) -> Recorded:
        recorded = super().record(draft, now, quality)
        self._ledger.note(recorded.act, self._seat, sure=True)
        return recorded
