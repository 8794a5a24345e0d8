"""How single acts stand towards the platform, for timelines and sheets."""

from __future__ import annotations

from local_store.rows import OutboxStatus, SyncState
from local_store.store import Store
from ui.widgets.kinds import SyncMark

SYNC_MARKS: dict[SyncState, SyncMark] = {
    SyncState.SYNCED: SyncMark.SYNCED,
    SyncState.PENDING: SyncMark.PENDING,
    SyncState.CONFLICT: SyncMark.CONFLICT,
    SyncState.REJECTED: SyncMark.REJECTED,
}
ACT_MARKS: dict[OutboxStatus, SyncMark] = {
    OutboxStatus.WAITING: SyncMark.PENDING,
    OutboxStatus.BLOCKED: SyncMark.PENDING,
    OutboxStatus.DEFERRED: SyncMark.PENDING,
    OutboxStatus.ANSWERED: SyncMark.PENDING,
    OutboxStatus.REJECTED: SyncMark.REJECTED,
}


def act_marks(store: Store) -> dict[str, SyncMark]:
    """Act id → mark of every act of this seat that the platform has not confirmed."""
    return {
        item.act.id: ACT_MARKS[item.status] for item in store.outbox() if item.status in ACT_MARKS
    }
