"""One PC with its seat: disk, clock, store, sync thread, whoever sits there. It can die at any write."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from desktop_app.care import EVERY, FIRST_LOOK, StoreCare
from desktop_app.domain.clock import Clock, PlatformTime
from desktop_app.domain.ids import OrderId, PersonId
from desktop_app.domain.orders import Order
from desktop_app.services.seat import Seat
from local_store.changes import ChangeSet
from local_store.errors import StoreError
from local_store.rows import OutboxStatus
from sync.client import identity, login
from sync.client.address import Address, parse_address
from sync.client.failures import Failure, FailureKind, Problem
from sync.client.mailbox import Mailbox, Note
from sync.client.runner import Runner, Told
from sync.client.state import SyncState
from sync.client.stick_keys import device_key
from sync.client.transport import Call
from sync.protocol.messages import SyncRequest
from tests.simulation.clocks import MachineClock
from tests.simulation.kernel import Fibre, VirtualLoop, this_fibre
from tests.simulation.ledger import Ledger, WitnessedStore
from tests.simulation.network import Line, LineTransport
from tests.simulation.seat_store import SeatStore
from tests.simulation.stores import Disks
from tests.simulation.trace import Trace
from tests.support.disk import Disk, MachineStopped
from tests.support.platform import PASSWORD

if TYPE_CHECKING:
    from tests.simulation.checks import Checks

MOST_FAILURES = 150
"""Of one machine in one minute: its lines for messages and files may each fail once a second (I12)."""


class FibreMailbox(Mailbox):
    """A mailbox whose waits give the loop back."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._sleeper: asyncio.Future[None] | None = None

    def post(self, note: Note) -> None:
        super().post(note)
        self._end_wait()

    def stop(self) -> None:
        super().stop()
        self._end_wait()

    def _end_wait(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    def wait(self, seconds: float) -> None:
        if self.waiting:
            return
        self._sleeper = self._loop.create_future()
        timer = None
        if seconds < 1e9:
            timer = self._loop.call_later(seconds, self._end_wait)
        try:
            this_fibre().wait(self._sleeper)
        finally:
            self._sleeper = None
            if timer is not None:
                timer.cancel()


class Workstation:
    """``seat`` is None while it is off, or nobody has ever been known here."""

    def __init__(
        self,
        name: str,
        people: tuple[str, ...],
        address: str,
        loop: VirtualLoop,
        disk: Disk,
        line: Line,
        ledger: Ledger,
        trace: Trace,
        checks: Checks,
        dice: random.Random,
        disks: Disks,
    ) -> None:
        self.name, self.people, self.address = name, people, address
        self.loop, self.disk, self.line = loop, disk, line
        self.ledger, self.trace, self.checks, self.dice = ledger, trace, checks, dice
        self._disks = disks
        self.door = SeatStore(name, disk, ledger, trace)
        self.clock = MachineClock(loop.time)
        self.store: WitnessedStore | None = None
        self.seat: Seat | None = None
        self.state = SyncState()
        self.screen: dict[OrderId, Order] = {}
        self.asleep = False
        self.wants_to_sign_in: str | None = people[0]
        self.person = people[0]
        self._held: list[Callable[[], object]] = []
        self._fibres: list[Fibre] = []
        self._failures: deque[float] = deque()
        self._mailbox = FibreMailbox(loop)
        self._signing_in = False
        self._damage_told = False

    # --- on and off ---

    @property
    def on(self) -> bool:
        return self.store is not None

    def start(self) -> None:
        """Start the program. The machine may stop again while it does."""
        self._mailbox = FibreMailbox(self.loop)
        try:
            self._open()
        except MachineStopped:
            self.die(power_cut=True)
        except StoreError as error:
            if not self.disk.full and not self.door.spoilt:
                self.checks.fail(
                    "I1", self.name, f"the store does not open: {error} {error.detail}"
                )
            self.die(power_cut=False)

    def _open(self) -> None:
        store = self.store = self.door.open()
        store.watch_damage(self._damaged)
        self._care = StoreCare(store, self.clock)
        self.loop.call_later(FIRST_LOOK, self._look_after, store)
        self.checks.reopened(self)
        time = PlatformTime(self.clock, identity.load_anchor(self.store))
        self.time = time
        told = Told(self._changed, self._told_state, self._noticed)
        runner = Runner(
            self.store,
            time,
            self.clock,
            self._mailbox,
            told,
            dice=self.dice.random,
            open_line=self._open_line,
        )
        self.state = SyncState(signed_in=runner.engine.signed_in)
        self.wants_to_sign_in = None if runner.engine.signed_in else self.person
        self._settle_in()
        self.spawn(runner.run)
        self.trace.note(self.name, "starts")

    def _look_after(self, store: WitnessedStore) -> None:
        """What the thread that cares for the store does every minute."""
        if self.store is store:
            if not self.asleep:
                self.spawn(self._care.look)
            self.loop.call_later(EVERY, self._look_after, store)

    def _damaged(self) -> None:
        """The window closes the store and comes in again by the same door."""
        if not self._damage_told:
            self._damage_told = True
            self.door.suspect()
            self.loop.call_soon(self._come_in_again, self.store)

    def _come_in_again(self, store: WitnessedStore | None) -> None:
        if store is not None and self.store is store and not self.disk.stopped:
            self._close()
            self.start()

    def _settle_in(self) -> None:
        """Who sits here is who signed in last, once the center is known."""
        assert self.store is not None
        center = self.store.center()
        known = center is not None and center.person(self.person) is not None
        self.seat = Seat(self.store, self.time, PersonId(self.person)) if known else None
        self.screen.clear()

    def spawn(self, work: Callable[[], object]) -> None:
        fibre = Fibre(self.loop, work, lambda error: self._ended(error, fibre), self._gate)
        self._fibres.append(fibre)

    def _ended(self, error: BaseException | None, fibre: Fibre) -> None:
        if fibre in self._fibres:
            self._fibres.remove(fibre)
        if isinstance(error, MachineStopped) and self.disk.stopped:
            self.loop.call_soon(self.stopped_by_itself)
        elif error is not None and not isinstance(error, MachineStopped):
            self.checks.broke(self.name, error)

    def stopped_by_itself(self) -> None:
        """The disk stopped in the middle of something: settle what is left."""
        if self.on and self.disk.stopped:
            self.die(power_cut=self.dice.random() < 0.6)

    async def quit(self) -> None:
        """End the program as its window does. The machine may stop while it does."""
        self._mailbox.stop()
        for _ in range(20):
            await asyncio.sleep(0)
        self._close()
        self.trace.note(self.name, "quits")

    def _close(self) -> None:
        """Close the store. The machine may stop while it does."""
        fibres, self._fibres = self._fibres, []
        for fibre in fibres:  # a sign-in that hangs does not hold the window open
            fibre.kill()
        if self.store is not None:
            with suppress(MachineStopped):
                self.store.close()
        self._disks.let_go(self.name)
        if self.disk.stopped:
            self.die(power_cut=True)
        self._off()

    def _off(self) -> None:
        self.store, self.seat = None, None
        self._damage_told = False
        self.state = SyncState()
        self._held.clear()
        self._signing_in = False

    def die(self, *, power_cut: bool) -> None:
        """The process ends wherever it is."""
        self.disk.stop()
        self.door.forget()
        fibres, self._fibres = self._fibres, []
        for fibre in fibres:
            fibre.kill()
        if self.store is not None:
            with suppress(MachineStopped):
                self.store.close()
        self._disks.let_go(self.name)
        self._off()
        self.disk.restart(power_cut=power_cut)
        self.checks.machine_died(self.name, power_cut=power_cut)
        self.trace.count("power cuts" if power_cut else "kills")
        self.trace.note(self.name, "power cut" if power_cut else "killed")

    # --- sleep ---

    def _gate(self, call: Callable[[], object]) -> None:
        if self.asleep:
            self._held.append(call)
        else:
            call()

    def sleep(self) -> None:
        self.asleep = True
        self.trace.note(self.name, "sleeps")

    def wake(self, slept: float, *, monotonic_stood_still: bool) -> None:
        """Come back; the program notices the gap and asks for a sync, as the heartbeat does."""
        if monotonic_stood_still:
            self.clock.slept(slept)
        self.asleep = False
        held, self._held = self._held, []
        for call in held:
            self.loop.call_soon(self._gate, call)
        self.post(Note.ASKED)
        self.trace.note(self.name, f"wakes after {slept:.0f} s")

    # --- what the program's window does ---

    def post(self, note: Note) -> None:
        if self.on:
            self._mailbox.post(note)

    def want_files(self, order_id: OrderId) -> None:
        self._mailbox.want_files(order_id)

    def sign_in(self, person: str) -> None:
        """Have ``person`` sign in over the line, as the login page does."""
        if self.on and not self._signing_in and not self.asleep:
            self._signing_in = True
            self.spawn(lambda: self._sign_in(person))

    def _sign_in(self, person: str) -> None:
        assert self.store is not None
        try:
            credentials = login.sign_in(
                self.address, person, PASSWORD, self.store.device_id, self.name,
                device_key=device_key(self.store), clock=self.clock, open_line=self._open_line,
            )  # fmt: skip
            identity.save_credentials(self.store, credentials)
        except login.LoginError as error:
            self.trace.note(self.name, f"{person} is not signed in: {error.kind} {error}")
            return
        except StoreError:
            if not self.disk.full and not self.door.spoilt:
                raise
            return
        finally:
            self._signing_in = False
        self.person, self.wants_to_sign_in = person, None
        self._mailbox.post(Note.SIGNED_IN)
        self._settle_in()
        self.trace.note(self.name, f"{person} signs in")

    def _open_line(self, address: Address, clock: Clock, _authority: str) -> LineTransport:
        return LineTransport(address, clock, self)

    def sign_out(self) -> None:
        assert self.store is not None
        identity.forget_credentials(self.store)
        self._mailbox.post(Note.SIGNED_OUT)
        self.wants_to_sign_in = self.person
        self.trace.note(self.name, f"{self.person} signs out")

    # --- what the runner tells ---

    def _changed(self, changes: ChangeSet) -> None:
        if self.seat is None:
            self._settle_in()
        self.checks.seat_changed(self, changes)

    def _told_state(self, state: SyncState) -> None:
        self.state = state

    def _noticed(self, problem: Problem) -> None:
        self.trace.note(self.name, f"notice: {problem.kind}")
        self.trace.count(f"notice {problem.kind}")
        if problem.kind in (FailureKind.SIGN_IN_AGAIN, FailureKind.FORBIDDEN):
            self.wants_to_sign_in = self.person

    # --- what goes over the line ---

    def about_to_send(self, request: SyncRequest) -> None:
        self.checks.sends(self, request)

    def answered(self, request: SyncRequest) -> None:
        if request.acts:
            self.trace.note(self.name, f"{len(request.acts)} acts answered")

    def failed(self, call: Call, why: Failure) -> None:
        if why.kind is FailureKind.INTERRUPTED:
            return
        self.trace.count("exchanges failed")
        now = self.clock.monotonic()
        self._failures.append(now)
        while self._failures[0] < now - 60:
            self._failures.popleft()
        if len(self._failures) > MOST_FAILURES:
            self.checks.fail("I12", self.name, f"{len(self._failures)} failures in a minute")

    # --- for the world ---

    @property
    def parsed_address(self) -> Address:
        parsed = parse_address(self.address)
        assert isinstance(parsed, Address)
        return parsed

    def order_ids(self) -> list[OrderId]:
        """Return the ids of all orders here."""
        assert self.store is not None
        with self.store._db.read() as tx:
            return [OrderId(i) for i in tx.column("SELECT order_id FROM orders ORDER BY order_id")]

    def waiting_of(self, person: str) -> int:
        """Return how many acts of ``person`` are not done with: unsent, or their order not back yet."""
        assert self.store is not None
        items = [i for i in self.store.outbox() if i.status is not OutboxStatus.REJECTED]
        return sum(item.act.actor.person_id == person for item in items)
