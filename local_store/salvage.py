"""Reading what can still be read of a damaged file, without changing a byte of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from local_store import acts
from local_store.engine import read_only
from local_store.leftovers import (
    OWN_FACTS,
    KeptAct,
    KeptDraft,
    KeptFile,
    Leftovers,
    readable,
)

_ACTS = f"SELECT act_id, seq, body FROM acts WHERE status IN ({acts.UNSETTLED}) ORDER BY seq"  # noqa: S608
_DRAFTS = "SELECT order_id, form, body, saved_at FROM drafts ORDER BY rowid"
_FACTS = "SELECT name, value FROM meta ORDER BY rowid"
_FILES = "SELECT sha256, id, name, size FROM files WHERE sent < size ORDER BY id"
_CHUNKS = "SELECT data FROM file_chunks WHERE file_id = ? ORDER BY n"


@contextmanager
def salvaged(path: Path, key: bytes) -> Iterator[Leftovers]:
    """Give what the file still tells; its files can be read inside the block. Never raises for damage."""
    left = Leftovers()
    try:
        connection = read_only(path, key, "mode=ro")
    except driver.Error:
        yield left
        return
    try:
        with suppress(driver.Error):
            _collect(connection, left)
        yield left
    finally:
        connection.close()


def _collect(connection: Any, left: Leftovers) -> None:
    for act_id, seq, body in _both_ways(connection, _ACTS):
        if readable(bytes(body)):
            left.acts[act_id] = KeptAct(seq, bytes(body))
    for order_id, form, body, saved_at in _both_ways(connection, _DRAFTS):
        left.drafts[order_id, form] = KeptDraft(bytes(body), saved_at)
    for name, value in _both_ways(connection, _FACTS):
        if name not in OWN_FACTS:
            left.facts[name] = value
    for sha256, file_id, name, size in _both_ways(connection, _FILES):
        read = partial(_file, connection, file_id, name)
        with suppress(driver.Error):
            if len(read().data) == size:  # a file with a hole in it is no file
                left.files[sha256] = read


def _both_ways(connection: Any, select: str) -> Iterator[tuple[Any, ...]]:
    """Read from the front up to the damage and from the back down to it."""
    for way in ("ASC", "DESC"):
        with suppress(driver.Error):
            yield from connection.execute(f"{select} {way}")


def _file(connection: Any, file_id: int, name: str) -> KeptFile:
    chunks = connection.execute(_CHUNKS, (file_id,)).fetchall()
    return KeptFile(name, b"".join(chunk for (chunk,) in chunks))
