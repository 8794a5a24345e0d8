"""The center as kept on this seat: the platform's state, and with own waiting authorisations."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from desktop_app.domain.acts import Act
from desktop_app.domain.center import Center
from desktop_app.domain.center_rules import decide_center
from desktop_app.domain.ids import CENTER
from desktop_app.domain.refusals import Refusal
from local_store import meta
from local_store.columns import Frame
from local_store.pending import pending_acts
from local_store.tx import Tx
from sync.protocol import codec

STAMP = "center.stamp"
"""Name of the fact that changes with the center."""


@dataclass(frozen=True, slots=True)
class CenterState:
    """``base`` from the platform, ``view`` with own waiting acts, ``frame`` for the columns."""

    base: Center
    view: Center
    frame: Frame


class CenterBook:
    """Reads the center once per change; decoding a roster of hundreds for each act would be felt."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp = ""
        self._state: CenterState | None = None

    def state(self, tx: Tx) -> CenterState | None:
        stamp = meta.get(tx, STAMP) or ""
        with self._lock:
            if stamp and stamp == self._stamp:
                return self._state
        state = _read(tx)
        if not tx.writing:  # what a transaction has not committed may still be undone
            with self._lock:
                self._stamp, self._state = stamp, state
        return state

    def frame(self, tx: Tx) -> Frame:
        state = self.state(tx)
        return state.frame if state else Frame()


def _read(tx: Tx) -> CenterState | None:
    row = tx.one("SELECT body FROM center WHERE id = 1")
    if row is None:
        return None
    base = codec.decode_center(row[0])
    return CenterState(base, fold_center(base, pending_acts(tx, CENTER)), Frame.of(base))


def fold_center(center: Center, acts: tuple[Act, ...]) -> Center:
    """Return the center with ``acts`` applied; what the rules refuse leaves no trace here."""
    for act in acts:
        try:
            center = decide_center(center, act, act.occurred_at)
        except Refusal:
            continue
    return center


def put_center(tx: Tx, center: Center, *, replace: bool) -> bool:
    """Store the platform's state unless an equally new or newer one is here."""
    row = tx.one("SELECT rev FROM center WHERE id = 1")
    if row is not None and row[0] > center.rev and not replace:
        return False
    tx.execute(
        "INSERT INTO center (id, rev, body) VALUES (1, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, body = excluded.body",
        (center.rev, codec.encode(center)),
    )
    touch(tx)
    return True


def center_rev(tx: Tx) -> int:
    row = tx.one("SELECT rev FROM center WHERE id = 1")
    return int(row[0]) if row else 0


def touch(tx: Tx) -> None:
    """Make everybody read the center again."""
    meta.put(tx, STAMP, str(meta.number(tx, STAMP) + 1))
