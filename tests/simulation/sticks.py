"""USB sticks: a seat without a line exports, somebody carries it to the center; it is lost, late, twice, old, bent."""

from __future__ import annotations

import asyncio
import io
import random
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.refusals import Refusal
from desktop_app.services import outbox_export
from desktop_app.services.outbox_export import StickFailed
from local_store.errors import StoreError
from sync.client.failures import Failure
from sync.client.identity import load_credentials
from sync.client.stick_keys import load_keys
from sync.platform.stick_import import StickImport
from sync.platform.stick_routes import MAY_TAKE
from sync.platform.uploads import Uploads
from sync.protocol.stick import StickError
from tests.simulation.network import LineTransport
from tests.simulation.workstation import Workstation
from tests.support.disk import Disk, MachineStopped
from tests.support.disk_files import ROOT

if TYPE_CHECKING:
    from tests.simulation.world import World

NAME = "stick"
_LATE = (60.0, 200.0, 30_000.0)
"""Seconds a stick is under way on average, on different occasions."""
_OLD = 4
"""So many of the last sticks turn up once more when everything is over."""


class Sticks:
    """All sticks of one run."""

    def __init__(self, world: World, disk: Disk, dice: random.Random) -> None:
        self._world, self._disk, self._dice = world, disk, dice
        self._carried: list[bytes] = []
        self._ways: set[asyncio.Task[None]] = set()

    # --- at the seat ---

    def may_be_cut_off(self, machine: Workstation) -> bool:
        """Whether this seat can go on without a line: it has orders and the center's key."""
        if machine.store is None or machine.seat is None or machine.door.spoilt:
            return False
        return load_keys(machine.store) is not None and bool(machine.order_ids())

    def export(self, machine: Workstation) -> None:
        """Let who sits at ``machine`` export; the stick is pulled out when it is said, or before."""
        if machine.on and machine.seat is not None and not machine.asleep:
            machine.spawn(lambda: self._export(machine))

    def _export(self, machine: Workstation) -> None:
        assert machine.seat is not None
        path = Path(f"{ROOT}{NAME}/{machine.name}-{self._dice.randrange(2)}.jiban")
        if self._dice.random() < 0.15:
            self._disk.pull_in(self._dice.randint(1, 12))
        try:
            done = outbox_export.export(machine.seat, path)
        except (Refusal, StickFailed) as why_not:
            machine.trace.count(f"stick: {type(why_not).__name__}")
            return
        except StoreError:
            if not machine.disk.full and not machine.door.spoilt:
                raise
            return
        finally:
            self._disk.restart(power_cut=True)
        machine.trace.note(machine.name, f"{done.acts} acts on a stick")
        machine.trace.count("stick: exported")
        file = self._disk.files.get(str(path))
        if file is None or len(file.content) != done.bytes:
            machine.checks.fail("I1", machine.name, "what was said to be on the stick is not")
            return
        self._on_the_way(bytes(file.content))

    # --- on the way ---

    def _on_the_way(self, data: bytes) -> None:
        self._carried.append(data)
        for _ in range(self._dice.choice((0, 1, 1, 1, 2))):
            task = self._world.loop.create_task(self._carry(data))
            self._ways.add(task)
            task.add_done_callback(self._ways.discard)

    async def _carry(self, data: bytes) -> None:
        await asyncio.sleep(self._dice.expovariate(1 / self._dice.choice(_LATE)))
        roll, harmed = self._dice.random(), data
        if roll < 0.1:
            harmed = data[: self._dice.randrange(len(data))]
        elif roll < 0.2:
            at = self._dice.randrange(len(data))
            harmed = data[:at] + bytes([data[at] ^ 1 << self._dice.randrange(8)]) + data[at + 1 :]
        desk = self._desk()
        if desk is not None and self._dice.random() < 0.6:
            desk.spawn(lambda: self._at_desk(desk, harmed, whole=harmed == data))
        else:
            self.at_console(harmed, whole=harmed == data)

    # --- at the center ---

    def _desk(self) -> Workstation | None:
        """Return a seat at which somebody is signed in who may take sticks."""
        return next((m for m in self._world.machines if _may_take(m) and not m.disk.stopped), None)

    def _at_desk(self, desk: Workstation, data: bytes, *, whole: bool) -> None:
        assert desk.store is not None
        kept = load_credentials(desk.store)
        if kept is None:
            return
        transport = LineTransport(desk.parsed_address, desk.clock, desk)
        answer = transport.bring(io.BytesIO(data), kept.access_token)
        if isinstance(answer, Failure):
            desk.trace.count(f"stick: not taken at the desk, {answer.code or answer.kind}")
            return
        self._taken(desk.name, answer.new, whole=whole)

    def at_console(self, data: bytes, *, whole: bool) -> None:
        """Take a stick in at the platform itself, as the command line does."""
        host = self._world.host
        if host.platform is None or host.disk.stopped:
            return
        with suppress(MachineStopped):
            uploads = Uploads(host.platform, host.files)
            try:
                taken = StickImport(host.platform, uploads).take(io.BytesIO(data))
            except StickError as error:
                self._world.trace.count(f"stick: not taken, {error.code}")
                if whole and error.code == "damaged":
                    self._world.checks.fail("I1", "platform", "a whole stick is said to be damaged")
            else:
                self._taken("platform", taken.new, whole=whole)
            self._world.look()

    def _taken(self, where: str, new: int, *, whole: bool) -> None:
        self._world.trace.count("stick: taken")
        self._world.trace.count("stick: acts that came by stick first", new)
        self._world.trace.note(where, f"a stick is taken in: {new} new acts")
        if not whole:
            self._world.checks.fail("5", where, "a stick that was changed was taken in")

    def turn_up_again(self) -> None:
        """Old sticks are found in drawers."""
        for data in self._carried[-_OLD:]:
            self.at_console(data, whole=True)


def _may_take(machine: Workstation) -> bool:
    if machine.seat is None or machine.asleep or not machine.state.signed_in:
        return False
    return machine.seat.person.role in MAY_TAKE
