"""Passwords as scrypt hashes: ``scrypt$n$p$salt$hash``, compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

COST = 2**14
PARALLEL = 5
"""With r = 8: 16 MB and some 200 ms; the least that OWASP's cheat sheet on storing passwords names."""
_MAX_COST, _MAX_PARALLEL = 2**17, 16


def _scrypt(password: str, salt: bytes, cost: int, parallel: int) -> bytes:
    memory = 256 * cost * 8
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=8, p=parallel, maxmem=memory, dklen=32
    )


def hash_password(password: str, cost: int = COST) -> str:
    salt = os.urandom(16)
    made = (
        base64.b64encode(part).decode() for part in (salt, _scrypt(password, salt, cost, PARALLEL))
    )
    return "$".join(("scrypt", str(cost), str(PARALLEL), *made))


def password_holds(password: str, stored: str) -> bool:
    """Whether ``password`` is the one ``stored`` was made from."""
    try:
        _name, cost, parallel, salt, digest = stored.split("$")
        bounded = min(int(cost), _MAX_COST), min(int(parallel), _MAX_PARALLEL)
        again = _scrypt(password[:1000], base64.b64decode(salt), *bounded)
        return hmac.compare_digest(again, base64.b64decode(digest))
    except ValueError:
        return False
