"""Running one seed from beginning to end, and what is known of it afterwards."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local_store.engine import settle as usual
from tests.simulation.days import Days
from tests.simulation.ending import Ending
from tests.simulation.host import platform_disks
from tests.simulation.kernel import Stalled, VirtualLoop, chance_of, one_thread
from tests.simulation.plan import Plan, plan_of
from tests.simulation.sticks import NAME as STICK
from tests.simulation.stores import stores_on
from tests.simulation.trace import Trace
from tests.simulation.world import World
from tests.support.disk_driver import Settle

MEMORY = Path("/dev/shm")
LONGEST = 300
"""Seconds of real time after which a run is given up; it takes about one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``broken`` names the invariant that did not hold. ``digest`` stands for the whole trace."""

    seed: int
    broken: str | None
    digest: str
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    last: str = ""

    @property
    def report(self) -> str:
        """A readable account of a failure."""
        how = f"python -m tests.simulation --seed {self.seed} --trace"
        return f"seed {self.seed}: {self.broken}\n{self.last}\nreplay: {how}"


def run_seed(
    seed: int,
    *,
    echo: Callable[[str], None] | None = None,
    settle: Settle = usual,
    change: Callable[[Plan], Plan] = lambda plan: plan,
) -> Outcome:
    """Run one seed. ``change`` and ``settle`` are for the controls."""
    began = time.process_time()
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    trace = Trace(loop.time, echo)
    plan = change(plan_of(random.Random(f"{seed} plan")))
    folder = tempfile.TemporaryDirectory(
        prefix="jiban-sim-", dir=MEMORY if MEMORY.exists() else None
    )
    with folder as path, one_thread(), platform_disks(), chance_of(random.Random(f"{seed} chance")):
        world = World(seed, plan, loop, Path(path), trace, settle)
        try:
            with stores_on(world.disks), _errors_heard(world):
                loop.run_until_complete(_live(world))
        except Stalled:
            world.checks.fail("I8", "world", "nothing is left that could ever happen")
        finally:
            with stores_on(world.disks):
                _end(world, loop)
    trace.count("acts in the ledger", len(world.ledger))
    trace.count("acts applied", sum(len(h.order.history) for h in world.checks.heads.values()))
    seconds = time.process_time() - began
    return Outcome(seed, world.checks.broken, trace.digest, trace.counts, seconds, trace.last)


class _TooLong(SystemExit):
    """The one kind of exception that passes through an event loop from wherever it is raised."""


def run_bounded(seed: int) -> Outcome:
    """Run one seed; a run that does not end is broken too. For processes that do nothing else."""

    def too_long(_signal: int, _frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, too_long)
    # Again and again: in a callback of the collector the first may come to nothing.
    signal.setitimer(signal.ITIMER_REAL, LONGEST, 1)
    try:
        return run_seed(seed)
    except _TooLong:
        return Outcome(seed, "the run does not end", "")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


async def _live(world: World) -> None:
    """From the first dispatch over bad days and nights to the moment when all is quiet."""
    await world.start_platform()
    assert world.host.platform is not None
    world.sender.dispatch(world.host.platform, world.plan.orders)
    days, ending = Days(world), Ending(world)
    for day in range(len(world.plan.days)):
        await days.pass_by(day)
        if world.checks.broken:
            return
    await ending.come()


@contextmanager
def _errors_heard(world: World) -> Iterator[None]:
    """What the product itself calls an error in its log is one, whatever comes of it."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            if error is not None:
                world.checks.broke(record.name, error)
            else:
                world.checks.fail("no surprise", record.name, record.getMessage())

    logger, ear = logging.getLogger("jiban"), Ear(logging.ERROR)
    before = logger.propagate
    logger.addHandler(ear)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.propagate = before


def _end(world: World, loop: VirtualLoop) -> None:
    """Let go of everything: no task, connection or cycle of one run outlives it."""
    loop.set_exception_handler(lambda _loop, _context: None)
    for machine in world.machines:
        if machine.on:
            machine.die(power_cut=False)
        machine.line.close()
        machine.disk.close()
    world.disks[STICK].close()
    world.host.disk.stop()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(world.host.stop(power_cut=False))
    world.host.disk.close()
    loop.close()
    asyncio.set_event_loop(None)
    gc.collect(1)
