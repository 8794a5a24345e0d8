"""What is done to the store now and then while nobody looks."""

from __future__ import annotations

from desktop_app.domain.clock import ClockQuality, PlatformTime
from local_store.store import Store


def tidy(store: Store, time: PlatformTime) -> bool:
    """Drop what the journal need not keep any longer. False: not now, the clock cannot be trusted.

    A wall clock a year ahead would drop acts of today, which a restored platform may still ask for.
    Raises ``StoreError``.
    """
    if time.quality() is not ClockQuality.GOOD:
        return False
    store.tidy(time.now())
    return True
