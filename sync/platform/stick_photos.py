"""The photos of a stick, put to where uploads go."""

from __future__ import annotations

from dataclasses import dataclass

from sync.platform.platform import Caller
from sync.platform.problems import PlatformProblem
from sync.platform.uploads import Upload, Uploads
from sync.protocol.stick import Piece

_AT_ONCE = 4 * 1024 * 1024
"""So much of a photo is written, and made durable, in one go."""


@dataclass(slots=True)
class PhotoCounts:
    """What became of the photos."""

    new: int = 0
    known: int = 0
    spoilt: int = 0


class Photos:
    """Puts photos to where uploads go, a few megabytes at a time; one that is spoilt stops no other."""

    def __init__(self, uploads: Uploads, caller: Caller) -> None:
        self._uploads = uploads
        self._caller = caller
        self.counts = PhotoCounts()
        self._upload: Upload | None = None  # the one that is being filled
        self._waiting = bytearray()

    def add(self, piece: Piece) -> None:
        """Append a piece. What is there already is passed over."""
        if piece.offset == 0:
            self._begin(piece)
        upload = self._upload
        if upload is None or upload.sha256 != piece.sha256:
            return
        skip = upload.offset + len(self._waiting) - piece.offset
        if 0 <= skip < len(piece.data):
            self._waiting += piece.data[skip:]
        whole = piece.offset + len(piece.data) == piece.size
        if self._waiting and (whole or len(self._waiting) >= _AT_ONCE):
            self._write(upload)

    def _begin(self, piece: Piece) -> None:
        self._upload = None
        self._waiting.clear()
        try:
            found = self._uploads.create(self._caller, piece.sha256, piece.size)
        except PlatformProblem:
            self.counts.spoilt += 1
            return
        if found.complete:
            self.counts.known += 1
        else:
            self._upload = found

    def _write(self, upload: Upload) -> None:
        try:
            with self._uploads.appending(self._caller, upload) as part:
                part.write(self._waiting)
                self._upload = self._uploads.received(self._caller, upload, part)
        except PlatformProblem:
            self._upload = None
            self.counts.spoilt += 1
        else:
            self.counts.new += self._upload.complete
        self._waiting.clear()
