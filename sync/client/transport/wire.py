"""One HTTP exchange with all its bounds. The only user of ``requests``.

An answer counts whole or not at all; every way it can fail is a ``Failure``, never an exception.
"""

from __future__ import annotations

import errno
import gzip
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

import requests
import urllib3.exceptions as u3
from requests.utils import get_environ_proxies

from desktop_app.domain.clock import Clock
from sync.client.address import Address
from sync.client.answers import MAX_WIRE, Reply, check_hello, message_of, unpack
from sync.client.failures import Failure, FailureKind, failure
from sync.client.transport.connections import Broken, Line, LineAdapter
from sync.protocol.codec import content_digest, encode
from sync.protocol.messages import (
    PROTOCOL,
    Hello,
    Login,
    RawSyncAnswer,
    Refresh,
    Session,
    StickTaken,
    SyncRequest,
)
from sync.protocol.stick import MEDIA_TYPE
from sync.protocol.witness import Witnessed

K = FailureKind
M = TypeVar("M", Hello, Session, RawSyncAnswer, StickTaken, Witnessed)

HELLO_SECONDS = 10.0
SESSION_SECONDS = 20.0
EXCHANGE_SECONDS = 60.0
BRING_SECONDS = 30 * 60.0
POLL_GRACE = 15.0
COMPRESS_FROM = 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``seconds`` bounds the whole exchange, from name look-up to the last byte."""

    method: str
    path: str
    seconds: float
    body: bytes | BinaryIO = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    refresh: bool = False


class Transport:
    """Speaks to one address over one kept connection. Used by one thread; ``interrupt`` by any."""

    def __init__(self, address: Address, clock: Clock, authority: str = "") -> None:
        self.address = address
        self._clock = clock
        self._line = Line()
        self._session = requests.Session()
        self._session.trust_env = False  # no .netrc; proxies are looked up below
        adapter = LineAdapter(self._line, secure=not address.plain, authority=authority)
        self._session.adapters.clear()
        self._session.mount("http://" if address.plain else "https://", adapter)

    def close(self) -> None:
        self._session.close()

    def interrupt(self) -> None:
        """Break off what is under way, and whatever is begun before ``resume``. From any thread."""
        self._line.cut()

    def resume(self) -> None:
        self._line.mend()

    # --- the requests of the contract ---

    def hello(self) -> Hello | Failure:
        """Ask who is there. The answer is a platform this seat can talk to, or a failure."""
        answer = self._message(Call("GET", "/v1/hello", HELLO_SECONDS), Hello)
        if isinstance(answer, Failure):
            return answer
        return check_hello(answer) or answer

    def sign_in(self, login: Login) -> Session | Failure:
        call = Call("POST", "/v1/sessions", SESSION_SECONDS, encode(login))
        return self._message(call, Session)

    def refresh(self, spent: Refresh) -> Session | Failure:
        call = Call("POST", "/v1/sessions/refresh", SESSION_SECONDS, encode(spent), refresh=True)
        return self._message(call, Session)

    def exchange(self, request: SyncRequest, token: str) -> RawSyncAnswer | Failure:
        """Push and pull in one round trip."""
        call = Call("POST", "/v1/sync", EXCHANGE_SECONDS, encode(request), token=token)
        return self._message(call, RawSyncAnswer)

    def poll(self, cursor: str, seconds: int, limit: int, token: str) -> RawSyncAnswer | Failure:
        """Wait at the platform for news."""
        params = {"cursor": cursor, "wait": str(seconds), "limit": str(limit)}
        call = Call("GET", "/v1/changes", seconds + POLL_GRACE, params=params, token=token)
        return self._message(call, RawSyncAnswer)

    def chain(self, cursor: str, numbers: Sequence[int], token: str) -> Witnessed | Failure:
        """Ask for the newest entry of the township's chain, and for those of these numbers."""
        params = {"cursor": cursor, "at": ",".join(map(str, numbers))}
        return self._message(
            Call("GET", "/v1/chain", HELLO_SECONDS, params=params, token=token), Witnessed
        )

    def bring(self, file: BinaryIO, token: str) -> StickTaken | Failure:
        """Hand in what came on a stick. Not repeated by itself: ``file`` is read once."""
        headers = {"Content-Type": MEDIA_TYPE}
        call = Call("POST", "/v1/outbox-imports", BRING_SECONDS, file, headers, token=token)
        return self._message(call, StickTaken)

    def _message(self, call: Call, kind: type[M]) -> M | Failure:
        reply = self.send(call)
        if isinstance(reply, Failure):
            return reply
        return message_of(reply, kind, self._clock.now())

    # --- one exchange ---

    def send(self, call: Call) -> Reply | Failure:
        """Do one exchange. A kept connection that turns out to be gone is replaced once: every
        request of the contract can be repeated.
        """
        outcome = self._attempt(call)
        stale = isinstance(outcome, Failure) and outcome.code == _GONE and self._line.reused
        return self._attempt(call) if stale else outcome

    def _attempt(self, call: Call) -> Reply | Failure:
        try:
            self._line.open(call.seconds)
            with self._ask(call) as response:
                return self._read(call, response)
        except Broken:
            return failure(K.INTERRUPTED)
        except (requests.RequestException, u3.HTTPError, OSError, http.client.HTTPException) as e:
            return failure(K.INTERRUPTED) if self._line.broken else failure_of(e)

    def _ask(self, call: Call) -> requests.Response:
        body, headers = self._packed(call)
        request = requests.Request(
            call.method,
            self.address.url + call.path,
            params=dict(call.params),
            data=body or None,
            headers=headers,
        )
        prepared = self._session.prepare_request(request)
        return self._session.send(
            prepared,
            stream=True,
            allow_redirects=False,
            timeout=call.seconds,
            proxies={} if self.address.loopback else get_environ_proxies(prepared.url or ""),
        )

    def _packed(self, call: Call) -> tuple[bytes | BinaryIO, dict[str, str]]:
        headers = {
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "identity" if self.address.loopback else "gzip",
            "User-Agent": "jiban-desk",
            "Jiban-Protocol": str(PROTOCOL),
        }
        if call.token:
            headers["Authorization"] = f"Bearer {call.token}"
        body = call.body
        if isinstance(body, bytes) and body and "Content-Type" not in call.headers:
            headers["Content-Type"] = "application/json"
            headers["Content-Digest"] = content_digest(body)
            if len(body) > COMPRESS_FROM and not self.address.loopback:
                body = gzip.compress(body, compresslevel=5, mtime=0)
                headers["Content-Encoding"] = "gzip"
        return body, {**headers, **call.headers}

    def _read(self, call: Call, response: requests.Response) -> Reply | Failure:
        headers = {name.lower(): value for name, value in response.headers.items()}
        wire = bytearray()
        for chunk in response.raw.stream(65536, decode_content=False):
            wire += chunk
            if len(wire) > MAX_WIRE:
                return failure(K.TOO_BIG)
        body = unpack(bytes(wire), headers.get("content-encoding", ""))
        if isinstance(body, Failure):
            return body
        return Reply(response.status_code, headers, body, call.refresh)


OpenLine = Callable[[Address, Clock, str], Transport]
"""Opens a line to an address; the last is the authority that vouches for it."""


_GONE = "connection_gone"
_NO_NETWORK = {
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.EHOSTDOWN,
    errno.EADDRNOTAVAIL,
}


def failure_of(error: BaseException) -> Failure:
    """Return what an exception of the network means."""
    causes = list(_causes(error))
    for kinds, kind, code in _TABLE:
        if any(isinstance(cause, kinds) for cause in causes):
            return failure(kind, code=code)
    if any(isinstance(c, OSError) and c.errno in _NO_NETWORK for c in causes):
        return failure(K.NO_NETWORK)
    cut = any(isinstance(c, u3.ProtocolError) for c in causes)
    return failure(K.CUT_OFF if cut else K.NO_NETWORK)


_TABLE: tuple[tuple[tuple[type[BaseException], ...], FailureKind, str], ...] = (
    ((Broken,), K.INTERRUPTED, ""),
    ((http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError), K.CUT_OFF, _GONE),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), K.CUT_OFF, _GONE),
    ((http.client.IncompleteRead, u3.IncompleteRead), K.CUT_OFF, ""),
    ((ssl.CertificateError,), K.TLS, ""),
    ((socket.gaierror,), K.NAME, ""),
    ((TimeoutError, u3.TimeoutError, requests.Timeout), K.TIMEOUT, ""),
    ((ssl.SSLError, u3.SSLError), K.TLS, ""),
    ((ConnectionRefusedError,), K.REFUSED, ""),
    ((http.client.HTTPException, u3.InvalidHeader), K.NOT_PLATFORM, ""),
    ((requests.exceptions.InvalidURL, u3.LocationValueError), K.ADDRESS, ""),
)
"""The first row that fits any cause decides."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and everything it wraps, in whichever way it was wrapped."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        cause = todo.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        todo.extend(c for c in inner if isinstance(c, BaseException))
