"""A seat that syncs without a window: the real runner, turned by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop_app.domain.clock import PlatformTime, SystemClock
from local_store import keys
from local_store.store import Store
from resources.sample.township import SAMPLE_PASSWORD
from sync.client import events as ev
from sync.client import login
from sync.client.identity import save_credentials
from sync.client.mailbox import Mailbox, Note
from sync.client.runner import Runner, Told

ACCOUNT = "zhou"


def sign_in(store: Store, address: str) -> None:
    """Sign the dispatcher in at the platform and keep the session in the store."""
    credentials = login.sign_in(address, ACCOUNT, SAMPLE_PASSWORD, store.device_id, "bench")
    save_credentials(store, credentials)


class HandTurned:
    """``sync`` does what F5 does, to the end; ``requests`` counts what went over the line."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.mailbox = Mailbox()
        self.clock = SystemClock()
        self.time = PlatformTime(self.clock)
        told = Told(_nothing, _nothing, _nothing)
        self.runner = Runner(store, self.time, self.clock, self.mailbox, told)
        self.requests = 0
        for transport in self.runner._transports:
            _count(transport, self)

    @property
    def resting(self) -> bool:
        return isinstance(self.runner.task, ev.Poll | ev.Wait) and not self.mailbox.waiting

    def greet(self) -> None:
        """Do the first exchange of words; what is measured comes after."""
        assert isinstance(self.runner.task, ev.Greet), self.runner.task
        self.runner.turn()

    def turns(self) -> None:
        while not self.resting:
            self.runner.turn()
        assert self.runner.engine.attempt == 0, self.runner.engine.problem

    def ask(self) -> None:
        """Press F5: what is under way ends at once and the next task is an exchange."""
        self.mailbox.post(Note.ASKED)
        self.runner.turn()

    def close(self) -> None:
        self.runner.close()


@contextmanager
def seat(profile: Path, address: str) -> Iterator[HandTurned]:
    """Give a signed-in seat on a store in ``profile``."""
    store = Store.open(profile, keys.load_or_create(profile, keyring=False).value)
    try:
        sign_in(store, address)
        made = HandTurned(store)
        try:
            yield made
        finally:
            made.close()
    finally:
        store.close()


def _nothing(_what: object) -> None:
    """Nobody listens."""


def _count(transport: Any, seat: HandTurned) -> None:
    send = transport.send

    def counted(call: Any) -> Any:
        seat.requests += 1
        return send(call)

    transport.send = counted
