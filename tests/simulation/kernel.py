"""Virtual time: an event loop that never waits, and fibres in which blocking code runs unchanged.

The platform's own coroutines and the world's run on the loop. A seat's sync thread is a fibre: where
it would block (the line, the mailbox) it gives the loop back until what it waits for has come. One
thread, one order of events, all of it drawn from the seed.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import anyio.to_thread
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from tests.support.disk import MachineStopped

T = TypeVar("T")
Gate = Callable[[Callable[[], object]], None]
"""Runs a call now, or keeps it until the machine is awake again."""


class Stalled(Exception):
    """Nothing is left that could ever happen."""


class _NoWaiting(selectors.SelectSelector):
    """Moves the loop's clock on instead of waiting."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stalled
        self.loop.pass_time(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time`` starts at 0 and moves only when everything that was due is done."""

    def __init__(self) -> None:
        self._passed = 0.0
        selector = _NoWaiting()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self._passed

    def pass_time(self, seconds: float) -> None:
        self._passed += max(0.0, seconds)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """What would run in another thread runs here and now."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - the caller's, whatever it is
            future.set_exception(error)
        return future


async def _run_sync(func: Callable[..., T], *args: Any, **_options: Any) -> T:
    return func(*args)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let the web framework call its "threads" directly."""
    before = anyio.to_thread.run_sync
    anyio.to_thread.run_sync = _run_sync  # type: ignore[assignment]
    try:
        yield
    finally:
        anyio.to_thread.run_sync = before


@contextmanager
def chance_of(dice: random.Random) -> Iterator[None]:
    """Let ``dice`` be this process's source of randomness: ids, tokens, salts."""
    import os

    def urandom(size: int) -> bytes:
        return dice.randbytes(size)

    system, module = os.urandom, random._urandom  # type: ignore[attr-defined]
    os.urandom = random._urandom = urandom  # type: ignore[attr-defined]
    try:
        yield
    finally:
        os.urandom, random._urandom = system, module  # type: ignore[attr-defined]


class Fibre:
    """Blocking code on the loop. ``ended`` hears how it ended: None, or what was raised."""

    def __init__(
        self,
        loop: VirtualLoop,
        work: Callable[[], object],
        ended: Callable[[BaseException | None], None],
        gate: Gate,
    ) -> None:
        self._loop, self._work, self._ended, self._gate = loop, work, ended, gate
        self._killed = False
        self._greenlet = greenlet(self._run)
        _FIBRES[self._greenlet] = self
        loop.call_soon(gate, self._switch)

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._work()
        except (Exception, MachineStopped) as raised:  # noqa: BLE001 - told, whatever it is
            error = raised
        finally:
            _FIBRES.pop(self._greenlet, None)
        self._ended(error)

    def wait(self, future: asyncio.Future[T]) -> T:
        """Give the loop back until ``future`` is done; call inside the fibre only."""
        if not future.done():
            future.add_done_callback(self._resume)
            hub = self._greenlet.parent
            assert hub is not None
            hub.switch()
        return future.result()

    def _resume(self, _future: object) -> None:
        self._gate(self._switch)

    def _switch(self) -> None:
        if not self._killed and not self._greenlet.dead:
            self._greenlet.switch()

    def kill(self) -> None:
        """End the fibre where it waits; what was to come after never happens."""
        if self._greenlet and getcurrent() is not self._greenlet:
            self._greenlet.throw(MachineStopped)
        self._killed = True
        _FIBRES.pop(self._greenlet, None)


_FIBRES: dict[greenlet, Fibre] = {}


def this_fibre() -> Fibre:
    """Return the fibre that runs."""
    return _FIBRES[getcurrent()]
