"""Notes from other threads to the sync thread, and the way to interrupt what it is doing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum

from desktop_app.domain.ids import OrderId


class Note(StrEnum):
    """What happened outside."""

    WOKEN = "woken"
    ASKED = "asked"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    FILES = "files"


class Mailbox:
    """Notes of one kind pile up into one. ``post`` and ``stop`` may be called from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._notes: dict[Note, None] = {}
        self._orders: dict[OrderId, None] = {}
        self._break_off: Callable[[], None] | None = None
        self._on_stop: list[Callable[[], None]] = []
        self.stopped = False

    def post(self, note: Note) -> None:
        """Leave a note; a wait or a long poll ends at once."""
        with self._condition:
            self._notes.pop(note, None)  # who signed in or out last counts
            self._notes[note] = None
            if self._break_off is not None:
                self._break_off()
            self._condition.notify_all()

    def want_files(self, order_id: OrderId) -> None:
        """Leave a note that this order's files are looked for."""
        with self._condition:
            self._orders[order_id] = None
        self.post(Note.FILES)

    def wanted_files(self) -> list[OrderId]:
        """Take the orders whose files are looked for, in the order of asking."""
        with self._condition:
            orders, self._orders = list(self._orders), {}
            return orders

    def on_stop(self, break_off: Callable[[], None]) -> None:
        """Have ``break_off`` called by ``stop``; at once if that has been."""
        with self._condition:
            self._on_stop.append(break_off)
            if self.stopped:
                break_off()

    def stop(self) -> None:
        """End the sync: what is under way is broken off, nothing new begins."""
        with self._condition:
            self.stopped = True
            for break_off in self._on_stop:
                break_off()
            self._condition.notify_all()

    def drain(self) -> list[Note]:
        """Take the notes."""
        with self._condition:
            notes, self._notes = list(self._notes), {}
            return notes

    @property
    def waiting(self) -> bool:
        """Whether a note waits, or it is time to stop."""
        with self._condition:
            return bool(self._notes) or self.stopped

    def wait(self, seconds: float) -> None:
        """Wait for a note, at most ``seconds``."""
        with self._condition:
            if not self._notes and not self.stopped:
                self._condition.wait(min(seconds, threading.TIMEOUT_MAX))

    def guard(self, break_off: Callable[[], None]) -> bool:
        """Have ``break_off`` called by the next note. False when one waits already."""
        with self._condition:
            if self._notes or self.stopped:
                return False
            self._break_off = break_off
            return True

    def unguard(self, resume: Callable[[], None]) -> None:
        """The end of ``guard``; ``resume`` undoes the breaking off unless it is time to stop."""
        with self._condition:
            self._break_off = None
            if not self.stopped:
                resume()
