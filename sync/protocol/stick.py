r"""The file on a USB stick: what one person recorded at one seat, sealed for the center alone.

``JIBANSTICK1\n``, a header in the clear, then frames. The header says for which platform it is and
nothing else: who lost a stick has lost no name and no telephone number.

* Sealing: an ephemeral X25519 key and the platform's public one agree on a secret; HKDF-SHA256 over
  it, bound to the whole header, gives the file's AES-256-GCM key. Frame *n* is sealed under nonce
  *n*, whose last byte marks the last frame: none can be dropped, moved, added or cut off (the
  STREAM construction). No nonce is used twice, since no key is.
* Signing: the last frame is an Ed25519 signature of the device over the hash of all that precedes
  it, header included. The platform knows the device's key from a session of that very person.

Reading never trusts a length, a count or a name before the seal around it has been checked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol, TypeVar

import msgspec

from desktop_app.domain.acts import Act
from sync.protocol.codec import encode

T = TypeVar("T")

MEDIA_TYPE = "application/vnd.jiban.stick"
MAGIC = b"JIBANSTICK1\n"
MAX_HEADER = 4 * 1024
MAX_PIECE = 256 * 1024
"""How much of a photo one frame holds."""
MAX_FRAME = 1024 * 1024
MOST_BYTES = 3 * 1024**3
"""A stick is often FAT32, whose files end at 4 GB."""
ACTS_PER_FRAME = 50
_LENGTH = struct.Struct(">I")
_PIECE = struct.Struct(">32sQQ")
_TAG = 16
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


class Part(StrEnum):
    """What a frame holds; its first byte."""

    MANIFEST = "M"
    ACTS = "A"
    PIECE = "P"
    END = "E"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """In the clear. ``key``: the file's ephemeral public key; ``salt`` makes the file's key."""

    server_id: str
    center: str
    file_id: str
    key: str
    salt: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the sealed part says of itself first. ``server_id`` once more, where nobody can change it.

    ``epoch``, ``cursor`` and ``ack``: where the seat stands, as in ``messages.SyncRequest``.
    """

    server_id: str
    person_id: str
    device_id: str
    device_key: str
    made_at: datetime
    reply_key: str = ""  # for whom an answer is sealed; "" of a program that takes none
    epoch: str = ""
    cursor: str = ""
    ack: int = 0


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The last frame."""

    acts: int
    photos: int
    signature: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a photo, from ``offset`` of ``size``."""

    sha256: str
    offset: int
    size: int
    data: bytes


class StickError(Exception):
    """The file cannot be used. ``title`` says what is wrong, ``advice`` what to do; both Chinese."""

    def __init__(self, code: str, title: str, advice: str) -> None:
        super().__init__(title)
        self.code = code
        self.title = title
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.title}{self.advice}"


def _damaged() -> StickError:
    return StickError(
        "damaged", "这个文件不完整，或被改动过，什么都没有收。", "请回原来的坐席重新导出一次。"
    )


# --- keys -----------------------------------------------------------------------------------------


def new_platform_key() -> bytes:
    """Return the private half of a platform's key (X25519, 32 bytes)."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate().private_bytes_raw()


def platform_public(private: bytes) -> str:
    """Return the half that every seat may know."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return key_text(X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def new_device_key() -> bytes:
    """Return the private half of a device's key (Ed25519, 32 bytes)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def device_public(private: bytes) -> str:
    """Return the half that the platform is told at sign-in."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return key_text(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def is_key(text: str) -> bool:
    """Whether ``text`` is a public key as it travels."""
    try:
        return len(key_bytes(text)) == 32
    except ValueError:
        return False


def key_text(raw: bytes) -> str:
    """Return a key as it travels."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def key_bytes(text: str) -> bytes:
    """Return a key that came as text. Raises ``ValueError``."""
    padded = text.encode("ascii", "strict") + b"=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


class _Sealing:
    """The cipher and the running hash of one file; used from the first frame to the last."""

    def __init__(self, shared: bytes, header: bytes, salt: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = b"jiban stick 1\0" + hashlib.sha256(header).digest()
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt, info).derive(shared))
        self._hash = hashlib.sha256(
            b"jiban stick 1 signature\0" + _LENGTH.pack(len(header)) + header
        )
        self._n = 0

    def seal(self, content: bytes, *, last: bool = False) -> bytes:
        sealed = self._cipher.encrypt(self._nonce(last), content, None)
        frame = _LENGTH.pack(len(sealed)) + sealed
        self._hash.update(frame)
        return frame

    def unseal(self, sealed: bytes) -> tuple[bytes, bool]:
        """Return the content and whether it is the last frame. Raises ``StickError``."""
        from cryptography.exceptions import InvalidTag

        for last in (False, True):
            try:
                content = self._cipher.decrypt(self._nonce(last, ahead=False), sealed, None)
            except InvalidTag:
                continue
            self._n += 1
            self._hash.update(_LENGTH.pack(len(sealed)) + sealed)
            return content, last
        raise _damaged()

    def _nonce(self, last: bool, *, ahead: bool = True) -> bytes:
        nonce = self._n.to_bytes(11, "big") + bytes([last])
        self._n += ahead
        return nonce

    def digest(self) -> bytes:
        """Return the hash of everything so far."""
        return self._hash.copy().digest()


# --- writing --------------------------------------------------------------------------------------


class Sink(Protocol):
    """Where a file is written to."""

    def write(self, data: bytes, /) -> int: ...


class StickWriter:
    """Writes one file: manifest, acts, photos, signature. ``written`` counts the bytes."""

    def __init__(
        self, out: Sink, header: tuple[str, str, str], manifest: Manifest, device_key: bytes
    ) -> None:
        """``header``: server id, name of the center, the platform's public key."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import (
            X25519PrivateKey,
            X25519PublicKey,
        )

        server_id, center, public = header
        own, salt = X25519PrivateKey.generate(), secrets.token_bytes(16)
        said = encode(
            Header(
                server_id=server_id,
                center=center,
                file_id=secrets.token_hex(16),
                key=key_text(own.public_key().public_bytes_raw()),
                salt=key_text(salt),
            )
        )
        shared = own.exchange(X25519PublicKey.from_public_bytes(key_bytes(public)))
        self._out = out
        self._device_key = device_key
        self._sealing = _Sealing(shared, said, salt)
        self.written = self.acts = self.photos = 0
        self._put(MAGIC + _LENGTH.pack(len(said)) + said)
        self._frame(Part.MANIFEST, encode(manifest))

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self.written += len(data)

    def _frame(self, part: Part, content: bytes, *, last: bool = False) -> None:
        self._put(self._sealing.seal(part.value.encode() + content, last=last))

    def add_acts(self, acts: list[Act]) -> None:
        """Append acts in the order they were made."""
        for start in range(0, len(acts), ACTS_PER_FRAME):
            some = acts[start : start + ACTS_PER_FRAME]
            for fitting in _fitting(some):
                self._frame(Part.ACTS, encode(fitting))
        self.acts += len(acts)

    def add_piece(self, piece: Piece) -> None:
        """Append a part of a photo, at most ``MAX_PIECE`` bytes; the parts of one follow each other."""
        head = _PIECE.pack(bytes.fromhex(piece.sha256), piece.offset, piece.size)
        self._frame(Part.PIECE, head + piece.data)
        self.photos += piece.offset + len(piece.data) == piece.size

    def finish(self) -> None:
        """Sign what was written."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.from_private_bytes(self._device_key)
        signature = key_text(key.sign(self._sealing.digest()))
        end = End(acts=self.acts, photos=self.photos, signature=signature)
        self._frame(Part.END, encode(end), last=True)


def _fitting(acts: list[Act]) -> Iterator[list[Act]]:
    """Yield the acts in groups that fit a frame."""
    if len(acts) > 1 and len(encode(acts)) > MAX_FRAME // 2:
        middle = len(acts) // 2
        yield from _fitting(acts[:middle])
        yield from _fitting(acts[middle:])
    else:
        yield acts


# --- reading --------------------------------------------------------------------------------------


def read_header(source: BinaryIO) -> Header:
    """Return for whom a file is. Raises ``StickError``: not one of ours, or damaged."""
    return _header(source)[0]


def _header(source: BinaryIO) -> tuple[Header, bytes]:
    if source.read(len(MAGIC)) != MAGIC:
        raise StickError("foreign", "这不是即办台导出的文件。", "请选扩展名为 .jiban 的文件。")
    size = _size(source, MAX_HEADER)
    said = _exactly(source, size)
    try:
        return msgspec.json.decode(said, type=Header), said
    except UNREADABLE:
        raise _damaged() from None


def _size(source: BinaryIO, most: int) -> int:
    (size,) = _LENGTH.unpack(_exactly(source, _LENGTH.size))
    if not 0 < size <= most:
        raise _damaged()
    return int(size)


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise _damaged()
    return data


class StickReader:
    """Reads one file from the start to the end. Nothing may be used before ``parts`` has ended."""

    def __init__(self, source: BinaryIO, server_id: str, private: bytes) -> None:
        """Read header and manifest. Raises ``StickError``: foreign, another center's, damaged."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import (
            X25519PrivateKey,
            X25519PublicKey,
        )

        self._source = source
        self.header, said = _header(source)
        if self.header.server_id != server_id:
            raise StickError(
                "wrong_center", f"这个文件是给“{self.header.center[:40]}”的，不是给本中心的。",
                "请交到那里导入。",
            )  # fmt: skip
        try:
            theirs = X25519PublicKey.from_public_bytes(key_bytes(self.header.key))
            shared = X25519PrivateKey.from_private_bytes(private).exchange(theirs)
            self._sealing = _Sealing(shared, said, key_bytes(self.header.salt))
        except ValueError:
            raise _damaged() from None
        part, content, last = self._next()
        if part is not Part.MANIFEST or last:
            raise _damaged()
        self.manifest = _decoded(content, Manifest)
        if self.manifest.server_id != server_id:
            raise _damaged()

    def _next(self) -> tuple[Part, bytes, bool]:
        size = _size(self._source, MAX_FRAME + _TAG)
        self._before = self._sealing.digest()
        content, last = self._sealing.unseal(_exactly(self._source, size))
        try:
            return Part(content[:1].decode("ascii")), content[1:], last
        except ValueError:
            raise _damaged() from None

    def parts(self) -> Iterator[list[msgspec.Raw] | Piece]:
        """Yield acts, as bytes, and pieces of photos as they come. Raises ``StickError``: damaged or
        cut short. An act that this program cannot read is the caller's business, not a damage.

        When it ends without an error the file was whole and the device signed it; whether the device
        is known is the caller's question (``manifest.device_key``).
        """
        acts = photos = 0
        while True:
            part, content, last = self._next()
            if last:
                self._check_end(part, content, acts, photos)
                return
            if part is Part.ACTS:
                some = _decoded(content, list[msgspec.Raw])
                acts += len(some)
                yield some
            elif part is Part.PIECE:
                piece = _piece(content)
                photos += piece.offset + len(piece.data) == piece.size
                yield piece
            else:
                raise _damaged()

    def _check_end(self, part: Part, content: bytes, acts: int, photos: int) -> None:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if part is not Part.END or self._source.read(1):
            raise _damaged()
        end = _decoded(content, End)
        try:
            key = Ed25519PublicKey.from_public_bytes(key_bytes(self.manifest.device_key))
            key.verify(key_bytes(end.signature), self._before)
        except (ValueError, InvalidSignature):
            raise _damaged() from None
        if (end.acts, end.photos) != (acts, photos):
            raise _damaged()


def _decoded(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except UNREADABLE:
        raise _damaged() from None


def _piece(content: bytes) -> Piece:
    if len(content) <= _PIECE.size:
        raise _damaged()
    name, offset, size = _PIECE.unpack_from(content)
    data = content[_PIECE.size :]
    if offset + len(data) > size:
        raise _damaged()
    return Piece(name.hex(), offset, size, data)
