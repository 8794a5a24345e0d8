"""One HTTP exchange with the foreign system, with all its bounds, on the standard library.

``requests`` stays with the seats' transport; what is needed here is little: verified TLS, no proxy
from the environment, no redirect, one deadline from the look-up of the name to the last byte, and to
know for certain whether anything can have been sent.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

MAX_BODY = 4 * 1024 * 1024
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_READ_AT_ONCE = 64 * 1024
_TOO_LATE = "等对方回答超时"


class NotSent(Exception):
    """Nothing of the request can have arrived. ``str`` is Chinese."""


class Broken(Exception):
    """The exchange did not come to its end; the request may have arrived. ``str`` is Chinese."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: status, media type in lower case, digest as stated, body."""

    status: int
    media_type: str
    digest: str | None
    body: bytes


def check_address(address: str) -> SplitResult:
    """Return the parts of the foreign system's address. Raises ``ValueError`` with a Chinese reason."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError("对方系统的地址要写成 https://主机/路径。")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise ValueError(
            "对方系统的地址没有加密。要用 https；对方只有明文的，在本机装一个加密代理，写它的地址。"
        )
    return parts


class Line:
    """Makes exchanges with one address. ``token`` goes out as a bearer token and is never logged."""

    def __init__(
        self,
        parts: SplitResult,
        token: str,
        *,
        deadline: float = 20.0,
        authorities: str | None = None,
    ) -> None:
        self._parts = parts
        self._token = token
        self._deadline = deadline
        secure = parts.scheme == "https"
        self._tls = ssl.create_default_context(cafile=authorities) if secure else None

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        may_begin: Callable[[], bool] = lambda: True,
    ) -> Reply:
        """Send one request and read the whole answer. Raises ``NotSent`` or ``Broken``."""
        connection = self._connected()
        watchdog = _Watchdog(connection.sock, self._deadline)
        try:
            self._secured(connection)
            if not may_begin():
                raise NotSent("等得太久，这次不发了，稍后再发。")
            reply = self._asked(connection, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            # On a busy machine the socket's own time-out may come before the watchdog does.
            late = watchdog.fired or isinstance(error, TimeoutError)
            why = _TOO_LATE if late else f"连接中断（{type(error).__name__}）"
            raise Broken(f"{why}，不知道对方收到没有。") from None
        finally:
            watchdog.stop()
            connection.close()
        if watchdog.fired:  # a line that ends in the headers looks whole to http.client
            raise Broken(f"{_TOO_LATE}，不知道对方收到没有。")
        return reply

    def _connected(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        port = self._parts.port or (443 if secure else 80)
        connection = http.client.HTTPConnection(
            self._parts.hostname or "", port, timeout=self._deadline
        )
        connection.default_port = 443 if secure else 80
        try:
            connection.connect()
        except (OSError, UnicodeError) as error:
            raise NotSent(_unreachable(error)) from None
        return connection

    def _secured(self, connection: http.client.HTTPConnection) -> None:
        if self._tls is None:
            return
        try:
            connection.sock = self._tls.wrap_socket(
                connection.sock, server_hostname=self._parts.hostname
            )
        except ssl.SSLCertVerificationError:
            raise NotSent("对方系统的证书核对不上，没有发送。请联系对方管理员。") from None
        except OSError as error:
            raise NotSent(_unreachable(error)) from None

    def _asked(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None
    ) -> Reply:
        headers = {"Accept": "application/json", "Connection": "close"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, self._parts.path.rstrip("/") + path, body, headers)
        response = connection.getresponse()
        return Reply(
            response.status,
            (response.getheader("Content-Type") or "").partition(";")[0].strip().lower(),
            response.getheader("Content-Digest"),
            _whole_body(response),
        )


def _whole_body(response: http.client.HTTPResponse) -> bytes:
    """Read to the end. A body that is cut short or too long breaks the exchange."""
    stated = response.length
    body = bytearray()
    while chunk := response.read(_READ_AT_ONCE):
        body += chunk
        if len(body) > MAX_BODY:
            raise http.client.HTTPException("too long")
    if stated is not None and len(body) != stated:
        raise http.client.IncompleteRead(bytes(body), stated - len(body))
    return bytes(body)


def _unreachable(error: Exception) -> str:
    return f"连不上对方系统（{type(error).__name__}）。请核对网络和地址。"


class _Watchdog:
    """Shuts the connection at the deadline, however slowly bytes drip; no time-out of the socket can.

    It keeps a second handle: securing the connection takes the first one away.
    """

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self.fired = False
        self._socket = connected.dup()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def _shut(self) -> None:
        self.fired = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._timer.cancel()
        self._timer.join()
        self._socket.close()
