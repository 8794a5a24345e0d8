"""Sockets with one deadline for the whole exchange, that another thread can break off.

``requests`` alone bounds only the time between two bytes: a drip outlives it. Here every read and
write takes what is left of the exchange's own time. ``Line.cut`` shuts the socket down from any
thread, whether it is connecting, shaking hands, sending or waiting.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
import time
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError
from urllib3.util.ssl_ import create_urllib3_context

Buffer = Any
_KEEPALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
_DEAD_AFTER_MS = 15_000


class Broken(Exception):
    """The exchange was broken off by ourselves."""


class Line:
    """The deadline and the socket of the exchange that is under way. ``cut`` may come from anywhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._deadline = 0.0
        self.broken = False
        self.reused = False  # the exchange went over a connection kept from before

    def open(self, seconds: float) -> None:
        """Begin an exchange of at most ``seconds``. Raises ``Broken`` when it was cut before."""
        with self._lock:
            self._deadline = time.monotonic() + seconds
            self._socket = None
        self.check()

    def check(self) -> None:
        if self.broken:
            raise Broken

    def hold(self, sock: socket.socket) -> None:
        """Note the socket in use. Raises ``Broken``."""
        with self._lock:
            self._socket = sock
        self.check()

    def left(self) -> float:
        """Return the seconds left. Raises ``TimeoutError`` when there are none, or ``Broken``."""
        self.check()
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the exchange took too long")
        return left

    def cut(self) -> None:
        """Break the exchange off, and every later one until ``mend``."""
        with self._lock:
            self.broken = True
            if self._socket is not None:
                shut(self._socket)

    def mend(self) -> None:
        with self._lock:
            self.broken = False


def shut(sock: socket.socket) -> None:
    """Shut the connection down below TLS, which another thread may be inside of."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class BoundedSocket(socket.socket):
    """Each call may take what is left of the exchange, no more."""

    line: Line | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self.line is not None:
            self.settimeout(self.line.left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        if self.line is not None:
            self.settimeout(self.line.left())
        super().sendall(*args, **kwargs)


class BoundedTlsSocket(ssl.SSLSocket):
    """The same over TLS; ``line`` belongs to the class, because the handshake is part of making it."""

    line: Line

    def do_handshake(self, *args: Any, **kwargs: Any) -> None:
        self.line.hold(self)
        super().do_handshake(*args, **kwargs)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.line.left())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.line.left())
        return super().send(*args, **kwargs)


def resolve(host: str, port: int, line: Line) -> list[tuple[Any, ...]]:
    """Return the addresses of ``host``. A resolver that hangs is left behind, not waited for.

    ``getaddrinfo`` cannot be interrupted, so names (not literal addresses) are looked up in a daemon
    thread that does nothing else.
    """
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    answers: queue.Queue[Any] = queue.Queue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=look_up, name="resolver", daemon=True).start()
    while True:
        try:
            answer = answers.get(timeout=min(0.1, line.left()))
        except queue.Empty:
            continue
        if isinstance(answer, OSError):
            raise answer
        found: list[tuple[Any, ...]] = answer
        return found


def connect(host: str, port: int, line: Line) -> BoundedSocket:
    """Return a connected socket. Raises ``OSError``, ``TimeoutError`` or ``Broken``."""
    error: OSError | None = None
    for family, kind, proto, _, address in resolve(host, port, line):
        sock = BoundedSocket(family, kind, proto)
        try:
            line.hold(sock)
            tune(sock)
            sock.settimeout(line.left())
            sock.connect(address)
            line.check()
        except OSError as failed:
            sock.close()
            line.check()
            error = failed
        except Broken:
            sock.close()
            raise
        else:
            return sock
    raise error or OSError("no address")


def tune(sock: socket.socket) -> None:
    """No delay for small requests; notice a dead peer without being told."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (*_KEEPALIVE, ("TCP_USER_TIMEOUT", _DEAD_AFTER_MS)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class _Lined:
    """Mixed into urllib3's connections: connect over the line, and watch the exchange over it."""

    line: Line
    sock: Any
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        host = getattr(self, "_dns_host", self.host)
        try:
            sock = connect(host, self.port, self.line)
        except socket.gaierror as error:
            raise NameResolutionError(host, self, error) from error  # type: ignore[arg-type]
        sock.line = self.line
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        self.line.reused = self.sock is not None
        if self.sock is not None:
            self.line.hold(self.sock)
        super().request(*args, **kwargs)  # type: ignore[misc]
        self.line.hold(self.sock)


class _Plain(_Lined, HTTPConnection):
    pass


class _Secure(_Lined, HTTPSConnection):
    pass


def tls_context(line: Line, authority: str) -> ssl.SSLContext:
    """The center's own authority (PEM) and nobody else, else the system's and the bundled ones."""
    context = create_urllib3_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = type("Tls", (BoundedTlsSocket,), {"line": line})
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    if authority:
        context.load_verify_locations(cadata=authority)
        return context
    context.load_default_certs()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


class LineAdapter(HTTPAdapter):
    """Carries requests over one ``Line``; certificates are always verified.

    ``secure``: for https. Reading the authorities takes 30 ms, which an unencrypted line is spared.
    """

    def __init__(self, line: Line, *, secure: bool, authority: str = "") -> None:
        self._line = line
        self._context = tls_context(line, authority) if secure else None
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **kwargs: Any
    ) -> None:
        self.poolmanager = urllib3.PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._context
        )
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, proxy: Any, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._pools()
        return manager

    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        plain = type("Plain", (_Plain,), {"line": self._line})
        secure = type("Secure", (_Secure,), {"line": self._line})
        return {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context already verifies."""
