"""Login attempts: after a few wrong passwords the next has to wait, longer each time.

Counted in the database, so that all processes and every restart know of it: per account and
address, per account, per address. A stranger who keeps an account waiting does not keep its owner
out: a device that signed in to the account before is counted by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from sync.platform.rates import network_of
from sync.platform.security_tables import login_attempts

LONGEST = 300.0  # seconds
FORGET = timedelta(hours=1)
NOBODY = ""
"""The township of what is counted: a name somebody typed need not be anybody's."""


@dataclass(frozen=True, slots=True)
class Counter:
    """``free``: wrong passwords before the first wait."""

    key: str
    free: int


def counters(account: str, address: str, known_device: str = "") -> tuple[Counter, ...]:
    """Return what an attempt counts for. ``known_device``: one that signed in to the account before."""
    account, address = _bounded(account), _bounded(network_of(address))
    if known_device:
        return (Counter(f"device {account} {_bounded(known_device)}", 4),)
    return (
        Counter(f"both {account} {address}", 4),
        Counter(f"account {account}", 10),
        Counter(f"address {address}", 40),  # a whole office may be behind one address
    )


def kept_out(device: str) -> tuple[Counter, ...]:
    """Return what attempts from a computer that is kept out count for: the audit is not to be flooded."""
    return (Counter(f"kept out {_bounded(device)}", 4),)


def _bounded(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:64])


def wait(db: Connection, asked: Sequence[Counter], now: datetime) -> int:
    """Return the seconds that an attempt still has to wait, 0 for none. ``now`` is real time."""
    free = {counter.key: counter.free for counter in asked}
    rows = db.execute(
        select(login_attempts).where(
            login_attempts.c.township == NOBODY, login_attempts.c.key.in_(free)
        )
    )
    return max((_left(r.failures - free[r.key], r.last_at, now) for r in rows), default=0)


def _left(too_many: int, last_at: str, now: datetime) -> int:
    last = min(
        datetime.fromisoformat(last_at), now
    )  # a clock that was set back is no reason to wait
    if too_many < 0 or now - last > FORGET:
        return 0
    left = min(LONGEST, 2.0 ** (too_many + 1)) - (now - last).total_seconds()
    return max(0, int(left) + 1) if left > 0 else 0


def failed(db: Connection, asked: Sequence[Counter], now: datetime) -> None:
    """Count a wrong password; forget what is long past."""
    old = (now - FORGET).isoformat()
    db.execute(
        delete(login_attempts).where(
            login_attempts.c.township == NOBODY, login_attempts.c.last_at < old
        )
    )
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    for counter in sorted(asked, key=lambda c: c.key):
        new = dialect.insert(login_attempts).values(
            township=NOBODY, key=counter.key, failures=1, last_at=now.isoformat()
        )
        again = {"failures": login_attempts.c.failures + 1, "last_at": now.isoformat()}
        keys = [login_attempts.c.township, login_attempts.c.key]
        db.execute(new.on_conflict_do_update(index_elements=keys, set_=again))


def succeeded(db: Connection, account: str, address: str, device: str) -> None:
    """Begin to count anew for this account, wherever it was tried from; an address keeps its count."""
    keys = [*counters(account, address)[:2], *counters(account, address, device)]
    own = login_attempts.c.key.in_([counter.key for counter in keys])
    db.execute(delete(login_attempts).where(login_attempts.c.township == NOBODY, own))
