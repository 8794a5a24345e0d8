"""Everything of one run: the platform, the machines, the lines between them, and who watches."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tests.simulation.checks import Checks
from tests.simulation.host import Backup, Host
from tests.simulation.images import platform_image, store_image
from tests.simulation.inside import Inside
from tests.simulation.kernel import VirtualLoop
from tests.simulation.ledger import Ledger
from tests.simulation.network import Line, Request, Response
from tests.simulation.plan import Place, Plan
from tests.simulation.sender import Sender
from tests.simulation.sticks import NAME as STICK
from tests.simulation.sticks import Sticks
from tests.simulation.stores import Disks, copied
from tests.simulation.trace import Trace
from tests.simulation.users import User
from tests.simulation.weather import Weather
from tests.simulation.workstation import Workstation
from tests.support.disk import Disk, MachineStopped
from tests.support.disk_driver import Settle


class World:
    """One township on one loop; ``days`` and ``ending`` make it live."""

    def __init__(
        self,
        seed: int,
        plan: Plan,
        loop: VirtualLoop,
        folder: Path,
        trace: Trace,
        settle: Settle,
    ) -> None:
        self.seed, self.plan, self.loop, self.trace = seed, plan, loop, trace
        self.ledger = Ledger()
        self.checks = Checks(self.ledger, trace)
        self._dice = self.dice_of("world")
        self.disks = Disks(settle)
        disk = Disk(self.dice_of("platform disk"), platform_image(folder))
        self.host = Host(loop, disk, folder, trace, self._answered)
        self.sender = Sender(self.dice_of("sender"), trace, self.look)
        self.places = list(plan.places)
        self.machines = [self._machine(place) for place in plan.places]
        self.users = [self._user(machine) for machine in self.machines]
        stick = self.disks.add(STICK, Disk(self.dice_of("disk of the sticks")))
        self.sticks = Sticks(self, stick, self.dice_of("sticks"))
        self.backup: Backup | None = None
        self._looked_at = -1
        self._put_back = False  # the checks have not heard of the restore yet
        self.shut_out: set[str] = set()

    def dice_of(self, what: str) -> random.Random:
        """Return chance of its own for one thing, so that a change elsewhere does not shift it."""
        return random.Random(f"{self.seed} {what}")

    def _machine(self, place: Place) -> Workstation:
        disk = Disk(self.dice_of(f"disk {place.name}"), store_image(place.name))
        weather = Weather(self.dice_of(f"line {place.name}"), place.bad, weights=self.plan.mishaps)
        dice = self.dice_of(f"machine {place.name}")
        return Workstation(
            place.name,
            place.people,
            place.address,
            self.loop,
            self.disks.add(place.name, disk),
            Line(self.loop, self.host, weather, self.trace),
            self.ledger,
            self.trace,
            self.checks,
            dice,
            self.disks,
        )

    def _user(self, machine: Workstation) -> User:
        return User(machine, self.plan.habits, self.dice_of(f"user {machine.name}"))

    def copy_profile(self) -> None:
        """Somebody copies a profile to another PC, once; both go on working."""
        source = next((m for m in self.machines if m.name == self.plan.copied), None)
        name = f"{self.plan.copied}-copy"
        if source is None or name in self.disks:
            return
        place = replace(self.places[self.machines.index(source)], name=name, stick=False)
        machine = self._machine(place)
        copied(source.disk, machine.disk, name)
        machine.door.rebuilt = source.door.rebuilt
        machine.person = machine.wants_to_sign_in = source.person
        self.places.append(place)
        self.machines.append(machine)
        self.users.append(self._user(machine))
        self.trace.count("profiles copied")
        self.trace.note(name, f"is a copy of {source.name}")

    # --- the platform ---

    def _answered(self, _request: Request, _response: Response) -> None:
        self.look()

    def look(self) -> None:
        """Let the checks see what the platform has committed: nothing, if nothing was written."""
        written = self.host.disk.operations
        if self.checks.inside is not None and written != self._looked_at:
            self._looked_at = written
            with suppress(MachineStopped):
                self.checks.platform_committed(self.checks.inside)

    async def start_platform(self) -> None:
        await self.host.start()
        if self.host.platform is None:
            return
        self._looked_at = -1
        with suppress(MachineStopped):
            self.checks.inside = Inside(self.host.platform)
            if self._put_back:
                self._put_back = False
                self.checks.platform_restored(self.checks.inside)
                self.sender.repeat(self.host.platform)
        self.look()

    async def stop_platform(self, backup: Backup | None = None) -> None:
        self.checks.inside = None
        power_cut = self._dice.random() < 0.5
        await self.host.stop(power_cut=power_cut, backup=backup)
        self.trace.count("platform crashes")
        self.trace.note("platform", "down")

    async def restore(self) -> None:
        """Put the old backup back; when it is up again the sender repeats what it sent since."""
        await self.stop_platform(self.backup)
        self._put_back = True
        self.trace.count("restores")
        self.trace.note("platform", "restored from a backup")
