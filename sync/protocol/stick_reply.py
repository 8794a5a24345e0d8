r"""What the center writes back onto a stick: its answer, sealed for the one seat that asked.

``JIBANREPLY1\n``, a header in the clear, one sealed body. The header names the platform and nobody.

* Sealing: two secrets by X25519, of an ephemeral key and of the platform's own key, each with the key
  that the seat put into its file; HKDF-SHA256 over both, bound to the whole header, gives the AES-256-GCM
  key of this file. It is used once, so the nonce is fixed.
* Who wrote it: the second secret only the platform and this seat can make (the authenticated mode of
  RFC 9180). Where the seal holds, the platform sealed it; a signature of its own would need one more
  key, told to seats that have no line.

The key of the seat is made from its signing key: there is no other secret to keep, and none a copy of the
store could take along.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
import zlib
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from sync.protocol.codec import decode, encode
from sync.protocol.messages import RawSyncAnswer
from sync.protocol.stick import (
    MAX_HEADER,
    UNREADABLE,
    Manifest,
    StickError,
    key_bytes,
    key_text,
    platform_public,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"JIBANREPLY1\n"
MAX_REPLY = 16 * 1024 * 1024
MAX_ANSWER = 64 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_NONCE = bytes(12)


class ReplyHeader(msgspec.Struct, frozen=True, kw_only=True):
    """In the clear. ``key``: the file's ephemeral public key; ``salt`` makes the file's key."""

    server_id: str
    center: str
    key: str
    salt: str


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The sealed part: to whom, to which export, and what ``POST /v1/sync`` would have answered."""

    asked: Manifest
    made_at: datetime
    answer: msgspec.Raw


def reply_name(name: str) -> str:
    """Return the name of the answer to a file of this name; it lies beside it."""
    stem = name.rpartition(".")[0] or name
    return f"{stem}-回执.jiban"


def is_reply(start: bytes) -> bool:
    """Whether a file that begins so is the center's answer."""
    return start.startswith(MAGIC)


def reply_private(device_key: bytes) -> bytes:
    """Return the private half of a seat's key for answers, made from its signing key."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, None, b"jiban stick reply key 1").derive(device_key)


def reply_public(device_key: bytes) -> str:
    """Return the half that a seat puts into its file."""
    return platform_public(reply_private(device_key))


def seal_reply(reply: Reply, center: str, private: bytes) -> bytes:
    """Return the file. ``private``: the platform's key for sticks; ``center``: for people.

    Raises ``ValueError``: the seat's key is none.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    own, salt = X25519PrivateKey.generate(), secrets.token_bytes(16)
    header = encode(
        ReplyHeader(
            server_id=reply.asked.server_id,
            center=center,
            key=key_text(own.public_key().public_bytes_raw()),
            salt=key_text(salt),
        )
    )
    theirs = reply.asked.reply_key
    shared = _secret(own.private_bytes_raw(), theirs) + _secret(private, theirs)
    head = MAGIC + _LENGTH.pack(len(header)) + header
    body = zlib.compress(encode(reply), 6)
    return head + _cipher(shared, salt, head).encrypt(_NONCE, body, head)


def open_reply(data: bytes, server_id: str, seal_key: str, device_key: bytes) -> Reply:
    """Return what the platform of ``seal_key`` sealed for this seat. Raises ``StickError``."""
    from cryptography.exceptions import InvalidTag

    header, head, body = _parts(data)
    if header.server_id != server_id:
        raise StickError(
            "wrong_center", f"这份回执是“{header.center[:40]}”的，不是本中心的。",
            "请核对 U 盘；本机的记录一条没少。",
        )  # fmt: skip
    private = reply_private(device_key)
    try:
        shared = _secret(private, header.key) + _secret(private, seal_key)
        opened = _cipher(shared, key_bytes(header.salt), head).decrypt(_NONCE, body, head)
    except (InvalidTag, ValueError):
        raise StickError(
            "not_ours", "这份回执不是给这台电脑的，或者被改动过，没有收。",
            "请拿给导出的那台电脑；就是这台的，请再导出一次，交到中心。本机的记录一条没少。",
        ) from None  # fmt: skip
    return _decoded(opened)


def answer_of(reply: Reply) -> RawSyncAnswer:
    """Return the answer in it. Raises ``StickError``."""
    try:
        return decode(reply.answer, RawSyncAnswer)
    except UNREADABLE:
        raise _of_a_newer_program() from None


def _parts(data: bytes) -> tuple[ReplyHeader, bytes, bytes]:
    if not is_reply(data):
        raise StickError("foreign", "这不是中心写的回执。", "请选文件名里带“回执”的文件。")
    start = len(MAGIC) + _LENGTH.size
    size = int.from_bytes(data[len(MAGIC) : start], "big")
    if not 0 < size <= MAX_HEADER or len(data) <= start + size:
        raise _damaged()
    try:
        header = msgspec.json.decode(data[start : start + size], type=ReplyHeader)
    except UNREADABLE:
        raise _damaged() from None
    return header, data[: start + size], data[start + size :]


def _decoded(packed: bytes) -> Reply:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, MAX_ANSWER)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise _damaged()
        return msgspec.json.decode(text, type=Reply)
    except zlib.error:
        raise _damaged() from None
    except UNREADABLE:
        raise _of_a_newer_program() from None


def _secret(private: bytes, public: str) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    theirs = X25519PublicKey.from_public_bytes(key_bytes(public))
    return X25519PrivateKey.from_private_bytes(private).exchange(theirs)


def _cipher(shared: bytes, salt: bytes, head: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"jiban stick reply 1\0" + hashlib.sha256(head).digest()
    return AESGCM(HKDF(SHA256(), 32, salt, info).derive(shared))


def _damaged() -> StickError:
    return StickError(
        "damaged", "这份回执不完整，没有收。", "请中心再导入一次，会重新写。本机的记录一条没少。"
    )


def _of_a_newer_program() -> StickError:
    return StickError(
        "newer", "这份回执本机读不懂，没有收。", "请先升级即办台。本机的记录一条没少。"
    )
