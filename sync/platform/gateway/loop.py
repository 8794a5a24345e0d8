"""Running the gateway for good: a round, a pause, until somebody says stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sync.platform.database import StorageFailed
from sync.platform.gateway.gateway import Gateway
from sync.platform.gateway.lease import LeaseHeld
from sync.platform.gateway.tally import Tally
from sync.platform.problems import PlatformProblem

log = logging.getLogger("jiban.gateway")


def run(
    gateway: Gateway, every: float, stop: threading.Event, tell: Callable[[Tally | str], None]
) -> None:
    """Do rounds ``every`` so many seconds until ``stop``. Rounds that moved something are told, and
    what is wrong once until it changes.

    Where another process holds the lease this one stands by and takes over when that one is gone.
    """
    said = ""
    while not stop.is_set():
        try:
            tally = gateway.round()
            why = "；".join(tally.problems)
            if tally.did_something or why != said:
                tell(tally)
            said = why
        except (LeaseHeld, PlatformProblem, StorageFailed) as error:
            why = _words(error)
            if why != said:
                tell(why)
            said = why
        stop.wait(every)
    try:
        gateway.close()
    except StorageFailed:
        log.warning("the lease could not be given back; it ends by itself")


def _words(error: Exception) -> str:
    if isinstance(error, LeaseHeld):
        return f"另一个网关进程（{error}）正在办，本进程待命。"
    if isinstance(error, PlatformProblem):
        return f"{error.title}{error.detail}"
    first = str(getattr(error, "orig", error)).partition("\n")[0]
    return f"数据库暂时用不了，稍后再试。（{first}）"
