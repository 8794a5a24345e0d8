"""The ledger: every act whose recording a seat has acknowledged, kept outside of all stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from desktop_app.domain.acts import Act
from desktop_app.domain.clock import ClockQuality
from desktop_app.domain.ids import ActId
from local_store import acts
from local_store.changes import ChangeSet
from local_store.rows import ActDraft, Recorded
from local_store.store import Store
from sync.protocol.codec import act_digest
from sync.protocol.messages import RawSyncAnswer, SyncAnswer


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
        self.unsettled: dict[str, set[str]] = {}
        """By seat: the acts that the platform had not answered for good when it last said anything."""

    def note(self, act: Act, seat: str, *, sure: bool) -> None:
        self._entries[act.id] = Entry(act, act_digest(act), seat, sure)
        self.unsettled.setdefault(seat, set()).add(act.id)

    def get(self, act_id: str) -> Entry | None:
        return self._entries.get(ActId(act_id))

    def of(self, seat: str) -> Iterator[Entry]:
        return (entry for entry in self._entries.values() if entry.seat == seat)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)


class WitnessedStore(Store):
    """A store whose every acknowledgement is written into the ledger. Made by ``witnessed``."""

    ledger: Ledger
    seat: str

    def record(
        self, draft: ActDraft, now: datetime, quality: ClockQuality = ClockQuality.GOOD
    ) -> Recorded:
        recorded = super().record(draft, now, quality)
        self.ledger.note(recorded.act, self.seat, sure=True)
        return recorded

    def apply_answer(
        self, answer: SyncAnswer | RawSyncAnswer, sent: Sequence[Act] = ()
    ) -> ChangeSet:
        changes = super().apply_answer(answer, sent)
        if changes.outbox:
            self._note_unsettled()
        return changes

    def start_replay(self, server_id: str, epoch: str) -> ChangeSet:
        changes = super().start_replay(server_id, epoch)
        self._note_unsettled()
        return changes

    def _note_unsettled(self) -> None:
        with self._db.read() as tx:
            self.ledger.unsettled[self.seat] = set(acts.unsettled(tx))


def witnessed(ledger: Ledger, seat: str) -> type[WitnessedStore]:
    """Return the store of this seat, whose acknowledgements go into ``ledger``."""
    return type("WitnessedStore", (WitnessedStore,), {"ledger": ledger, "seat": seat})
