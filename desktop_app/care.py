"""Care for an open store in a thread of its own: a daily backup, a trimmed journal, and after an unclean
end one look through the whole file.
"""

from __future__ import annotations

import logging
import threading

from desktop_app.domain.clock import Clock
from local_store.database import Stopped
from local_store.errors import StoreError
from local_store.store import Store

log = logging.getLogger("jiban")
FIRST_LOOK = 20.0
"""Seconds after the start: the desk comes first."""
EVERY = 60.0
_JOIN = 10.0


class StoreCare:
    """Made, started and joined by the composition root."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._examine = store.unclean
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="store care", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> bool:
        """Stop and join; a backup under way is given up. False when the thread did not end in time."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN)
        return not self._thread.is_alive()

    def _work(self) -> None:
        wait = FIRST_LOOK
        while not self._ended.wait(wait):
            wait = EVERY
            self.look()

    def look(self) -> None:
        """Do what is due now. Nothing that goes wrong here stops anybody's work."""
        try:
            if self._examine:
                sound = self._store.examine(self._ended.is_set)
                self._examine = False
                if not sound:
                    return
            self._store.trim_journal_if_due()
            self._store.back_up_if_due(self._clock.now(), self._ended.is_set)
        except Stopped:
            return
        except StoreError as error:
            log.warning("care for the store: %s", error.code)
        except Exception:
            log.exception("care for the store failed")
