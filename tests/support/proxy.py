"""A TCP proxy between a seat and its platform that does what bad lines do. Threads, real sockets.

``with fault_proxy(url) as line:`` then ``line.url`` instead of the platform's. ``line.arm(Fault(...))``
spoils the next exchanges whose request begins with ``match``; ``line.down()`` / ``line.up()`` take
the whole line away: connections are reset and new ones refused.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

CHUNK = 65536
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Length: 37\r\n\r\n<html><h1>Please sign in</h1></html>\r\n"
)


@dataclass(frozen=True)
class Fault:
    """What happens to one exchange. ``match``: how its request begins (empty: any); ``times``: to how
    many exchanges (None: all until ``clear``). Offsets count bytes of the request or the response.
    """

    match: bytes = b""
    times: int | None = 1
    cut_request: int | None = None  # hang up after so many bytes of the request
    cut_response: int | None = None  # hang up after so many bytes of the response
    flip: int | None = None  # turn one bit of this byte of the response
    delay: float = 0.0  # seconds before each piece of the response
    drip: float | None = None  # seconds between single bytes of the response
    answer: bytes | None = None  # answer this instead of asking the platform
    swallow: bool = False  # take the request and never answer
    reset: bool = False  # hang up with a reset rather than an orderly end


@dataclass
class _Armed:
    fault: Fault
    left: int | None


class FaultProxy:
    """One listening socket, one thread per connection."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        assert parts.hostname is not None
        self._target = (parts.hostname, parts.port or 80)
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._port = 0
        self._listener: socket.socket | None = None
        self.exchanges: list[bytes] = []
        self.connections = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def retarget(self, target: str) -> None:
        """Lead to another platform from the next connection on; present ones are reset."""
        parts = urlsplit(target)
        assert parts.hostname is not None
        self._target = (parts.hostname, parts.port or 80)
        self._reset_all()

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault, fault.times))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def armed(self) -> bool:
        """Whether a fault still waits for its exchange."""
        with self._lock:
            return any(a.left != 0 for a in self._armed)

    def up(self) -> None:
        if self._listener is not None:
            return
        listener = socket.create_server(("127.0.0.1", self._port), backlog=64)
        self._port = listener.getsockname()[1]
        self._listener = listener
        thread = threading.Thread(target=self._accept, args=(listener,), name="proxy", daemon=True)
        self._threads.append(thread)
        thread.start()

    def down(self) -> None:
        """Refuse new connections and reset the present ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._reset_all()

    def close(self) -> None:
        self._closing.set()
        self.down()
        for thread in self._threads:
            thread.join(5)

    def _reset_all(self) -> None:
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def take(self, head: bytes) -> Fault | None:
        """Return the fault for an exchange that begins with ``head``, and count it."""
        with self._lock:
            self.exchanges.append(head.partition(b"\r\n")[0])
            for armed in self._armed:
                if armed.left == 0 or not head.startswith(armed.fault.match):
                    continue
                if armed.left is not None:
                    armed.left -= 1
                return armed.fault
        return None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target, timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets |= {client, server}
        try:
            _Exchange(self, client, server, self._closing).run()
        except OSError:
            pass
        finally:
            with self._lock:
                self._sockets -= {client, server}
            client.close()
            server.close()


class _Exchange:
    """One connection. A piece from the client after the server spoke begins a new exchange."""

    def __init__(
        self,
        proxy: FaultProxy,
        client: socket.socket,
        server: socket.socket,
        closing: threading.Event,
    ) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._closing = closing
        self._fault: Fault | None = None
        self._asked = self._answered = 0
        self._fresh = True

    def run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._client, selectors.EVENT_READ)
            selector.register(self._server, selectors.EVENT_READ)
            while not self._closing.is_set():
                for key, _ in selector.select(0.5):
                    data = key.fileobj.recv(CHUNK)  # type: ignore[union-attr]
                    upstream = key.fileobj is self._client
                    if not data or not (self._up(data) if upstream else self._down(data)):
                        return

    def _up(self, data: bytes) -> bool:
        if self._fresh:
            self._fault, self._asked, self._answered = self._proxy.take(data), 0, 0
            self._fresh = False
        fault = self._fault
        if fault is not None:
            if fault.answer is not None:
                self._client.sendall(fault.answer)
                return False
            if fault.swallow:
                return True
            if fault.cut_request is not None and self._asked + len(data) >= fault.cut_request:
                self._server.sendall(data[: fault.cut_request - self._asked])
                return self._hang_up(fault)
        self._asked += len(data)
        self._server.sendall(data)
        return True

    def _down(self, data: bytes) -> bool:
        self._fresh = True
        fault = self._fault
        if fault is None:
            self._client.sendall(data)
            return True
        if fault.delay:
            self._closing.wait(fault.delay)
        if fault.flip is not None and 0 <= fault.flip - self._answered < len(data):
            spoilt = bytearray(data)
            spoilt[fault.flip - self._answered] ^= 1
            data = bytes(spoilt)
        if fault.cut_response is not None and self._answered + len(data) >= fault.cut_response:
            self._client.sendall(data[: fault.cut_response - self._answered])
            return self._hang_up(fault)
        self._answered += len(data)
        if fault.drip is None:
            self._client.sendall(data)
            return True
        for byte in data:
            if self._closing.wait(fault.drip):
                return False
            self._client.sendall(bytes([byte]))
        return True

    def _hang_up(self, fault: Fault) -> bool:
        if fault.reset:
            linger = struct.pack("ii", 1, 0)
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return False


@contextmanager
def fault_proxy(target: str) -> Iterator[FaultProxy]:
    """Run a proxy to ``target`` (a URL) while the block runs."""
    proxy = FaultProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
