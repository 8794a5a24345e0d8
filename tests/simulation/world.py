"""Everything of one run: the platform, the machines, the lines between them, and who watches."""

from __future__ import annotations

import random
from contextlib import suppress
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
        self._settle = settle
        disk = Disk(self.dice_of("platform disk"), platform_image(folder))
        self.host = Host(loop, disk, folder, trace, self._answered)
        self.sender = Sender(self.dice_of("sender"), trace, self.look)
        self.machines = [self._machine(place) for place in plan.places]
        self.users = [
            User(machine, plan.habits, self.dice_of(f"user {machine.name}"))
            for machine in self.machines
        ]
        self.backup: Backup | None = None
        self._put_back = False  # the checks have not heard of the restore yet
        self.shut_out: set[str] = set()

    def dice_of(self, what: str) -> random.Random:
        """Return chance of its own for one thing, so that a change elsewhere does not shift it."""
        return random.Random(f"{self.seed} {what}")

    def _machine(self, place: Place) -> Workstation:
        weather = Weather(self.dice_of(f"line {place.name}"), place.bad, weights=self.plan.mishaps)
        dice = self.dice_of(f"machine {place.name}")
        return Workstation(
            place.name,
            place.people,
            place.address,
            self.loop,
            Disk(self.dice_of(f"disk {place.name}"), store_image()),
            Line(self.loop, self.host, weather, self.trace),
            self.ledger,
            self.trace,
            self.checks,
            dice,
            self._settle,
        )

    # --- the platform ---

    def _answered(self, _request: Request, _response: Response) -> None:
        self.look()

    def look(self) -> None:
        """Let the checks see what the platform has committed."""
        if self.checks.inside is not None:
            with suppress(MachineStopped):
                self.checks.platform_committed(self.checks.inside)

    async def start_platform(self) -> None:
        await self.host.start()
        if self.host.platform is None:
            return
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
