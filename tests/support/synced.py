"""Whole seats for tests: a real store on disk, the real runner, a real platform behind a bad line.

Time is the test's: waits of the runner move the shared manual clock instead of lasting.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from desktop_app.domain.clock import PlatformTime
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.store import Store
from sync.client import events as ev
from sync.client import login
from sync.client.failures import Problem
from sync.client.identity import Credentials, load_anchor, save_credentials
from sync.client.mailbox import Mailbox, Note
from sync.client.runner import Runner, Told
from sync.client.state import SyncState
from sync.client.stick_keys import device_key
from tests.support.clock import ManualClock
from tests.support.platform import PASSWORD

KEY = bytes(range(32))


class VirtualMailbox(Mailbox):
    """A mailbox whose waits move the clock."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> None:
        if not self.waiting:
            # Rounded up: a rest that the clock cannot show would be waited for without end.
            self._clock.advance(timedelta(microseconds=math.ceil(min(seconds, 3600.0) * 1e6)))


@dataclass
class SyncedSeat:
    """One seat. ``reopen`` is what a crash and a new start leave of it: the file."""

    profile: Path
    clock: ManualClock
    person_id: str
    address: str
    dice: Callable[[], float] = lambda: 0.5
    key: bytes = KEY
    authority: str = ""
    changes: list[ChangeSet] = field(default_factory=list)
    states: list[SyncState] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.store = Store.open(self.profile, self.key)
        self.time = PlatformTime(self.clock, load_anchor(self.store))
        self.seat = Seat(self.store, self.time, PersonId(self.person_id))
        self.mailbox = VirtualMailbox(self.clock)
        self.runner = self._runner()

    def _runner(self) -> Runner:
        told = Told(self.changes.append, self.states.append, self.notices.append)
        return Runner(self.store, self.time, self.clock, self.mailbox, told, dice=self.dice)

    def sign_in_with(self, authority: str) -> Credentials:
        """Return a new session of a platform that ``authority`` (PEM) vouches for."""
        device = self.store.device_id
        return login.sign_in(
            self.address, self.person_id, PASSWORD, device, "测试坐席",
            device_key=device_key(self.store), authority=authority,
        )  # fmt: skip

    def sign_in(self) -> None:
        credentials = self.sign_in_with(self.authority)
        save_credentials(self.store, credentials)
        self.mailbox.post(Note.SIGNED_IN)

    def reopen(self) -> None:
        """Throw everything in memory away and start again from the file."""
        self.runner.close()
        self.store.close()
        self.open()

    def close(self) -> None:
        self.runner.close()
        self.store.close()

    @property
    def resting(self) -> bool:
        """Whether the next task is the long poll: everything else is done for now."""
        return isinstance(self.runner.task, ev.Poll)

    def turns(self, most: int = 200) -> None:
        """Run until the long poll is next, at most so many tasks."""
        for _ in range(most):
            self.runner.turn()
            if self.resting and not self.mailbox.waiting:
                return
        raise AssertionError(f"still {self.runner.task} after {most} tasks")

    def sync(self, most: int = 200) -> None:
        """Do as F5 does, until there is nothing left to do."""
        self.mailbox.post(Note.ASKED)
        self.turns(most)

    def try_once(self) -> None:
        """Do as F5 does, once, whatever comes of it."""
        self.mailbox.post(Note.ASKED)
        for _ in range(10):
            task = self.runner.task
            self.runner.turn()
            if not isinstance(task, ev.Wait | ev.Poll):
                return

    def orders(self) -> list[OrderId]:
        """Return the ids of all orders here."""
        with self.store._db.read() as tx:
            return [OrderId(i) for i in tx.column("SELECT order_id FROM orders ORDER BY order_id")]
