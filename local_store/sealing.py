"""Sealing what lies beside the database: AES-256-GCM under keys derived from the store's key.

``cryptography`` is imported at the first use: a start that opens nothing sealed does not pay for it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32


class Unsealable(Exception):
    """Not sealed with this key, or changed since."""


def derive(key: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose (HKDF-Expand, RFC 5869; the store's key is random already)."""
    return hmac.digest(key, purpose.encode() + b"\x01", hashlib.sha256)


class Sealer:
    """Seals and opens under one derived key. Random nonces: good for 2^32 pieces."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key = derive(key, purpose)
        self._cipher: Any = None

    def _ready(self) -> Any:
        if self._cipher is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            self._cipher = AESGCM(self._key)
        return self._cipher

    def seal(self, data: bytes, bound_to: bytes = b"") -> bytes:
        """Return nonce, ciphertext and tag; it opens only with the same ``bound_to``."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed: bytes = self._ready().encrypt(nonce, data, bound_to)
        return nonce + sealed

    def unseal(self, sealed: bytes, bound_to: bytes = b"") -> bytes:
        """Return the content. Raises ``Unsealable``."""
        from cryptography.exceptions import InvalidTag

        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise Unsealable
        try:
            data: bytes = self._ready().decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to
            )
        except InvalidTag:
            raise Unsealable from None
        return data

    def name(self, text: str) -> str:
        """Return a file name for ``text`` that tells nothing without the key."""
        return hmac.digest(self._key, b"name:" + text.encode(), hashlib.sha256).hex()[:40]
