"""When to look at the township's chain, and what to tell of it: the seat as a witness."""

from __future__ import annotations

import logging

from desktop_app.domain.calendars import SHANGHAI
from desktop_app.domain.clock import Clock, PlatformTime
from local_store.errors import StoreError
from local_store.rows import SyncPoint
from local_store.store import Store
from sync.client import witness
from sync.client.failures import TABLE, Failure, FailureKind, Problem
from sync.client.transport import Transport

log = logging.getLogger("jiban.sync")

FIRST, EVERY, AGAIN = 60.0, 3600.0, 300.0
"""Seconds: after the start, between two looks, and after one that brought nothing new to note."""


class ChainWatch:
    """Belongs to the sync thread."""

    def __init__(self, store: Store, time: PlatformTime, clock: Clock) -> None:
        self._store, self._time, self._clock = store, time, clock
        self._next = clock.monotonic() + FIRST

    @property
    def due(self) -> bool:
        return self._clock.monotonic() >= self._next

    def look(self, transport: Transport, point: SyncPoint, token: str) -> Problem | None:
        """Ask the platform once; return what a person has to be told. A failure is tried again later."""
        self._next = self._clock.monotonic() + AGAIN
        kept = witness.load(self._store)
        answer = transport.chain(point.cursor, witness.to_ask(kept, point.epoch), token)
        if isinstance(answer, Failure) or answer.server_id != point.server_id:
            return None
        try:
            now = witness.take(kept, point.epoch, answer, self._time.now())
        except ValueError:
            return None
        if now == kept:
            return None
        try:
            witness.save(self._store, now)
        except StoreError:  # a full disk is said where it loses something
            return None
        if answer.head or (now.found is not None and now.found.kind == "rewritten"):
            self._next = self._clock.monotonic() + EVERY
        if now.found is None or now.found == kept.found:
            return None
        log.warning(
            "the chain is not what it was: %s, entry %s", now.found.kind, now.found.seen.number
        )
        return problem_of(now.found)


def problem_of(found: witness.Found) -> Problem:
    """Return what is said of it on the screen."""
    words = TABLE[FailureKind.CHAIN]
    if found.kind == "rewritten":
        return Problem(FailureKind.CHAIN, words.title, words.advice)
    return Problem(FailureKind.CHAIN, "平台恢复过备份，留痕退回过", restored_words(found))


def restored_words(found: witness.Found) -> str:
    """Say since when entries are gone: who runs the center knows whether there was a restoration."""
    good = f"到{moment(found.good)}为止相符" if found.good is not None else "没有一条相符"
    return (
        f"本机记下的留痕{good}，之后的（到{moment(found.seen)}）换过了，本机的记录已照常补传。"
        "中心若没有恢复过备份，请告诉负责人。"
    )


def moment(seen: witness.Seen) -> str:
    """Return an entry's number and when it was noted."""
    at = seen.at.astimezone(SHANGHAI)
    return f"第 {seen.number} 条（{at.month}月{at.day}日 {at:%H:%M}）"
