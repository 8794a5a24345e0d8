"""One run: a township from the first sign-in over bad days and nights to the moment when all is quiet."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from local_store.database import Database
from sync.client.mailbox import Note
from sync.platform.platform import Platform
from tests.simulation.checks import Checks
from tests.simulation.host import Backup, Host, put_on_disk
from tests.simulation.inside import Inside
from tests.simulation.kernel import VirtualLoop, chance_of
from tests.simulation.ledger import Ledger
from tests.simulation.network import Line, Request, Response
from tests.simulation.plan import Place, Plan
from tests.simulation.quiet import QuietChecks, behind, unsent
from tests.simulation.rogue import Rogue
from tests.simulation.sender import Sender
from tests.simulation.trace import Trace
from tests.simulation.users import User
from tests.simulation.weather import Weather
from tests.simulation.workstation import PROFILE, Workstation
from tests.support.center import sample_center
from tests.support.clock import ManualClock
from tests.support.disk import Disk, MachineStopped
from tests.support.disk_driver import Settle, settle, store_opener
from tests.support.platform import CHEAP, sample_logins

PATIENCE = 2700.0
"""Seconds of good lines after which nothing may be unsent or unequal any more (I8, I9)."""
LONG = 31 * 86400.0
"""After this what a restored platform waits for from others is judged by what is there."""


class World:
    """Everything of one run. Call ``run`` once on the world's loop."""

    def __init__(
        self,
        seed: int,
        plan: Plan,
        loop: VirtualLoop,
        folder: Path,
        trace: Trace,
        settle: Settle = settle,
    ) -> None:
        self.seed, self.plan, self.loop, self.trace = seed, plan, loop, trace
        self.ledger = Ledger()
        self.checks = Checks(self.ledger, trace)
        self._dice = self.dice_of("world")
        self._settle = settle
        disk = Disk(self.dice_of("platform disk"), platform_image(folder))
        self.host = Host(loop, disk, folder, trace, self._answered)
        self.sender = Sender(self.dice_of("sender"), trace, self._look)
        self.machines = [self._machine(place) for place in plan.places]
        self.users = [
            User(machine, plan.habits, self.dice_of(f"user {machine.name}"))
            for machine in self.machines
        ]
        self._backup: Backup | None = None
        self._restored = False
        self._put_back = False  # the checks have not heard of the restore yet
        self._shut_out: set[str] = set()

    def dice_of(self, what: str) -> random.Random:
        """Return chance of its own for one thing, so that a change elsewhere does not shift it."""
        return random.Random(f"{self.seed} {what}")

    def _machine(self, place: Place) -> Workstation:
        weather = Weather(self.dice_of(f"line {place.name}"), place.bad)
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
        self._look()

    def _look(self) -> None:
        """Let the checks see what the platform has committed."""
        if self.checks.inside is not None:
            with suppress(MachineStopped):
                self.checks.platform_committed(self.checks.inside)

    async def _start_platform(self) -> None:
        await self.host.start()
        if self.host.platform is None:
            return
        with suppress(MachineStopped):
            self.checks.inside = Inside(self.host.platform)
            if self._put_back:
                self._put_back = False
                self.checks.platform_restored(self.checks.inside)
                self.sender.repeat(self.host.platform)
        self._look()

    async def _stop_platform(self, backup: Backup | None = None) -> None:
        self.checks.inside = None
        power_cut = self._dice.random() < 0.5
        await self.host.stop(power_cut=power_cut, backup=backup)
        self.trace.count("platform crashes")
        self.trace.note("platform", "down")

    async def _restore(self) -> None:
        """Put the old backup back; when it is up again the sender repeats what it sent since."""
        await self._stop_platform(self._backup)
        self._put_back = self._restored = True
        self.trace.count("restores")
        self.trace.note("platform", "restored from a backup")

    # --- a run ---

    async def run(self) -> None:
        """Live through the plan, heal everything, wait for quiet and check the account."""
        await self._start_platform()
        assert self.host.platform is not None
        self.sender.dispatch(self.host.platform, self.plan.orders)
        for day, length in enumerate(self.plan.days):
            await self._day(day, length)
            if self.checks.broken:
                return
            await self._night_falls(self.plan.nights[day])
        await self._heal()
        if not self.checks.broken and self.checks.inside is not None:
            QuietChecks(
                self.checks, self.ledger, self.checks.inside, self.machines, self._shut_out
            ).run()

    async def _day(self, day: int, length: float) -> None:
        for machine, place in zip(self.machines, self.plan.places, strict=True):
            machine.line.weather.down = day in place.offline_days
        tasks = [asyncio.create_task(self._live(user)) for user in self.users]
        tasks += [asyncio.create_task(work) for work in self._disasters(day, length)]
        await self._until(length)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                self.checks.broke("world", error)

    async def _until(self, length: float) -> None:
        end = self.loop.time() + length
        while self.loop.time() < end and not self.checks.broken:
            await asyncio.sleep(min(5.0, end - self.loop.time()))

    async def _live(self, user: User) -> None:
        """Somebody at a machine, as long as it runs; whoever finds it off switches it on."""
        machine = user.machine
        while True:
            await asyncio.sleep(self._dice.expovariate(1 / self.plan.habits.think))
            if not machine.on:
                machine.start()
                continue
            if machine.asleep:
                continue
            try:
                user.do_something()
            except MachineStopped:
                machine.stopped_by_itself()

    def _disasters(self, day: int, length: float) -> list[Awaitable[None]]:
        plan = self.plan
        found = [
            self._now_and_then(plan.sender_acts * 3 / length, self._sender_acts),
            self._now_and_then(1 / 60, self._weather_changes),
            self._now_and_then(plan.platform_crashes / length, self._platform_stops),
            self._keep_platform(),
        ]
        many = len(self.machines) / length
        found += [
            self._now_and_then(plan.crashes * many, self._machine_stops),
            self._now_and_then(plan.sleeps * many, self._machine_sleeps),
            self._now_and_then(plan.clock_jumps * many, self._clock_jumps),
            self._now_and_then(plan.full_disks * many, self._disk_is_full),
            self._now_and_then(plan.rogues / length, self._rogue),
        ]
        if plan.restore == day:
            found.append(self._restore_within(length))
        if plan.shut_out is not None and day == len(plan.days) - 1:
            found.append(self._shut_somebody_out(length))
        return found  # type: ignore[return-value]

    async def _now_and_then(self, rate: float, what: Callable[[], Awaitable[None]]) -> None:
        while rate > 0:
            await asyncio.sleep(self._dice.expovariate(rate))
            await what()

    def _one(self) -> Workstation | None:
        running = [m for m in self.machines if m.on and not m.asleep and not m.disk.stopped]
        return self._dice.choice(running) if running else None

    async def _sender_acts(self) -> None:
        platform = self.host.platform
        if platform is None:
            return
        with suppress(MachineStopped):
            if self._dice.random() < 0.15:
                self.sender.dispatch(platform, 1)
            else:
                self.sender.act(platform)

    async def _weather_changes(self) -> None:
        weather = self._dice.choice(self.machines).line.weather
        roll = self._dice.random()
        if roll < 0.4:
            weather.down = not weather.down
        elif roll < 0.6:
            weather.latency = self._dice.choice(((0.02, 0.08), (0.1, 0.6), (0.5, 6.0)))
        elif roll < 0.7:
            weather.bytes_per_second = self._dice.choice((4e6, 32e3, 2e3))

    async def _platform_stops(self) -> None:
        if self._dice.random() < 0.6:
            self.host.disk.stop_in(self._dice.randint(1, 60))
        elif self.host.platform is not None:
            await self._stop_platform()

    async def _keep_platform(self) -> None:
        """Whoever runs the platform notices within seconds that it is down."""
        while True:
            await asyncio.sleep(self._dice.uniform(1, 30))
            if self.host.disk.stopped:
                await self._stop_platform()
            elif self.host.platform is None:
                await self._start_platform()

    async def _restore_within(self, length: float) -> None:
        await asyncio.sleep(self._dice.uniform(0, 0.4) * length)
        while self.host.platform is None:
            await asyncio.sleep(5)
        self._backup = self.host.backup()
        self.trace.note("platform", "backup")
        await asyncio.sleep(self._dice.uniform(0.1, 0.5) * length)
        await self._restore()

    async def _shut_somebody_out(self, length: float) -> None:
        await asyncio.sleep(self._dice.uniform(0.2, 0.8) * length)
        who = self.plan.shut_out
        if self.host.platform is not None and who is not None:
            with suppress(MachineStopped):
                self.host.platform.switch_account(who, active=False)
                self._look()
                self._shut_out.add(who)
                self.trace.note("platform", f"the account of {who} is closed")

    async def _machine_stops(self) -> None:
        machine = self._one()
        if machine is None:
            return
        if self._dice.random() < 0.7:
            machine.disk.stop_in(self._dice.randint(1, 90))
        else:
            machine.die(power_cut=self._dice.random() < 0.5)

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
            by = self._dice.choice(self.plan.jumps)
            machine.clock.jump(by)
            self.trace.note(machine.name, f"the clock jumps by {by}")

    async def _disk_is_full(self) -> None:
        machine = self._one()
        if machine is not None:
            machine.disk.full = True
            await asyncio.sleep(self._dice.uniform(5, 60))
            machine.disk.full = False

    async def _rogue(self) -> None:
        machine = self._one()
        if machine is not None:
            Rogue(machine, self.checks, self._dice).strike()

    async def _night_falls(self, length: float) -> None:
        """Everybody goes home; most quit the program, some pull the plug."""
        for machine in self.machines:
            machine.asleep = False
            if machine.on and self._dice.random() < 0.7:
                await machine.quit()
            if machine.on:
                machine.die(power_cut=True)
        await self._stop_platform()
        await asyncio.sleep(length)
        self.host.set_wrong(self.plan.wrong_platform_clock if length > 20_000 else timedelta())
        await self._start_platform()

    # --- the end ---

    async def _heal(self) -> None:
        """Good lines, everything on; wait until nothing moves. Nobody presses any button but sign-in."""
        await self._all_well()
        stuck = await self._wait_for_quiet()
        if stuck and self._restored:
            await self._wait_out()
            stuck = await self._wait_for_quiet()
        if stuck and not self.checks.broken:
            self.checks.fail("I8", "quiet", "; ".join(stuck[:6]))

    async def _all_well(self) -> None:
        self.host.set_wrong(timedelta())
        self.host.disk.keep_running()
        if self.host.disk.stopped:
            await self._stop_platform()
        if self.host.platform is None:
            await self._start_platform()
        assert self.host.platform is not None
        if self.plan.comes_back:
            for who in sorted(self._shut_out):
                self.host.platform.switch_account(who, active=True)
            self._shut_out.clear()
        self.sender.repeat(self.host.platform)
        for machine in self.machines:
            machine.line.weather.clear()
            machine.disk.full = False
            machine.disk.keep_running()
            if machine.disk.stopped:
                machine.stopped_by_itself()
            if not machine.on:
                machine.start()

    async def _wait_for_quiet(self) -> list[str]:
        """Return what is still not as it should be after all patience."""
        end = self.loop.time() + PATIENCE * (1 + sum(len(m.people) > 1 for m in self.machines))
        stuck: list[str] = []
        while self.loop.time() < end and not self.checks.broken:
            await asyncio.sleep(15)
            for machine in self.machines:
                self._see_to(machine)
            stuck = [what for m in self.machines for what in unsent(m, self._shut_out)]
            stuck += [what for m in self.machines for what in self._behind(m)]
            if not stuck:
                return []
        return stuck

    def _behind(self, machine: Workstation) -> list[str]:
        return [] if machine.person in self._shut_out else behind(machine, self.checks)

    def _see_to(self, machine: Workstation) -> None:
        """Whoever has something to send, or is asked to, signs in."""
        person = machine.wants_to_sign_in or machine.person
        if not machine.waiting_of(person) and not machine.wants_to_sign_in:
            waiting = [p for p in machine.people if p not in self._shut_out and machine.waiting_of(p)]
            person = waiting[0] if waiting else person
        if person in self._shut_out:
            person = next((p for p in machine.people if p not in self._shut_out), person)
        if person != machine.person or machine.wants_to_sign_in:
            machine.sign_in(person)

    async def _wait_out(self) -> None:
        for machine in self.machines:
            await machine.quit()
        await self._stop_platform()
        await asyncio.sleep(LONG)
        await self._start_platform()
        await self._all_well()
        for machine in self.machines:
            machine.post(Note.ASKED)


# --- what every run begins with, made once per process ---

_images: dict[str, dict[str, bytes]] = {}


def platform_image(folder: Path) -> dict[str, bytes]:
    """Return a platform's files with the sample center and its accounts."""
    if "platform" not in _images:
        _images["platform"] = _platform_image()
    return {str(folder / "platform.db"): _images["platform"]["/template.db"]}


def _platform_image() -> dict[str, bytes]:
    disk = Disk(random.Random(0))
    with chance_of(random.Random(0)):
        put_on_disk(disk, "/template.db")
        platform = Platform("/template.db", ManualClock(), password_cost=CHEAP)
        center = sample_center()
        platform.setup_center(center, sample_logins(center))
        platform.close()
    image = dict(disk.image())
    disk.close()
    return image


def store_image() -> dict[str, bytes]:
    """Return the file of a store that has its tables and nothing else."""
    if "store" not in _images:
        disk = Disk(random.Random(0))
        Database(PROFILE / "store.db", b"", store_opener(disk)).close()
        _images["store"] = dict(disk.image())
        disk.close()
    return _images["store"]
