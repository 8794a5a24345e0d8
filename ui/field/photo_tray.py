"""The photos of the form: thumbnails, F2, drop and clipboard, a caption for the chosen one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from desktop_app.domain.refusals import Refusal
from local_store.errors import StoreError
from local_store.store import Store
from ui.field import photos
from ui.field.photos import DraftPhoto
from ui.field.thumbs import Thumbs
from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.widgets.buttons import PlainButton
from ui.widgets.ime import ImeLineEdit
from ui.widgets.labels import Label
from ui.widgets.panel import Panel
from ui.widgets.photo_strip import PhotoStrip
from ui.widgets.values import Photo


class PhotoTray(Panel):
    """Photos that wait to be recorded. What could not be taken in is told, the others are in."""

    changed = Signal()
    failed = Signal(str, str)
    """(title, advice)"""

    def __init__(
        self, store: Store, thumbs: Thumbs, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "照片", "和这一步一起记；先存在本机", "camera", parent=parent)
        self._store, self._thumbs = store, thumbs
        self._photos: tuple[DraftPhoto, ...] = ()
        self._chosen = ""
        self._strip = PhotoStrip(theme, add_text="拍照、选照片")
        self._strip.setObjectName("photoStrip")
        for button in self._strip.findChildren(QWidget):
            button.setObjectName("photoButton")
        self._caption = ImeLineEdit()
        self._caption.setObjectName("photoCaption")
        self._caption.setPlaceholderText("这张照片拍的是什么")
        self._caption.setMaxLength(60)
        self._drop = PlainButton(theme, "去掉", icon="x")
        self._drop.setObjectName("photoRemove")
        self._paste = PlainButton(theme, "粘贴照片", icon="copy", shortcut="Ctrl+V", bind_key=False)
        self._paste.setObjectName("photoPaste")
        self._word = Label(theme, "照片说明", Role.TEXT3)
        self._arrange()
        self._connect()
        self.setAcceptDrops(True)
        self._show()

    def _arrange(self) -> None:
        self.add_at_right(self._paste)
        self._row = QHBoxLayout()
        self._row.addWidget(self._word)
        self._row.addWidget(self._caption, 1)
        self._row.addWidget(self._drop)
        self.body.addWidget(self._strip)
        self.body.addLayout(self._row)

    def _connect(self) -> None:
        self._strip.add_requested.connect(self.choose)
        self._strip.photo_opened.connect(self._on_opened)
        self._caption.committed.connect(self._on_caption)
        self._drop.clicked.connect(self._on_drop)
        self._paste.clicked.connect(self.paste)

    def photos(self) -> tuple[DraftPhoto, ...]:
        """Those that wait to be recorded."""
        return self._photos

    def set_photos(self, waiting: tuple[DraftPhoto, ...]) -> None:
        """Show these. Emits nothing."""
        self._photos, self._chosen = waiting, ""
        self._show()

    def composing(self) -> bool:
        """Whether an input method is composing in the caption."""
        return self._caption.composing()

    def add(self, items: Iterable[tuple[str, bytes | Path]]) -> None:
        """Take in every picture that can be; tell about the first that cannot."""
        added, refused = 0, ("", "")
        for name, content in items:
            try:
                data = photos.read(content) if isinstance(content, Path) else content
                photo = photos.take(self._store, data, name)
            except Refusal as refusal:
                refused = refused if refused[0] else (refusal.reason, refusal.advice)
                continue
            except StoreError as error:
                refused = (error.title, error.advice)
                break
            if all(photo.sha256 != p.sha256 for p in self._photos):
                self._photos = (*self._photos, photo)
                self._chosen = photo.sha256
            added += 1
        self._show()
        if added:
            self.changed.emit()
        if refused[0]:
            more = f"其余 {added} 张已加上。" if added else ""
            self.failed.emit(refused[0], f"{refused[1]}{more}")

    @Slot()
    def choose(self) -> None:
        """Ask for files."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        names, _kind = QFileDialog.getOpenFileNames(
            self, "选照片", folder, "照片 (*.jpg *.jpeg *.png *.webp *.bmp);;全部文件 (*)"
        )
        self.add((Path(name).name, Path(name)) for name in names)

    @Slot()
    def paste(self) -> None:
        """Take what is in the clipboard."""
        found = photos.from_mime(QGuiApplication.clipboard().mimeData())
        if found:
            self.add(found)
        else:
            self.failed.emit("剪贴板里没有照片。", "先在微信或相册里复制照片，再粘贴。")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.add(photos.from_mime(event.mimeData()))
        event.acceptProposedAction()

    @Slot(str)
    def _on_opened(self, sha256: str) -> None:
        self._chosen = sha256
        self._show()
        self._caption.setFocus()

    @Slot(str)
    def _on_caption(self, text: str) -> None:
        self._photos = photos.with_caption(self._photos, self._chosen, text)
        self._show_strip()
        self.changed.emit()

    @Slot()
    def _on_drop(self) -> None:
        self._photos = tuple(p for p in self._photos if p.sha256 != self._chosen)
        self._chosen = self._photos[-1].sha256 if self._photos else ""
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self._show_strip()
        chosen = next((p for p in self._photos if p.sha256 == self._chosen), None)
        for part in (self._word, self._caption, self._drop):
            part.setVisible(chosen is not None)
        if chosen is not None and chosen.caption != self._caption.text():
            self._caption.set_quietly(chosen.caption)

    def _show_strip(self) -> None:
        self._strip.set_photos(tuple(self._photo(n, p) for n, p in enumerate(self._photos, 1)))

    def _photo(self, number: int, photo: DraftPhoto) -> Photo:
        caption = photo.caption or f"照片 {number}"
        return Photo(photo.sha256, self._thumbs.image(photo.sha256), caption)
