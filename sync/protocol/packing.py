"""Packs: some orders together, compressed once by the platform and kept like that by the seat.

Orders repeat each other's field names and texts: together they take a tenth of the room, on the line
and in the encrypted file. A pack is a zlib stream of a JSON array of orders. It stays small, since
reading one order unpacks all of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import msgspec

PACK_BYTES = 32 * 1024
"""Of orders in one pack; the last of them may go beyond."""
MOST_BYTES = 8 * 1024 * 1024
"""What unpacks to more is no pack of ours."""
FROM = 100
"""Fewer orders are not worth packing: they change again soon."""
_LEVEL = 1

_array = msgspec.json.Decoder(list[msgspec.Raw])


def packed(states: Iterable[bytes | msgspec.Raw]) -> Iterator[bytes]:
    """Yield packs of these orders, in their order."""
    some: list[bytes | msgspec.Raw] = []
    size = 0
    for state in states:
        some.append(state)
        size += len(memoryview(state))
        if size >= PACK_BYTES:
            yield _pack(some)
            some, size = [], 0
    if some:
        yield _pack(some)


def _pack(states: list[bytes | msgspec.Raw]) -> bytes:
    return zlib.compress(b"".join((b"[", b",".join(states), b"]")), _LEVEL)


def content(pack: bytes) -> bytes:
    """Return the JSON array of a pack. Raises ``ValueError`` for anything else."""
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(pack, MOST_BYTES)
    except zlib.error as error:
        raise ValueError("not a pack") from error
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("not a whole pack")
    return found


def unpacked(pack: bytes) -> list[msgspec.Raw]:
    """Return the orders of a pack. Raises ``ValueError`` for anything else."""
    return split(content(pack))


def split(array: bytes) -> list[msgspec.Raw]:
    """Return the orders in the ``content`` of a pack. Raises ``ValueError`` for anything else."""
    try:
        return _array.decode(array)
    except msgspec.MsgspecError as error:
        raise ValueError("not a pack of orders") from error
