"""Signing in, for the first-run dialog: who is at the address, and who sits here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from desktop_app.domain.clock import Clock, SystemClock
from desktop_app.domain.ids import DeviceId, PersonId
from sync.client.address import Address, parse_address
from sync.client.failures import Failure, Problem
from sync.client.identity import Credentials
from sync.client.transport import Transport
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
    """Who is at an address. ``plain``: the line to it is not encrypted and leaves this machine."""

    address: str
    hello: Hello
    plain: bool


def hello(address: str, *, allow_plain: bool = False, clock: Clock | None = None) -> Greeting:
    """Ask who is at ``address`` (as typed). Blocks up to 10 s. Raises ``LoginError``."""
    parsed = _parsed(address, allow_plain)
    with _transport(parsed, clock) as transport:
        return _greeting(parsed, transport)


def sign_in(
    address: str,
    account: str,
    password: str,
    device_id: DeviceId,
    name: str,
    *,
    allow_plain: bool = False,
    clock: Clock | None = None,
) -> Credentials:
    """Sign in and return the session. ``name`` is the seat's, for the platform's list of devices.

    Blocks up to 30 s. Raises ``LoginError``. Keep the result with ``identity.save_credentials``.
    """
    parsed = _parsed(address, allow_plain)
    login = Login(account=account.strip(), password=password, device_id=device_id, device_name=name)
    with _transport(parsed, clock) as transport:
        greeting = _greeting(parsed, transport)
        session = transport.sign_in(login)
    if isinstance(session, Failure):
        raise LoginError(session)
    return Credentials(
        address=greeting.address,
        account=login.account,
        person_id=PersonId(session.person_id),
        server_id=session.server_id,
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        allow_plain=allow_plain,
    )


def _parsed(address: str, allow_plain: bool) -> Address:
    parsed = parse_address(address, allow_plain=allow_plain)
    if isinstance(parsed, Failure):
        raise LoginError(parsed)
    return parsed


@contextmanager
def _transport(address: Address, clock: Clock | None) -> Iterator[Transport]:
    transport = Transport(address, clock or SystemClock())
    try:
        yield transport
    finally:
        transport.close()


def _greeting(address: Address, transport: Transport) -> Greeting:
    answer = transport.hello()
    if isinstance(answer, Failure):
        raise LoginError(answer)
    return Greeting(address.url, answer, address.plain and not address.loopback)
