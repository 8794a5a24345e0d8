"""Photos of the store for the screens: small ones read once and kept, one at a time large."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from desktop_app.domain.ids import OrderId
from local_store.store import Store
from ui.field.photos import thumb
from ui.theme.theme import Theme
from ui.widgets.kinds import SyncMark
from ui.widgets.photo_view import PhotoView
from ui.widgets.values import Photo

_KEPT = 60
NOT_HERE = "照片还没到本机"


class Thumbs:
    """One per page."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._looking_at = OrderId("")
        self._asked: frozenset[str] = frozenset()

    def image(self, sha256: str) -> QImage:
        """A small picture; null when this seat does not have the file (yet)."""
        found = self._images.get(sha256)
        if found is not None:
            return found
        try:
            found = thumb(self._store.file_bytes(sha256))
        except KeyError:
            return QImage()  # not kept: the file may come
        self._images[sha256] = found
        if len(self._images) > _KEPT:
            self._images.popitem(last=False)
        return found

    def photo(self, sha256: str, caption: str) -> Photo:
        """A thumbnail with its upload mark, or an empty frame that says why it is empty."""
        stored = self._store.file_status(sha256)
        if stored is None:
            return Photo(sha256, QImage(), caption, missing=NOT_HERE)
        mark = SyncMark.SYNCED if stored.uploaded else SyncMark.PENDING
        return Photo(sha256, self.image(sha256), caption, mark)

    def wants(self, order_id: OrderId) -> bool:
        """Whether this order, now on the screen, names photos that are not here and were not asked for
        since it is there.
        """
        if order_id != self._looking_at:
            self._looking_at, self._asked = order_id, frozenset()
        missing = frozenset(self._store.missing_files([order_id]))
        new, self._asked = missing - self._asked, self._asked | missing
        return bool(new)

    def show_large(self, over: QWidget, theme: Theme, photo: Photo) -> None:
        """Lay the photo over the window ``over`` is in; nothing happens while it is not here."""
        window = over.window()
        room = max(window.width(), window.height()) * window.devicePixelRatioF()
        try:
            image = thumb(self._store.file_bytes(photo.key), int(room))
        except KeyError:
            return
        if not image.isNull():
            PhotoView(theme, image, photo.caption, window)
