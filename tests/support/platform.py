"""A real platform for tests: uvicorn on a free loopback port, in a thread, on a real database."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop_app.domain.center import Center
from desktop_app.domain.clock import Clock
from sync.platform.platform import Platform
from sync.platform.server import Certificate, PlatformServer, background_server
from tests.support.center import sample_center

PASSWORD = "secret"
CHEAP = 2**4  # scrypt cost: tests sign in often


@dataclass
class RunningPlatform:
    """``platform`` for Python, ``url`` for HTTP. Each person's account is the person id."""

    platform: Platform
    url: str
    database: str


def sample_logins(center: Center) -> list[tuple[str, str, str]]:
    """Return (account, password, person id) for every person: account is the id, one password."""
    return [(person.id, PASSWORD, person.id) for person in center.people]


def make_platform(
    database: str,
    clock: Clock,
    center: Center | None = None,
    accounts: Iterable[tuple[str, str, str]] | None = None,
    *,
    township: str | None = None,
) -> Platform:
    """Return a platform without HTTP; the center is set up unless the database has one."""
    platform = Platform(database, clock, password_cost=CHEAP)
    if not platform.townships():
        center = center or sample_center()
        logins = sample_logins(center) if accounts is None else accounts
        platform.setup_center(center, logins, township=township)
    return platform


@contextmanager
def running_server(platform: Platform, files: Path) -> Iterator[PlatformServer]:
    """Serve ``platform`` while the block runs, for tests that look into the server."""
    server = PlatformServer(platform, "127.0.0.1", 0, files)
    thread = threading.Thread(target=server.run_here)
    thread.start()
    try:
        yield server
    finally:
        server.should_exit = True
        thread.join(15)


@contextmanager
def running_platform(
    tmp_path: Path,
    clock: Clock,
    center: Center | None = None,
    accounts: Iterable[tuple[str, str, str]] | None = None,
    database: str | None = None,
    certificate: Certificate | None = None,
    *,
    township: str | None = None,
) -> Iterator[RunningPlatform]:
    """Serve a platform on ``tmp_path/platform.db`` (or ``database``) while the block runs."""
    url = database or f"sqlite:///{tmp_path / 'platform.db'}"
    platform = make_platform(url, clock, center, accounts, township=township)
    try:
        files = tmp_path / "platform-files"
        with background_server(platform, files=files, certificate=certificate) as address:
            yield RunningPlatform(platform, address, url)
    finally:
        platform.close()
