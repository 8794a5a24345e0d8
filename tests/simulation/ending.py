"""The end of a run: good lines, everything switched on, and waiting until nothing moves any more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from local_store.errors import StoreError
from sync.client.mailbox import Note
from tests.simulation.quiet import QuietChecks, behind, unsent
from tests.simulation.workstation import Workstation
from tests.simulation.world import World

PATIENCE = 2700.0
"""Seconds of good lines after which nothing may be unsent or unequal any more (I8, I9)."""
LONG = 31 * 86400.0
"""After this what a restored platform waits for from others is judged by what is there."""


class Ending:
    """Heals ``world`` and checks the account."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def come(self) -> None:
        """Good lines, everything on; wait until nothing moves. Nobody presses any button but sign-in."""
        await self._all_well()
        stuck = await self._wait_for_quiet()
        if stuck and self._world.checks.restored:
            await self._wait_out()
            stuck = await self._wait_for_quiet()
        if stuck and not self._world.checks.broken:
            self._world.checks.fail("I8", "quiet", "; ".join(stuck[:6]))
        if not self._world.checks.broken and self._world.checks.inside is not None:
            QuietChecks(
                self._world.checks,
                self._world.ledger,
                self._world.checks.inside,
                self._world.machines,
                self._world.shut_out,
            ).run()

    async def _all_well(self) -> None:
        self._world.host.set_wrong(timedelta())
        self._world.host.disk.keep_running()
        if self._world.host.disk.stopped:
            await self._world.stop_platform()
        if self._world.host.platform is None:
            await self._world.start_platform()
        assert self._world.host.platform is not None
        if self._world.plan.comes_back:
            for who in sorted(self._world.shut_out):
                self._world.host.platform.switch_account(who, active=True)
            self._world.shut_out.clear()
        self._world.sender.repeat(self._world.host.platform)
        self._world.sticks.turn_up_again()
        for machine in self._world.machines:
            machine.line.weather.clear()
            machine.disk.full = False
            machine.disk.keep_running()
            if machine.disk.stopped:
                machine.stopped_by_itself()
            if not machine.on:
                machine.start()

    async def _wait_for_quiet(self) -> list[str]:
        """Return what is still not as it should be after all patience."""
        end = self._world.loop.time() + PATIENCE * (
            1 + sum(len(m.people) > 1 for m in self._world.machines)
        )
        stuck: list[str] = []
        while self._world.loop.time() < end and not self._world.checks.broken:
            await asyncio.sleep(15)
            stuck = [what for machine in self._world.machines for what in self._stuck(machine)]
            if not stuck:
                return []
        return stuck

    def _stuck(self, machine: Workstation) -> list[str]:
        if not machine.on:
            machine.start()
            return [f"{machine.name} was off"]
        try:
            self._see_to(machine)
            return unsent(machine, self._world.shut_out) + self._behind(machine)
        except StoreError as error:
            if not machine.door.spoilt:
                raise
            return [f"{machine.name}: {error}"]

    def _behind(self, machine: Workstation) -> list[str]:
        return [] if machine.person in self._world.shut_out else behind(machine, self._world.checks)

    def _see_to(self, machine: Workstation) -> None:
        """Whoever has something to send, or is asked to, signs in."""
        person = machine.wants_to_sign_in or machine.person
        if not machine.waiting_of(person) and not machine.wants_to_sign_in:
            waiting = [
                p for p in machine.people if p not in self._world.shut_out and machine.waiting_of(p)
            ]
            person = waiting[0] if waiting else person
        if person in self._world.shut_out:
            person = next((p for p in machine.people if p not in self._world.shut_out), person)
        if person != machine.person or machine.wants_to_sign_in:
            machine.sign_in(person)

    async def _wait_out(self) -> None:
        for machine in self._world.machines:
            await machine.quit()
        await self._world.stop_platform()
        await asyncio.sleep(LONG)
        await self._world.start_platform()
        await self._all_well()
        for machine in self._world.machines:
            machine.post(Note.ASKED)
