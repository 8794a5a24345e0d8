"""Files that other seats recorded: which of them are missing here, and taking one in.

A downloaded file is told from an own one by being complete at the platform without ever having been
wanted there by an act of this seat. Only such files are ever dropped again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from desktop_app.domain.ids import OrderId
from local_store import files, packs
from local_store.tx import Tx
from sync.protocol import codec

_NAMES_SOME = b'"files":["'


class _Entry(msgspec.Struct, frozen=True, gc=False):
    files: tuple[str, ...] = ()


class _Named(msgspec.Struct, frozen=True, gc=False):
    id: str = ""
    history: tuple[_Entry, ...] = ()


_decoder = msgspec.json.Decoder(_Named)


def names_files(data: bytes | msgspec.Raw) -> bool:
    """Whether the bytes of an order, or of several, name files. Nothing is decoded: most name none."""
    return _NAMES_SOME in bytes(data)


def open_orders(tx: Tx) -> list[OrderId]:
    """Return the ids of all orders that are not closed, the newest first."""
    return tx.column("SELECT order_id FROM orders WHERE open = 1 ORDER BY dispatched_at DESC")


def missing(
    tx: Tx, order_ids: Iterable[OrderId], *, open_only: bool
) -> dict[str, frozenset[OrderId]]:
    """Return the SHA-256 of each file that these orders name and that is not here, and who names it."""
    rows = tx.all(
        f"SELECT o.order_id, {packs.BASE} FROM json_each(?) j"  # noqa: S608 - own text
        f" JOIN orders o ON o.order_id = j.value{packs.JOIN} WHERE o.open >= ?",
        (codec.encode(list(order_ids)).decode(), 1 if open_only else 0),
    )
    naming: dict[str, set[OrderId]] = defaultdict(set)
    for order_id, base in rows:
        for sha256 in _named(base):
            naming[sha256].add(order_id)
    here = _here(tx, naming)
    return {sha: frozenset(ids) for sha, ids in naming.items() if sha not in here}


def _named(base: bytes) -> Iterator[str]:
    if names_files(base):
        yield from _files(_decoder.decode(base))


def _files(order: _Named) -> Iterator[str]:
    for entry in order.history:
        yield from entry.files


def _here(tx: Tx, sha256s: Iterable[str]) -> frozenset[str]:
    wanted = codec.encode(list(sha256s)).decode()
    return frozenset(
        tx.column(
            "SELECT sha256 FROM files WHERE sha256 IN (SELECT value FROM json_each(?))", (wanted,)
        )
    )


def total(tx: Tx) -> int:
    """Return how many bytes of downloaded files are kept."""
    return int(
        tx.one("SELECT coalesce(sum(size), 0) FROM files WHERE wanted = 0 AND sent >= size")[0]
    )


def take(tx: Tx, data: bytes, sha256: str, room: int) -> None:
    """Keep a file that came from the platform; the oldest downloaded ones make ``room`` (bytes) for it.

    Raises ``ValueError`` when the content is not the file of that name; nothing is written then.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("the content is not the file of that name")
    if files.status(tx, sha256) is not None:
        return
    _make_room(tx, room - len(data))
    files.add(tx, data, "")
    tx.execute("UPDATE files SET sent = size WHERE sha256 = ?", (sha256,))


def _make_room(tx: Tx, left: int) -> None:
    kept = total(tx)
    for file_id, size in tx.all(
        "SELECT id, size FROM files WHERE wanted = 0 AND sent >= size ORDER BY id"
    ):
        if kept <= left:
            return
        tx.execute("DELETE FROM file_chunks WHERE file_id = ?", (file_id,))
        tx.execute("DELETE FROM files WHERE id = ?", (file_id,))
        tx.wrote(size // 4096)
        kept -= size
