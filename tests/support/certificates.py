"""Certificates for tests: self-signed ones, and platforms' own from a center's private authority."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_NOW = datetime.now(UTC)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - timedelta(days=60))
        .not_valid_after(_NOW + timedelta(days=days))
    )


def _for_host(host: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])


def _pem(key: ec.EllipticCurvePrivateKey | None, certificate: x509.Certificate) -> bytes:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) if key else b""  # fmt: skip
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def make_certificate(folder: Path, host: str, *, days: int = 30) -> Path:
    """Write a self-signed certificate and key for ``host`` (an address) and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder("test platform", "test platform", key, days)
        .add_extension(_for_host(host), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}-{days}.pem"
    path.write_bytes(_pem(key, certificate))
    return path


@dataclass(frozen=True)
class PrivateAuthority:
    """``root`` is what seats are given; ``served`` holds certificate and key of the platform."""

    root: Path
    served: Path


def make_authority(folder: Path, host: str, name: str = "某中心根证书") -> PrivateAuthority:
    """Write an authority of a center's own and a certificate for ``host`` that it vouches for."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = (
        _builder(name, name, root_key, 3650)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _builder("platform", name, key, 365)
        .add_extension(_for_host(host), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    made = PrivateAuthority(folder / f"{name}.crt", folder / f"{name}-platform.pem")
    made.root.write_bytes(_pem(None, root))
    made.served.write_bytes(_pem(key, leaf))
    return made
