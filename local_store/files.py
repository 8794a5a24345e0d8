"""Photos and files of acts, inside the encrypted file, named by their SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path

from desktop_app.domain.refusals import Refusal
from local_store.rows import StoredFile
from local_store.tx import Tx
from sync.protocol import codec

LARGEST = 10 * 1024 * 1024
CHUNK = 256 * 1024
_FIELDS = "SELECT sha256, size, name, sent FROM files"


def read_source(source: Path | bytes) -> bytes:
    """Return the content. Raises ``Refusal`` when it cannot be taken."""
    if isinstance(source, Path):
        try:
            if source.stat().st_size > LARGEST:
                raise _too_large(source.stat().st_size)
            source = source.read_bytes()
        except OSError:
            raise Refusal("file", "这个文件读不出来。", "请换一张，或重新拍。") from None
    if not source:
        raise Refusal("file", "这个文件是空的。", "请换一张，或重新拍。")
    if len(source) > LARGEST:
        raise _too_large(len(source))
    return source


def _too_large(size: int) -> Refusal:
    megabytes = size / 1024 / 1024
    return Refusal("file_size", f"这个文件有 {megabytes:.1f} MB，最多 10 MB。", "请缩小后再添加。")


def add(tx: Tx, data: bytes, name: str) -> StoredFile:
    """Store the content once, whatever it is called."""
    sha256 = hashlib.sha256(data).hexdigest()
    known = status(tx, sha256)
    if known is not None:
        # One that had been downloaded is this seat's own from now on, and is kept like one.
        tx.execute("UPDATE files SET sent = 0 WHERE sha256 = ? AND wanted = 0", (sha256,))
        return status(tx, sha256) or known
    cursor = tx.execute(
        "INSERT INTO files (sha256, name, size) VALUES (?, ?, ?)", (sha256, name, len(data))
    )
    file_id = cursor.lastrowid
    tx.many(
        "INSERT INTO file_chunks (file_id, n, data) VALUES (?, ?, ?)",
        (
            (file_id, n, data[start : start + CHUNK])
            for n, start in enumerate(range(0, len(data), CHUNK))
        ),
    )
    tx.wrote(len(data) // 4096)
    return StoredFile(sha256, len(data), name)


def content(tx: Tx, sha256: str, offset: int, length: int | None) -> bytes:
    """Return a part of a file. Raises ``KeyError`` when it is not here."""
    row = tx.one("SELECT id, size FROM files WHERE sha256 = ?", (sha256,))
    if row is None:
        raise KeyError(sha256)
    file_id, size = row
    end = size if length is None else min(size, offset + length)
    if end <= offset:
        return b""
    parts = tx.column(
        "SELECT data FROM file_chunks WHERE file_id = ? AND n BETWEEN ? AND ? ORDER BY n",
        (file_id, offset // CHUNK, (end - 1) // CHUNK),
    )
    start = offset % CHUNK
    return b"".join(parts)[start : start + end - offset]


def status(tx: Tx, sha256: str) -> StoredFile | None:
    row = tx.one(f"{_FIELDS} WHERE sha256 = ?", (sha256,))
    return None if row is None else StoredFile(*row)


def next_file(tx: Tx, skip: frozenset[str] = frozenset()) -> StoredFile | None:
    """Return the file of a recorded act that needs least to be completely at the platform."""
    skipped = codec.encode(sorted(skip)).decode()
    row = tx.one(
        "SELECT sha256, size, name, sent FROM files WHERE sent < size AND wanted = 1"
        " AND sha256 NOT IN (SELECT value FROM json_each(?)) ORDER BY size - sent, id LIMIT 1",
        (skipped,),
    )
    return None if row is None else StoredFile(*row)


def want(tx: Tx, sha256s: tuple[str, ...]) -> None:
    """Mark files as belonging to a recorded act: only those are uploaded."""
    tx.many("UPDATE files SET wanted = 1 WHERE sha256 = ?", [(s,) for s in sha256s])


def sent(tx: Tx, sha256: str, offset: int) -> None:
    tx.execute("UPDATE files SET sent = min(size, ?) WHERE sha256 = ?", (offset, sha256))
    tx.wrote(1)
