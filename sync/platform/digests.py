"""The hash a township's chain is made with: SHA-256 or SM3 (GB/T 32905), chosen when it is set up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from enum import StrEnum

Digest = Callable[[bytes], bytes]
"""Returns the 32 bytes of its argument's hash."""


class Algorithm(StrEnum):
    """The wire and command line names."""

    SHA256 = "sha256"
    SM3 = "sm3"


TITLES = {Algorithm.SHA256: "SHA-256", Algorithm.SM3: "SM3"}


def digest_of(algorithm: Algorithm) -> Digest:
    """Return the function. SM3 comes from OpenSSL, or where that was built without it, from
    ``cryptography``'s own.
    """
    if algorithm is Algorithm.SHA256:
        return _sha256
    return _sm3_of_openssl if "sm3" in hashlib.algorithms_available else _sm3_of_cryptography


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3_of_openssl(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _sm3_of_cryptography(data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes

    context = hashes.Hash(hashes.SM3())
    context.update(data)
    return context.finalize()
