"""Certificates: ours holds, everybody else's does not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server

import pytest

from desktop_app.domain.clock import SystemClock
from sync.client import login
from sync.client.address import Address
from sync.client.authority import Authority, authority_of, read_authority
from sync.client.failures import Failure, FailureKind
from sync.client.login import LoginError
from sync.client.transport import Transport
from sync.platform.server import Certificate
from sync.protocol.messages import Hello
from tests.support.canned import hello_bytes, read_request, response
from tests.support.certificates import make_authority, make_certificate
from tests.support.platform import running_platform


@contextmanager
def tls_platform(certificate: Path, *, old: bool = False) -> Iterator[str]:
    """Serve hello over TLS; yield the address. ``old``: nothing newer than TLS 1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
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


def pem_of(path: Path) -> str:
    found = read_authority(path)
    assert isinstance(found, Authority)
    return found.pem


def hello_at(url: str, authority: str) -> Hello | Failure:
    transport = Transport(Address(url, loopback=True, plain=False), SystemClock(), authority)
    try:
        outcome = transport.hello()
        return outcome if isinstance(outcome, Failure) else transport.hello()
    finally:
        transport.close()


def refused(url: str, authority: str) -> str:
    with pytest.raises(LoginError) as caught:
        login.hello(url, authority=authority)
    assert caught.value.kind is FailureKind.TLS
    return caught.value.advice


def test_a_certificate_that_vouches_for_itself(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with tls_platform(certificate) as url:
        assert isinstance(hello_at(url, pem_of(certificate)), Hello)


def test_a_center_s_own_authority_vouches_for_the_real_platform(tmp_path: Path) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    certificate = Certificate(own.served)
    with running_platform(tmp_path, SystemClock(), certificate=certificate) as platform:
        assert platform.url.startswith("https://")
        assert login.hello(platform.url, authority=pem_of(own.root)).hello.center
        assert "证书" in refused(platform.url, "")


def test_with_an_authority_of_its_own_a_seat_believes_no_other(tmp_path: Path) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    other = make_authority(tmp_path, "127.0.0.1", "别人的根证书")
    certificate = Certificate(other.served)
    with running_platform(tmp_path, SystemClock(), certificate=certificate) as platform:
        refused(platform.url, pem_of(own.root))


def test_the_platform_speaks_nothing_older_than_tls_1_2(tmp_path: Path) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    certificate = Certificate(own.served)
    with running_platform(tmp_path, SystemClock(), certificate=certificate) as platform:
        port = int(platform.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as raw, pytest.raises(ssl.SSLError):
            old.wrap_socket(raw)


def test_a_seat_speaks_nothing_older_than_tls_1_2(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with (
        pytest.warns(DeprecationWarning, match="TLSv1_1"),
        tls_platform(certificate, old=True) as url,
    ):
        outcome = hello_at(url, pem_of(certificate))
    assert isinstance(outcome, Failure)
    assert outcome.kind in (FailureKind.TLS, FailureKind.CUT_OFF)


@pytest.mark.parametrize(
    ("host", "days", "known"), [("127.0.0.1", 30, False), ("192.0.2.7", 30, True), ("127.0.0.1", -1, True)],
    ids=["unknown authority", "another host", "expired"],
)  # fmt: skip
def test_any_other_does_not(tmp_path: Path, host: str, days: int, *, known: bool) -> None:
    certificate = make_certificate(tmp_path, host, days=days)
    with tls_platform(certificate) as url:
        outcome = hello_at(url, pem_of(certificate) if known else "")
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.TLS
    assert "时间" in outcome.problem.advice


# --- the file of an authority ---------------------------------------------------------------------


def test_of_a_file_only_the_certificates_are_kept(tmp_path: Path) -> None:
    pem = pem_of(make_certificate(tmp_path, "127.0.0.1"))
    assert "PRIVATE" not in pem
    assert pem.count("BEGIN") == 1


def test_the_binary_form_that_windows_exports(tmp_path: Path) -> None:
    own = make_authority(tmp_path, "127.0.0.1")
    binary = tmp_path / "root.cer"
    binary.write_bytes(ssl.PEM_cert_to_DER_cert(own.root.read_text()))
    found = read_authority(binary)
    assert isinstance(found, Authority)
    assert found.name == "某中心根证书"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
     b"0\x82\x01", b"A" * 300_000, "证书".encode("gbk")],
)  # fmt: skip
def test_what_is_no_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "root.pem"
    path.write_bytes(content)
    found = read_authority(path)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.AUTHORITY


def test_a_leaf_is_no_authority(tmp_path: Path) -> None:
    leaf = make_authority(tmp_path, "127.0.0.1").served
    assert isinstance(read_authority(leaf), Failure)
    assert isinstance(read_authority(tmp_path / "missing.pem"), Failure)
    assert isinstance(read_authority(tmp_path), Failure)
    assert isinstance(authority_of(""), Failure)
