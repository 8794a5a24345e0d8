"""A platform in a process of its own, as in life: ``python -m tests.benchmarks.serving FOLDER``.

One JSON line says where it listens. Then every line on its input is a command:
``dispatch FIRST COUNT`` dispatches invented orders and answers with the moment it began to;
``accept N`` lets the other dispatcher take the n-th one in. With ``--small`` the township knows one limit
per order and its people write one line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop_app.domain.acts import Act, ActKind
from desktop_app.domain.center import Center
from desktop_app.domain.clock import SystemClock
from desktop_app.domain.ids import ActId, uuid7
from desktop_app.domain.intake import Intake
from desktop_app.domain.orders import Matter, Outcome, Petitioner
from resources.sample import sample_accounts, sample_center, sample_intake
from sync.platform import store
from sync.platform.platform import Platform
from sync.platform.server import serve
from sync.platform.shelf import Shelf
from sync.platform.tables import feed_head
from tests.benchmarks import data
from tests.benchmarks.harness import ROOT
from tests.support.acts import actor_of

LOUD = 100_000
CHEAP = 2**4  # scrypt cost: signing in is not measured
_SMALL = "--small" in sys.argv


class Serving:
    """The parent's end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = str(self._answer()["url"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the platform has ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def dispatch(self, first: int, count: int = 1) -> float:
        """Dispatch; return when that began, by the machine's monotonic clock."""
        return self._ask(f"dispatch {first} {count}")

    def fill(self, first: int, count: int) -> float:
        """Dispatch orders that have nothing to do with each other, as small as orders get."""
        return self._ask(f"fill {first} {count}")

    def forget(self) -> float:
        """Let the platform pack its pages anew."""
        return self._ask("forget")

    def cpu(self) -> float:
        """Return the seconds of processor time the platform has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def accept(self, n: int) -> float:
        """Let the other dispatcher accept the n-th order; return when that began."""
        return self._ask(f"accept {n}")

    def _ask(self, command: str) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return float(self._answer()["began"])


@contextmanager
def served(folder: Path, *, as_bench: bool = False, small: bool = False) -> Iterator[Serving]:
    """Serve a platform with the sample people. ``as_bench``: the one the large store came from;
    ``small``: orders are as small as the rules and the schema let them be.
    """
    command = [sys.executable, "-m", "tests.benchmarks.serving", str(folder)]
    process = subprocess.Popen(
        command + ["--as-bench"] * as_bench + ["--small"] * small,
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Serving(process)
    finally:
        process.communicate("stop\n", timeout=30)


def arrival(n: int) -> Intake:
    """Return the n-th order that a benchmark lets arrive; from ``LOUD`` on they raise the alarm."""
    intake = sample_intake(n, SystemClock().now())
    return replace(intake, number=f"B{n:07d}", tier="livelihood" if n >= LOUD else "general")


def unlinked(n: int) -> Intake:
    """Return the n-th of many orders, each about another matter of another person."""
    intake = sample_intake(n, SystemClock().now())
    person = replace(intake.petitioner, phone=f"1380{n:07d}", confidential=False)
    return replace(
        intake,
        number=f"C{n:07d}",
        tier="livelihood",
        petitioner=person,
        place=replace(intake.place, address=f"{intake.place.address}{n}号"),
        matter=replace(intake.matter, category=()),
    )


def short(n: int) -> Intake:
    """Return the n-th of many orders of one line by somebody who left nothing but a number."""
    intake = unlinked(n)
    return replace(
        intake,
        petitioner=Petitioner("", intake.petitioner.phone, ""),
        place=replace(intake.place, address=f"{n}号"),
        matter=Matter("路灯不亮", "村口路灯三天没亮。"),
    )


def one_limit(center: Center) -> Center:
    """Return the township with one limit in each tier: until when it is to be done."""
    tiers = tuple(replace(tier, clocks=tier.clocks[-1:]) for tier in center.policy.tiers)
    return replace(center, policy=replace(center.policy, tiers=tiers))


def main() -> None:
    folder = Path(sys.argv[1])
    clock = SystemClock()
    platform = Platform(f"sqlite:///{folder / 'platform.db'}", clock, password_cost=CHEAP)
    people = [(a.account, a.password, a.person_id) for a in sample_accounts()]
    center = sample_center("pinggu", clock.now())
    platform.setup_center(one_limit(center) if _SMALL else center, people)
    if "--as-bench" in sys.argv:
        _pose(platform)
        platform.close()
        platform = Platform(f"sqlite:///{folder / 'platform.db'}", clock, password_cost=CHEAP)
    threading.Thread(target=_obey, args=(platform,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        serve(platform, port=0, files=folder / "files", announce=lambda url: _say({"url": url}))
    platform.close()


def _obey(platform: Platform) -> None:
    for line in sys.stdin:
        words = line.split()
        if words[0] == "stop":
            os.kill(os.getpid(), signal.SIGINT)
            return
        numbers = [int(word) for word in words[1:]]
        _say({"began": _COMMANDS[words[0]](platform, *numbers)})


def _dispatch(platform: Platform, first: int, count: int) -> float:
    return _send_out(platform, [arrival(n) for n in range(first, first + count)])


def _fill(platform: Platform, first: int, count: int) -> float:
    made = short if _SMALL else unlinked
    return _send_out(platform, [made(n) for n in range(first, first + count)])


def _send_out(platform: Platform, intakes: list[Intake]) -> float:
    began = time.monotonic()
    results = platform.dispatch(intakes)
    assert all(r.status.value == "new" for r in results), results[0]
    return began


def _accept(platform: Platform, n: int) -> float:
    order = platform.order(arrival(n).number)
    assert order is not None
    other = actor_of(platform.center(), "sun")
    at = platform.now()
    act = Act(ActId(uuid7(int(at.timestamp() * 1000))), order.id, ActKind.ACCEPT, other, at)
    began = time.monotonic()
    (result,) = platform.enact([act])
    assert result.outcome in (Outcome.APPLIED, Outcome.MERGED), result
    return began


def _forget(platform: Platform) -> float:
    platform._shelf = Shelf()
    return time.monotonic()


_COMMANDS: dict[str, Callable[..., float]] = {
    "forget": _forget,
    "dispatch": _dispatch,
    "fill": _fill,
    "accept": _accept,
}


def _pose(platform: Platform) -> None:
    """Take the identity of the platform that the large store was filled from."""

    def work(db: Any) -> None:
        store.set_meta(db, "server_id", data.SERVER)
        db.execute(feed_head.update().values(epoch=data.EPOCH))

    platform.database.write(work)


def _say(words: dict[str, object]) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main()
