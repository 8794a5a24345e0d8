"""A center's own certificate authority: read once from the file an administrator hands out.

What is kept is the certificates themselves, not the path: the file often comes on a stick that is
gone tomorrow. With an authority of its own a seat trusts nobody else, so that neither a public
authority nor one that somebody installed on the computer can vouch for another platform.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sync.client.failures import Failure, FailureKind, failure

MAX_BYTES = 256 * 1024
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----")


@dataclass(frozen=True, slots=True)
class Authority:
    """``pem``: certificates only, never a key. ``name`` and ``expires_at`` of the first of them."""

    pem: str
    name: str
    expires_at: datetime


def read_authority(path: Path) -> Authority | Failure:
    """Return the authority in a .pem, .crt or .cer file (PEM or DER)."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return failure(FailureKind.AUTHORITY)
    if len(data) > MAX_BYTES:
        return failure(FailureKind.AUTHORITY)
    if data[:1] == b"\x30":  # the sequence a DER file begins with
        return authority_of(ssl.DER_cert_to_PEM_cert(data))
    return authority_of(data.decode("utf-8", errors="replace"))


def authority_of(text: str) -> Authority | Failure:
    """Return the authority that ``text`` (PEM, with or without other things in it) describes."""
    pem = "\n".join(_CERTIFICATE.findall(text))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        return failure(FailureKind.AUTHORITY)
    found = context.get_ca_certs()
    if not found:
        return failure(FailureKind.AUTHORITY)
    ends = ssl.cert_time_to_seconds(str(found[0]["notAfter"]))
    return Authority(pem, _name(found[0]), datetime.fromtimestamp(ends, UTC))


def _name(certificate: Mapping[str, object]) -> str:
    """Return the common name of the subject, else whatever it is called by."""
    subject = certificate.get("subject", ())
    pairs = [pair for part in subject for pair in part] if isinstance(subject, tuple) else []
    named = [str(value) for key, value in pairs if key == "commonName"]
    return (named or [str(value) for _, value in pairs] or [""])[0][:100]
