"""The backups of an open store, as the settings' panel asks for them."""

from __future__ import annotations

from desktop_app.domain.clock import Clock
from desktop_app.door import Door
from local_store import backups
from local_store.backups import Backup, Content
from local_store.store import Store


class StoreBackups:
    """``listed`` and ``make`` take their time and may be called in any thread; ``go_back`` in the window's."""

    def __init__(self, store: Store, door: Door, clock: Clock) -> None:
        self._store, self._door, self._clock = store, door, clock

    def listed(self) -> list[tuple[Backup, Content | None]]:
        """Return the backups, newest first, with what is in them; None: it cannot be read."""
        found = backups.backups(self._store.profile)
        return [(backup, self._door.look_into(backup)) for backup in found]

    def make(self) -> Backup:
        """Make one of this moment. Raises ``StoreError``."""
        return self._store.back_up(self._clock.now())

    def go_back(self, backup: Backup) -> None:
        """Ask for the store to be closed and replaced by ``backup``."""
        self._door.going_back.emit(backup)
