"""Identifiers, and the one way each of them is made."""

from __future__ import annotations

import os
import uuid
from typing import NewType

OrderId = NewType("OrderId", str)
ActId = NewType("ActId", str)
PersonId = NewType("PersonId", str)
UnitId = NewType("UnitId", str)
DeviceId = NewType("DeviceId", str)

CENTER = OrderId("center")
"""The subject of acts that concern the center itself (deputies, roster), not one order."""


def uuid7(unix_ms: int, entropy: bytes | None = None) -> str:
    """Return a UUIDv7 (RFC 9562): sortable by ``unix_ms``, 74 random bits behind it.

    ``entropy`` are 10 bytes; callers that must be repeatable pass their own.
    """
    tail = int.from_bytes(entropy or os.urandom(10), "big")
    value = (unix_ms & ((1 << 48) - 1)) << 80 | (tail & ((1 << 80) - 1))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
