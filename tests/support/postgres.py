"""A throw-away PostgreSQL cluster on a Unix socket, where the programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin")


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


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster while the block runs; yields an SQLAlchemy URL of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="jiban-pg-"))
    user = _user() if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    server: subprocess.Popen[bytes] | None = None
    try:
        initdb = [program("initdb") or "", "-D", str(data), "-A", "trust", "-U", "jiban", "-N"]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder)
        command = [program("postgres") or "", "-D", str(data), "-k", str(folder), "-h", ""]
        server = subprocess.Popen(
            command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _wait_until_ready(server)
        yield f"postgresql+psycopg://jiban@/postgres?host={folder}"
    finally:
        if server is not None:
            server.terminate()
            server.wait(20)
            assert server.stderr is not None
            server.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes]) -> None:
    assert server.stderr is not None
    for line in server.stderr:
        if b"ready to accept connections" in line:
            return
    raise RuntimeError("postgres did not start")
