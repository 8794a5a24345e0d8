"""The platform's address as a person types it. Unencrypted only to this machine itself."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from sync.client.failures import Failure, FailureKind, failure


@dataclass(frozen=True, slots=True)
class Address:
    """``url`` has scheme, host and port, no path. ``plain``: unencrypted, which only loopback is."""

    url: str
    loopback: bool
    plain: bool


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_address(text: str) -> Address | Failure:
    """Read an address as typed: ``192.168.1.5:8440``, ``platform.example:8440``, ``https://…``.

    Full-width signs of a Chinese keyboard are taken for what they stand for. Without a scheme it is
    https, on this machine http. Unencrypted to any other machine there is no way.
    """
    cleaned = text.translate(_NARROW).strip()
    if not cleaned.endswith("://"):
        cleaned = cleaned.rstrip("/")
    bare = "://" not in cleaned
    try:
        parts = urlsplit(f"//{cleaned}" if bare else cleaned)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return failure(FailureKind.ADDRESS)
    if not host or any(c.isspace() for c in cleaned) or parts.username or parts.query:
        return failure(FailureKind.ADDRESS)
    scheme = ("http" if is_loopback(host) else "https") if bare else parts.scheme.lower()
    if scheme not in ("http", "https") or parts.path:
        return failure(FailureKind.ADDRESS)
    if scheme == "http" and not is_loopback(host):
        return failure(FailureKind.PLAIN)
    if host.isascii() and not _has_labels(host):
        return failure(FailureKind.ADDRESS)
    shown = f"[{host}]" if ":" in host else host
    url = f"{scheme}://{shown}:{port}" if port else f"{scheme}://{shown}"
    return Address(url, is_loopback(host), scheme == "http")


def _has_labels(host: str) -> bool:
    """Whether a resolver would look at it at all: ``192.168..5`` makes it raise."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return not host.startswith((".", "*"))


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # the full-width forms of ASCII
_NARROW[0x3002] = ord(".")  # the ideographic full stop
