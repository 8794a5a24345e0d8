"""Certificates that do not hold: nothing is said to whoever shows one."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.acts import ActKind
from desktop_app.services import intake
from sync.client import login
from sync.client.authority import Authority, read_authority
from sync.client.failures import FailureKind as K
from tests.faults.checks import all_once, kinds, standing
from tests.support.center import sample_intake
from tests.support.certificates import make_certificate
from tests.support.clock import ManualClock
from tests.support.platform import RunningPlatform
from tests.support.proxy import FaultProxy, fault_proxy
from tests.support.synced import SyncedSeat

HERE = "127.0.0.1"


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def pem(certificate: Path) -> str:
    found = read_authority(certificate)
    assert isinstance(found, Authority)
    return found.pem


@pytest.fixture
def bad(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, bool]:
    """A certificate that does not hold, and whether the seat knows who issued it."""
    folder = tmp_path / "bad"
    folder.mkdir()
    match request.param:
        case "expired":
            return make_certificate(folder, HERE, days=-1), True
        case "host":
            return make_certificate(folder, "192.0.2.7"), True
        case _:
            return make_certificate(folder, HERE), False


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return make_certificate(tmp_path, HERE)


@pytest.fixture
def secure(running: RunningPlatform, good: Path) -> Iterator[FaultProxy]:
    with fault_proxy(running.url, serving(good)) as proxy:
        yield proxy


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(name, marks=pytest.mark.fault(entry))
        for name, entry in (
            ("expired", "network.tls_expired"),
            ("host", "network.tls_wrong_host"),
            ("authority", "network.tls_unknown_ca"),
        )
    ],
    indirect=True,
)
def test_a_certificate_that_does_not_hold_gets_nothing(
    bad: tuple[Path, bool],
    good: Path,
    running: RunningPlatform,
    secure: FaultProxy,
    clock: ManualClock,
    tmp_path: Path,
) -> None:
    certificate, known = bad
    believed = pem(good) + ("\n" + pem(certificate) if known else "")
    running.platform.dispatch([sample_intake(1)])
    seat = SyncedSeat(tmp_path / "seat", clock, "dispatcher", secure.url, authority=believed)
    try:
        seat.sign_in()
        seat.sync()
        (order_id,) = seat.orders()
        intake.accept(seat.seat, order_id)
        before = standing(seat)
        secure.certify(serving(certificate))
        secure.exchanges.clear()
        for _ in range(4):
            seat.try_once()
        assert secure.exchanges == [], "not a byte of a request went out"
        assert standing(seat) == before
        assert seat.runner.state.problem is not None
        assert seat.runner.state.problem.kind is K.TLS
        assert "时间" in seat.runner.state.problem.advice
        with pytest.raises(login.LoginError) as refused:
            seat.sign_in()
        assert refused.value.kind is K.TLS
        secure.certify(serving(good))
        all_once(running, seat)
        assert kinds(running, order_id) == [ActKind.DISPATCH, ActKind.ACCEPT]
    finally:
        seat.close()
