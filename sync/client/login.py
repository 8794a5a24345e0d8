"""Signing in, for the first-run dialog: who is at the address, and who sits here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from desktop_app.domain.clock import Clock, SystemClock
from desktop_app.domain.ids import DeviceId, PersonId
from sync.client.address import Address, parse_address
from sync.client.authority import authority_of
from sync.client.failures import Failure, FailureKind, Problem, failure
from sync.client.identity import Credentials
from sync.client.transport import OpenLine, Transport
from sync.protocol.messages import Hello, Login


class LoginError(Exception):
    """It did not work. ``title`` and ``advice`` are Chinese; ``retry_after`` in seconds."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.problem.title)
        self.kind = failure.kind
        self.problem: Problem = failure.problem
        self.title = failure.problem.title
        self.advice = failure.problem.advice
        self.retry_after = failure.retry_after


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who is at an address."""

    address: str
    hello: Hello


def hello(address: str, *, authority: str = "", clock: Clock | None = None) -> Greeting:
    """Ask who is at ``address`` (as typed). Blocks up to 10 s. Raises ``LoginError``.

    ``authority``: the center's own certificate authority as PEM, "" for the public ones.
    """
    parsed = _parsed(address, authority)
    with _transport(parsed, authority, clock) as transport:
        return _greeting(parsed, transport)


def sign_in(
    address: str,
    account: str,
    password: str,
    device_id: DeviceId,
    name: str,
    *,
    device_key: str = "",
    authority: str = "",
    clock: Clock | None = None,
    open_line: OpenLine = Transport,
) -> Credentials:
    """Sign in and return the session. ``name`` is the seat's, for the platform's list of devices.

    ``device_key``: the public half of the seat's key for files on a stick (``stick_keys``).
    Blocks up to 30 s. Raises ``LoginError``. Keep the result with ``identity.save_credentials``.
    """
    parsed = _parsed(address, authority)
    login = Login(
        account=account.strip(),
        password=password,
        device_id=device_id,
        device_name=name,
        device_key=device_key,
    )
    with _transport(parsed, authority, clock, open_line) as transport:
        greeting = _greeting(parsed, transport)
        session = transport.sign_in(login)
    if isinstance(session, Failure):
        raise LoginError(session)
    if session.server_id != greeting.hello.server_id:
        raise LoginError(failure(FailureKind.OTHER_SERVER))
    return Credentials(
        address=greeting.address,
        account=login.account,
        person_id=PersonId(session.person_id),
        server_id=session.server_id,
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        authority=authority,
        seal_key=session.seal_key,
    )


def _parsed(address: str, authority: str) -> Address:
    parsed = parse_address(address)
    if isinstance(parsed, Failure):
        raise LoginError(parsed)
    if authority and isinstance(unusable := authority_of(authority), Failure):
        raise LoginError(unusable)
    return parsed


@contextmanager
def _transport(
    address: Address, authority: str, clock: Clock | None, open_line: OpenLine = Transport
) -> Iterator[Transport]:
    transport = open_line(address, clock or SystemClock(), authority)
    try:
        yield transport
    finally:
        transport.close()


def _greeting(address: Address, transport: Transport) -> Greeting:
    answer = transport.hello()
    if isinstance(answer, Failure):
        raise LoginError(answer)
    return Greeting(address.url, answer)
