"""A throw-away PostgreSQL cluster on a Unix socket, where the programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from sync.platform.database import Database

REQUIRED = "JIBAN_POSTGRES"
"""Set to ``required``, a machine without the programs fails the tests instead of skipping them."""

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin")
_THROW_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "deadlock_timeout": "500ms",
    "jit": "off",
}
"""Nothing has to survive the machine here; transactions behave the same."""

_serial = count(1)


def program(name: str) -> str | None:
    """Return where a PostgreSQL program lies, or None."""
    found = shutil.which(name)
    if found:
        return found
    for place in _PLACES:
        for path in sorted(Path("/").glob(place.lstrip("/")), reverse=True):
            if (path / name).exists():
                return str(path / name)
    return None


def why_not() -> str:
    """Return "" when a cluster can be started here, else why not."""
    missing = _why_not()
    if missing and os.environ.get(REQUIRED) == "required":
        raise RuntimeError(f"PostgreSQL is required here: {missing}")
    return missing


def _why_not() -> str:
    if program("initdb") is None or program("postgres") is None:
        return "initdb and postgres are not installed"
    if os.name == "nt":
        return "needs a Unix socket"
    if os.geteuid() == 0 and _user() is None:
        return "postgres does not run as root and there is no other user to run it as"
    return ""


def _user() -> str | None:
    """Return whom to run it as when we are root."""
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    return None


class Cluster:
    """A running cluster, from which databases with the platform's tables are made in no time."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.folder = folder
        self.pid = pid
        self._template = ""

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://jiban@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        target = f"host={self.folder} user=jiban dbname=postgres"
        with psycopg.connect(target, autocommit=True) as db:
            db.execute(statement.encode())

    def empty(self) -> str:
        """Return the URL of a new database without tables."""
        name = f"test{next(_serial)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)

    def fresh(self) -> str:
        """Return the URL of a new database that holds the platform's tables and nothing else."""
        if not self._template:
            self._template = "platform_template"
            self.run(f"CREATE DATABASE {self._template}")
            Database(self.url(self._template)).close()
        name = f"test{next(_serial)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.run(f"DROP DATABASE {url.split('/')[3].split('?', maxsplit=1)[0]} WITH (FORCE)")


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a cluster while the block runs; ``durable`` as it would be in life, for measuring."""
    folder = Path(tempfile.mkdtemp(prefix="jiban-pg-"))
    user = _user() if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    server: subprocess.Popen[bytes] | None = None
    reading: threading.Thread | None = None
    try:
        initdb = [program("initdb") or "", "-D", str(data), "-A", "trust", "-U", "jiban", "-N"]
        locale = ["--no-locale", "-E", "UTF8"]
        subprocess.run(initdb + locale, check=True, capture_output=True, user=user, cwd=folder)
        command = [program("postgres") or "", "-D", str(data), "-k", str(folder), "-h", ""]
        for name, value in ({} if durable else _THROW_AWAY).items():
            command += ["-c", f"{name}={value}"]
        server = subprocess.Popen(
            command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _wait_until_ready(server)
        # A log that nobody reads fills its pipe, and then every process of the cluster waits for ever.
        reading = threading.Thread(target=deque, args=(server.stderr, 0), daemon=True)
        reading.start()
        yield Cluster(folder, server.pid)
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # without waiting for whoever is still connected
            server.wait(20)
            if reading is not None:
                reading.join(20)
            assert server.stderr is not None
            server.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes]) -> None:
    assert server.stderr is not None
    for line in server.stderr:
        if b"ready to accept connections" in line:
            return
    raise RuntimeError("postgres did not start")
