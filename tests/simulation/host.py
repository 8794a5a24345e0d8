"""The platform's machine: the real application on a disk that can fail, killed and restored at will."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from sync.platform import waiting
from sync.platform.app import create_app
from sync.platform.platform import Platform
from tests.simulation.clocks import MachineClock
from tests.simulation.kernel import VirtualLoop
from tests.simulation.network import Request, Response
from tests.simulation.trace import Trace
from tests.support.disk import Disk, MachineStopped
from tests.support.disk_driver import DiskConnection, platform_connection
from tests.support.platform import CHEAP

NEWS_EVERY = 5.0
"""Seconds between two looks for what another process (the sender's) wrote: 50 ms in reality."""


@dataclass(frozen=True, slots=True)
class Backup:
    """The database and the uploads as they were."""

    database: Mapping[str, bytes]
    files: Mapping[Path, bytes]


class Host:
    """``platform`` is None while the machine is down."""

    def __init__(
        self,
        loop: VirtualLoop,
        disk: Disk,
        folder: Path,
        trace: Trace,
        answered: Callable[[Request, Response], None],
    ) -> None:
        self.loop, self.disk, self.folder, self.trace = loop, disk, folder, trace
        self._answered = answered
        self.clock = MachineClock(loop.time)
        self.platform: Platform | None = None
        self._app: Any = None
        self._life: AbstractAsyncContextManager[Any] | None = None
        self._answering: set[asyncio.Task[Response]] = set()
        self.files = folder / "files"

    @property
    def path(self) -> str:
        return str(self.folder / "platform.db")

    async def start(self) -> None:
        """Come up. The machine may stop again while it does."""
        put_on_disk(self.disk, self.path)
        try:
            self.platform = Platform(self.path, self.clock, password_cost=CHEAP)
        except MachineStopped:
            return
        self._app = create_app(self.platform, self.files)
        self._life = self._app.router.lifespan_context(self._app)
        await self._life.__aenter__()
        self.trace.note("platform", "up")

    async def stop(self, *, power_cut: bool, backup: Backup | None = None) -> None:
        """Go down wherever it is; with ``backup`` that is what is found afterwards."""
        self.disk.stop()
        for task in list(self._answering):
            task.cancel()
        if self._life is not None:
            with suppress(MachineStopped):
                await self._life.__aexit__(None, None, None)
        if self.platform is not None:
            self.platform.close()
        self.platform, self._app, self._life = None, None, None
        self.disk.restart(power_cut=power_cut)
        if backup is not None:
            self._put_back(backup)

    def backup(self) -> Backup:
        files = {p: p.read_bytes() for p in sorted(self.files.rglob("*")) if p.is_file()}
        return Backup(self.disk.image(), files)

    def _put_back(self, backup: Backup) -> None:
        self.disk.replace(backup.database)
        for path in [p for p in self.files.rglob("*") if p.is_file()]:
            path.unlink()
        for path, content in backup.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def set_wrong(self, by: timedelta) -> None:
        """Set the platform's clock wrong (or right again)."""
        self.clock.error = by

    # --- requests ---

    async def handle(self, request: Request, gone: asyncio.Event) -> Response:
        """Answer one request. Raises ``OSError`` when the machine is down or goes down meanwhile."""
        if self._app is None:
            raise ConnectionRefusedError("the platform is down")
        task = self.loop.create_task(_respond(self._app, request, gone))
        self._answering.add(task)
        try:
            response = await task
            self._answered(request, response)
            return response
        except MachineStopped:
            raise ConnectionResetError("the platform stopped") from None
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if me is not None and me.cancelling():
                raise
            raise ConnectionResetError("the platform stopped") from None
        finally:
            task.cancel()
            self._answering.discard(task)


async def _respond(app: Any, request: Request, gone: asyncio.Event) -> Response:
    """Call the application as a web server would."""
    bodies = [request.body]
    start: dict[str, Any] = {}
    out = bytearray()

    async def receive() -> dict[str, Any]:
        if bodies:
            return {
                "type": "http.request", "body": bodies.pop(), "more_body": not request.whole,
            }  # fmt: skip
        if request.whole:
            await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            out.extend(message.get("body", b""))

    await app(_scope(request), receive, send)
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Response(start["status"], headers, bytes(out))


def _scope(request: Request) -> dict[str, Any]:
    length = {"content-length": str(len(request.body))} if request.body else {}
    headers = {**request.headers, **length}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "https",
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("10.0.0.9", 40000),
        "server": ("platform.example", 443),
        "state": {},
    }


# --- SQLite on the simulated disk ---

_disks: dict[str, Disk] = {}


def put_on_disk(disk: Disk, path: str) -> None:
    """Have the platform's SQLite open ``path`` on ``disk`` from now on."""
    _disks[path] = disk


def _connect(_dialect: Any, _record: Any, cargs: Any, _params: Any) -> DiskConnection | None:
    disk = _disks.get(cargs[0]) if cargs else None
    return None if disk is None else platform_connection(disk, cargs[0])


@contextmanager
def platform_disks() -> Iterator[None]:
    """While the block runs the platform's SQLite files lie on simulated disks."""
    before = waiting.POLL_SECONDS
    event.listen(Engine, "do_connect", _connect)
    waiting.POLL_SECONDS = NEWS_EVERY
    try:
        yield
    finally:
        waiting.POLL_SECONDS = before
        event.remove(Engine, "do_connect", _connect)
        _disks.clear()
