"""Own acts that are folded into the view: recorded, and not yet part of what the platform sent."""

from __future__ import annotations

from desktop_app.domain.acts import Act
from local_store.tx import Tx
from sync.protocol import codec


def pending_acts(tx: Tx, subject: str) -> tuple[Act, ...]:
    """Return the waiting acts on one order (or the center), in the order they were made."""
    rows = tx.all(
        "SELECT body FROM acts WHERE pending = 1 AND subject = ? ORDER BY seq", (subject,)
    )
    return tuple(codec.decode_act(row[0]) for row in rows)


def pending_subjects(tx: Tx) -> set[str]:
    """Return every subject with waiting acts."""
    return {row[0] for row in tx.all("SELECT DISTINCT subject FROM acts WHERE pending = 1")}
