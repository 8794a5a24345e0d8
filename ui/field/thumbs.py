"""Thumbnails of stored photos, read once and kept; a missing file is an empty frame, not an error."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QImage

from local_store.store import Store
from ui.field.photos import thumb
from ui.widgets.kinds import SyncMark
from ui.widgets.values import Photo

_KEPT = 60


class Thumbs:
    """One per page."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._images: OrderedDict[str, QImage] = OrderedDict()

    def image(self, sha256: str) -> QImage:
        """A small picture; null when this seat does not have the file."""
        found = self._images.get(sha256)
        if found is None:
            found = self._images[sha256] = self._load(sha256)
            if len(self._images) > _KEPT:
                self._images.popitem(last=False)
        return found

    def _load(self, sha256: str) -> QImage:
        try:
            return thumb(self._store.file_bytes(sha256))
        except KeyError:
            return QImage()

    def photo(self, sha256: str, caption: str) -> Photo:
        """A thumbnail with its upload mark."""
        return Photo(sha256, self.image(sha256), caption, self.mark(sha256))

    def mark(self, sha256: str) -> SyncMark | None:
        """待上传 until the platform holds all of it; nothing for files of other seats."""
        stored = self._store.file_status(sha256)
        if stored is None:
            return None
        return SyncMark.SYNCED if stored.uploaded else SyncMark.PENDING
