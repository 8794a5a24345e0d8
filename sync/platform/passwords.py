"""Passwords as scrypt hashes: ``scrypt$n$salt$hash``, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

COST = 2**14
_MAX_COST = 2**17


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    memory = 256 * cost * 8
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1, maxmem=memory, dklen=32)


def hash_password(password: str, cost: int = COST) -> str:
    salt = os.urandom(16)
    digest = _scrypt(password, salt, cost)
    return f"scrypt${cost}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_holds(password: str, stored: str) -> bool:
    """Whether ``password`` is the one ``stored`` was made from."""
    try:
        _name, cost, salt, digest = stored.split("$")
        again = _scrypt(password[:1000], base64.b64decode(salt), min(int(cost), _MAX_COST))
        return hmac.compare_digest(again, base64.b64decode(digest))
    except ValueError:
        return False
