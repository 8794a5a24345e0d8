"""The days of a run: people work, machines and lines fail; and the nights between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from tests.simulation.rogue import Rogue
from tests.simulation.users import User
from tests.simulation.workstation import Workstation
from tests.simulation.world import World
from tests.support.disk import MachineStopped


class Days:
    """Drives ``world`` through its plan, one day after the other."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = world.dice_of("days")

    async def pass_by(self, day: int) -> None:
        """Let everybody work while everything happens, then send them home."""
        length = self._world.plan.days[day]
        for machine, place in zip(self._world.machines, self._world.places, strict=True):
            machine.line.weather.down = day in place.offline_days
        tasks = [asyncio.create_task(self._live(user)) for user in self._world.users]
        tasks += [asyncio.create_task(work) for work in self._disasters(day, length)]
        tasks += [
            asyncio.create_task(self._by_stick(machine))
            for machine, place in zip(self._world.machines, self._world.places, strict=True)
            if place.stick
        ]
        await self._until(length)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                self._world.checks.broke("world", error)
        if not self._world.checks.broken:
            await self._night_falls(self._world.plan.nights[day])

    async def _until(self, length: float) -> None:
        end = self._world.loop.time() + length
        while self._world.loop.time() < end and not self._world.checks.broken:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(min(5.0, end - self._world.loop.time()))

    async def _live(self, user: User) -> None:
        """Somebody at a machine, as long as it runs; whoever finds it off switches it on."""
        machine = user.machine
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / self._world.plan.habits.think))
            if not machine.on:
                if self._dice.random() < self._world.plan.crashes * 0.1:
                    machine.disk.stop_in(self._dice.randint(1, 150))
                machine.start()
                continue
            if machine.asleep:
                continue
            try:
                user.do_something()
            except MachineStopped:
                machine.stopped_by_itself()

    async def _by_stick(self, machine: Workstation) -> None:
        """A seat that has no line any more, and sends sticks."""
        weather, sticks = machine.line.weather, self._world.sticks
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / 30))
            if weather.cut:
                sticks.export(machine)
            else:
                weather.cut = sticks.may_be_cut_off(machine)

    # --- what goes wrong ---

    def _disasters(self, day: int, length: float) -> list[Coroutine[Any, Any, None]]:
        plan = self._world.plan
        found = [
            self._now_and_then(plan.sender_acts * 3 / length, self._sender_acts),
            self._now_and_then(1 / 60, self._weather_changes),
            self._now_and_then(plan.platform_crashes / length, self._platform_stops),
            self._keep_platform(),
        ]
        many = len(self._world.machines) / length
        found += [
            self._now_and_then(plan.crashes * many, self._machine_stops),
            self._now_and_then(plan.sleeps * many, self._machine_sleeps),
            self._now_and_then(plan.clock_jumps * many, self._clock_jumps),
            self._now_and_then(plan.full_disks * many, self._disk_is_full),
            self._now_and_then(plan.rogues / length, self._rogue),
            self._now_and_then(plan.harms * many / 2, self._store_spoils),
        ]
        if plan.restore == day:
            found.append(self._restore_within(length))
        if plan.shut_out is not None and day == len(plan.days) - 1:
            found.append(self._shut_somebody_out(length))
        return found

    async def _now_and_then(self, rate: float, what: Callable[[], Awaitable[None]]) -> None:
        while rate > 0:
            await asyncio.sleep(self._dice.expovariate(rate))
            await what()

    def _one(self) -> Workstation | None:
        running = [m for m in self._world.machines if m.on and not m.asleep and not m.disk.stopped]
        return self._dice.choice(running) if running else None

    async def _sender_acts(self) -> None:
        platform = self._world.host.platform
        if platform is None:
            return
        with suppress(MachineStopped):
            if self._dice.random() < 0.15:
                self._world.sender.dispatch(platform, 1)
            else:
                self._world.sender.act(platform)

    async def _weather_changes(self) -> None:
        weather = self._dice.choice(self._world.machines).line.weather
        roll = self._dice.random()
        if roll < 0.4:
            weather.down = not weather.down
        elif roll < 0.6:
            weather.latency = self._dice.choice(((0.02, 0.08), (0.1, 0.6), (0.5, 6.0)))
        elif roll < 0.7:
            weather.bytes_per_second = self._dice.choice((4e6, 32e3, 2e3))

    async def _platform_stops(self) -> None:
        if self._dice.random() < 0.6:
            self._world.host.disk.stop_in(self._dice.randint(1, 60))
        elif self._world.host.platform is not None:
            await self._world.stop_platform()

    async def _keep_platform(self) -> None:
        """Whoever runs the platform notices within seconds that it is down."""
        while True:
            await asyncio.sleep(self._dice.uniform(1, 30))
            if self._world.host.disk.stopped:
                await self._world.stop_platform()
            elif self._world.host.platform is None:
                await self._world.start_platform()

    async def _restore_within(self, length: float) -> None:
        await asyncio.sleep(self._dice.uniform(0, 0.4) * length)
        while self._world.host.platform is None:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(5)
        self._world.backup = self._world.host.backup()
        self._world.trace.note("platform", "backup")
        await asyncio.sleep(self._dice.uniform(0.1, 0.5) * length)
        await self._world.restore()

    async def _shut_somebody_out(self, length: float) -> None:
        await asyncio.sleep(self._dice.uniform(0.2, 0.8) * length)
        who = self._world.plan.shut_out
        if self._world.host.platform is not None and who is not None:
            with suppress(MachineStopped):
                self._world.host.platform.switch_account(who, active=False)
                self._world.look()
                self._world.shut_out.add(who)
                self._world.trace.note("platform", f"the account of {who} is closed")

    async def _machine_stops(self) -> None:
        machine = self._one()
        if machine is None:
            return
        if self._dice.random() < 0.7:
            machine.disk.stop_in(self._dice.randint(1, 90))
        else:
            machine.die(power_cut=self._dice.random() < 0.5)

    async def _store_spoils(self) -> None:
        machine = self._dice.choice(self._world.machines)
        if not machine.disk.stopped:
            machine.door.spoil(running=machine.on)

    async def _machine_sleeps(self) -> None:
        machine = self._one()
        if machine is None:
            return
        slept = self._dice.uniform(20, 120)
        machine.sleep()
        await asyncio.sleep(slept)
        machine.wake(slept, monotonic_stood_still=self._dice.random() < 0.6)

    async def _clock_jumps(self) -> None:
        machine = self._one()
        if machine is not None:
            by = self._dice.choice(self._world.plan.jumps)
            machine.clock.jump(by)
            self._world.trace.note(machine.name, f"the clock jumps by {by}")

    async def _disk_is_full(self) -> None:
        machine = self._one()
        if machine is not None:
            machine.disk.full = True
            await asyncio.sleep(self._dice.uniform(5, 60))
            machine.disk.full = False

    async def _rogue(self) -> None:
        machine = self._one()
        if machine is not None:
            Rogue(machine, self._world.checks, self._dice).strike()

    async def _night_falls(self, length: float) -> None:
        """Everybody goes home; most quit the program, some pull the plug."""
        for machine in self._world.machines:
            machine.asleep = False
            if machine.on and self._dice.random() < 0.7:
                await machine.quit()
            if machine.on:
                machine.die(power_cut=True)
        self._at_night()
        await self._world.stop_platform()
        await asyncio.sleep(length)
        self._world.host.set_wrong(
            self._world.plan.wrong_platform_clock if length > 20_000 else timedelta()
        )
        await self._world.start_platform()

    def _at_night(self) -> None:
        """What happens to the data of programs that are not running."""
        plan = self._world.plan
        for machine in self._world.machines:
            machine.disk.keep_running()
            if self._dice.random() < plan.put_back:
                self._put_back(machine)
            if self._dice.random() < plan.harms / 2:
                machine.door.spoil(running=False)
            elif self._dice.random() < plan.harms / 4:
                machine.door.spoil_journal()
        self._world.copy_profile()

    def _put_back(self, machine: Workstation) -> None:
        if self._dice.random() < 0.5:
            machine.door.go_back_by_hand()
            return
        if self._dice.random() < self._world.plan.crashes * 0.2:
            machine.disk.stop_in(self._dice.randint(1, 60))
        try:
            machine.door.go_back()
        except MachineStopped:
            machine.die(power_cut=self._dice.random() < 0.5)
