"""Certificates: ours holds, everybody else's does not."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server

import pytest

from desktop_app.domain.clock import SystemClock
from sync.client.address import Address
from sync.client.failures import Failure, FailureKind
from sync.client.transport import Transport
from sync.protocol.messages import Hello
from tests.support.canned import hello_bytes, read_request, response

pytest.importorskip("cryptography")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)


def make_certificate(folder: Path, host: str, *, days: int = 30) -> Path:
    """Write a self-signed certificate and key for ``host`` (an address) and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test platform")])
    begins = NOW - timedelta(days=60)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}-{days}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def tls_platform(certificate: Path) -> Iterator[str]:
    """Serve hello over TLS; yield the address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            raw.settimeout(5)
            with suppress(OSError), context.wrap_socket(raw, server_side=True) as sock:
                while read_request(sock):
                    sock.sendall(response(hello_bytes(center="某中心" * 40_000)))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(2)
        listener.close()
        thread.join(6)


def hello_at(url: str, ca_file: Path | None) -> Hello | Failure:
    transport = Transport(
        Address(url, loopback=True, plain=False), SystemClock(), str(ca_file) if ca_file else None
    )
    try:
        outcome = transport.hello()
        return outcome if isinstance(outcome, Failure) else transport.hello()
    finally:
        transport.close()


def test_a_center_s_own_authority_holds(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with tls_platform(certificate) as url:
        assert isinstance(hello_at(url, certificate), Hello)


@pytest.mark.parametrize(
    ("host", "days", "known"), [("127.0.0.1", 30, False), ("192.0.2.7", 30, True), ("127.0.0.1", -1, True)],
    ids=["unknown authority", "another host", "expired"],
)  # fmt: skip
def test_any_other_does_not(tmp_path: Path, host: str, days: int, *, known: bool) -> None:
    certificate = make_certificate(tmp_path, host, days=days)
    with tls_platform(certificate) as url:
        outcome = hello_at(url, certificate if known else None)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.TLS
    assert "时间" in outcome.problem.advice
