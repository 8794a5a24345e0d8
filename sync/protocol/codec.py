"""Bytes and back: one encoder, one decoder per message, the digest that guards every body."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, TypeVar

import msgspec

from desktop_app.domain.acts import Act
from desktop_app.domain.center import Center
from desktop_app.domain.orders import Order

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    if kind not in _DECODERS:
        _DECODERS[kind] = msgspec.json.Decoder(kind)
    return _DECODERS[kind]


def encode(value: object) -> bytes:
    """Return ``value`` (a message or a domain dataclass) as JSON bytes."""
    return _encoder.encode(value)


def decode(data: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Return ``data`` as ``kind``. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError``."""
    value: T = _decoder(kind).decode(data)
    return value


def decode_order(data: bytes | msgspec.Raw) -> Order:
    return decode(data, Order)


def decode_act(data: bytes | msgspec.Raw) -> Act:
    return decode(data, Act)


def decode_center(data: bytes | msgspec.Raw) -> Center:
    return decode(data, Center)


def content_digest(body: bytes) -> str:
    """Return the RFC 9530 ``Content-Digest`` value of ``body``."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def digest_holds(header: str | None, body: bytes) -> bool:
    """Whether ``header`` is the digest of ``body``. A missing header does not hold."""
    return header is not None and header.strip() == content_digest(body)


def act_digest(act: Act) -> str:
    """Return the SHA-256 of an act's bytes: the payload of an act id never changes (I6)."""
    return hashlib.sha256(encode(act)).hexdigest()
