"""Serving: uvicorn in this thread, stopping cleanly however long seats would like to wait."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from sync.platform.app import Desk, create_app
from sync.platform.database import StorageFailed
from sync.platform.patience import PatientProtocol
from sync.platform.platform import Platform

log = logging.getLogger("jiban.platform")

NOTE_SECONDS = 5.0
STOP_SECONDS = 15.0


def default_files(platform: Platform) -> Path:
    """Return where uploads go: beside an SQLite file, else in the working folder."""
    url = platform.database.url
    if platform.database.is_sqlite and url.database:
        return Path(f"{url.database}.files")
    return Path(f"{url.database or 'jiban'}.files")


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files: the certificate with its chain, and its key (in the same file when None)."""

    file: Path
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """How a process is run beside others.

    ``share_port``: others on this machine serve on it too. ``drain_seconds``: how long it still
    answers after SIGTERM, while it already says that it is not ready. ``metrics``: address and port
    for Prometheus.
    """

    share_port: bool = False
    drain_seconds: float = 0.0
    metrics: tuple[str, int] | None = None


class PlatformServer(uvicorn.Server):
    """A server for one platform. ``port`` 0 takes a free one; ``url`` is known once it listens.

    Raises ``ssl.SSLError`` or ``OSError`` for a certificate that cannot be used.
    """

    def __init__(
        self,
        platform: Platform,
        host: str,
        port: int,
        files: Path | None = None,
        certificate: Certificate | None = None,
        proxy: str = "",
        operation: Operation | None = None,
    ) -> None:
        """``proxy``: the address of a reverse proxy whose word on who asks is taken."""
        self.platform = platform
        self._operation = operation or Operation()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.app: Starlette = create_app(platform, files or default_files(platform))
        config = uvicorn.Config(
            self.app,
            host=host,
            port=port,
            http=PatientProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            lifespan="on",
            ws="none",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
            backlog=1024,
            ssl_certfile=certificate.file if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
            proxy_headers=bool(proxy),
            forwarded_allow_ips=proxy or None,
        )
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        super().__init__(config)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # asyncio switches Nagle's delay off only for sockets that say they are TCP.
        self.listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._operation.share_port:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            self.listener.bind((host, port))
            self.listener.listen(1024)  # from here on connections wait until the loop is up
        except OSError:
            self.listener.close()
            raise
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://{shown}:{self.listener.getsockname()[1]}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain at the first SIGTERM, stop at once at the second and at Ctrl+C."""
        desk: Desk = self.app.state.desk
        if sig != signal.SIGTERM or desk.guard.draining or self._loop is None:
            super().handle_exit(sig, frame)
            return
        self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        """Not ready from now on, but still answering until balancers have had time to notice."""
        log.info("draining for %s s", self._operation.drain_seconds)
        self.app.state.desk.drain()
        asyncio.get_running_loop().call_later(self._operation.drain_seconds, self._stop)

    def _stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let waiting long polls answer before the connections are closed."""
        self.app.state.desk.drain()
        await super().shutdown(sockets)

    def run_here(self) -> None:
        """Serve until ``should_exit``; the platform's time is noted while it runs."""
        try:
            asyncio.run(self._serve_and_note())
        finally:
            self.listener.close()

    async def _serve_and_note(self) -> None:
        noting = asyncio.create_task(self._note_time()) if self.platform.pace != 1.0 else None
        try:
            await self.serve(sockets=[self.listener])
        finally:
            if noting is not None:
                noting.cancel()
            self._note(running=False)

    async def _note_time(self) -> None:
        while True:
            await asyncio.to_thread(self._note, running=True)
            await asyncio.sleep(NOTE_SECONDS)

    def _note(self, *, running: bool) -> None:
        """Leave word of the time; without a store it is noted the next time."""
        try:
            self.platform.note_clock(running=running)
        except StorageFailed:
            log.warning("the platform's time could not be noted")


@contextmanager
def background_server(
    platform: Platform,
    host: str = "127.0.0.1",
    port: int = 0,
    files: Path | None = None,
    certificate: Certificate | None = None,
) -> Iterator[str]:
    """Serve ``platform`` in a thread while the block runs; yields the address."""
    server = PlatformServer(platform, host, port, files, certificate)
    thread = threading.Thread(target=server.run_here, name="platform")
    thread.start()
    try:
        yield server.url
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        if thread.is_alive():
            raise RuntimeError("the platform did not stop")


def serve(
    platform: Platform,
    host: str = "127.0.0.1",
    port: int = 8765,
    files: Path | None = None,
    announce: Callable[[str], None] = lambda _address: None,
    certificate: Certificate | None = None,
    proxy: str = "",
    operation: Operation | None = None,
) -> None:
    """Serve ``platform`` in this thread until interrupted or terminated.

    Raises ``OSError`` for a taken port.
    """
    server = PlatformServer(platform, host, port, files, certificate, proxy, operation)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a batch makes many small values and few of them stay
    with ExitStack() as stack:
        if operation is not None and operation.metrics is not None:
            stack.enter_context(server.app.state.desk.metrics.served(*operation.metrics))
        announce(server.url)
        server.run_here()
