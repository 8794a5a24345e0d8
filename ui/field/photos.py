"""Photos of a step: checked, taken into the store at once, kept in the draft until the step is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from desktop_app.domain.refusals import Refusal
from local_store.store import Store

MOST_PIXELS = 60_000_000
MOST_BYTES = 10 * 1024 * 1024
_THUMB = 480
_FORMATS = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"RIFF", "webp"), (b"BM", "bmp"),
    (b"GIF8", "gif"),
)  # fmt: skip
"""How the pictures begin that cameras, phones and screens make. A photo of others may be anything: drawings
(SVG) that repeat themselves without end, and formats whose readers nobody needs, are not opened.
"""


@dataclass(frozen=True, slots=True)
class DraftPhoto:
    """A photo that is in the store and waits to be recorded."""

    sha256: str
    name: str
    caption: str = ""


def take(store: Store, data: bytes, name: str) -> DraftPhoto:
    """Check a picture and put it into the store. Raises ``Refusal`` in words for the person, or ``StoreError``."""
    check(data, name)
    stored = store.add_file(data, name)
    return DraftPhoto(stored.sha256, name)


def read(path: Path) -> bytes:
    """The bytes of a chosen file. Raises ``Refusal``."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _too_big(path.name, path.stat().st_size)
        return path.read_bytes()
    except OSError:
        raise Refusal("photo", f"“{path.name}”读不出来。", "请看 U 盘或手机是否还插着。") from None


def check(data: bytes, name: str) -> None:
    """Raise ``Refusal`` unless ``data`` is a picture that can be shown and sent."""
    if not data:
        raise Refusal("photo", f"“{name}”是空文件，没有加上。", "请重新拍一张。")
    if len(data) > MOST_BYTES:
        raise _too_big(name, len(data))
    reader, _keep = _reader(data)
    size = reader.size()
    if not reader.canRead() or not size.isValid():
        raise Refusal("photo", f"“{name}”不是能看的照片，没有加上。", "请选 JPG 或 PNG 照片。")
    if size.width() * size.height() > MOST_PIXELS:
        raise Refusal(
            "photo",
            f"“{name}”太大（{size.width()}×{size.height()}），没有加上。",
            "请用手机缩小后再选。",
        )
    if thumb(data).isNull():
        raise Refusal("photo", f"“{name}”坏了，打不开，没有加上。", "请重新拍一张。")


def _too_big(name: str, size: int) -> Refusal:
    megabytes = size / 1024 / 1024
    return Refusal(
        "photo", f"“{name}”有 {megabytes:.0f} MB，超过 10 MB，没有加上。", "请用手机缩小后再选。"
    )


def thumb(data: bytes, most: int = _THUMB) -> QImage:
    """A copy for the strip, at most ``most`` pixels each way, upright; null if it cannot be read, or
    is larger than any seat would have taken.
    """
    reader, _keep = _reader(data)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() * size.height() > MOST_PIXELS:
        return QImage()
    if size.isValid() and max(size.width(), size.height()) > most:
        reader.setScaledSize(size.scaled(QSize(most, most), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def _reader(data: bytes) -> tuple[QImageReader, QBuffer]:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    known = (name for begins, name in _FORMATS if data.startswith(begins))
    # A format there is none of: no reader, rather than whichever feels responsible.
    reader = QImageReader(buffer, QByteArray(next(known, "none").encode()))
    reader.setAutoDetectImageFormat(False)
    return reader, buffer


def from_mime(mime: QMimeData) -> list[tuple[str, bytes | Path]]:
    """(name, content) of the pictures in a clipboard or a drop: files first, else the picture itself."""
    files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if files:
        return [(path.name, path) for path in files]
    if not mime.hasImage():
        return []
    image = mime.imageData()
    if not isinstance(image, QImage):
        return []
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG", 90)  # type: ignore[call-overload]
    return [("粘贴的照片.jpg", bytes(buffer.data().data()))]


def to_plain(photos: Iterable[DraftPhoto]) -> list[dict[str, str]]:
    """For the draft."""
    return [{"sha256": p.sha256, "name": p.name, "caption": p.caption} for p in photos]


def from_plain(values: object) -> tuple[DraftPhoto, ...]:
    """From the draft; what cannot be read is left out."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(
        _photo(each)
        for each in values
        if isinstance(each, dict) and isinstance(each.get("sha256"), str)
    )


def _photo(values: dict[str, Any]) -> DraftPhoto:
    return DraftPhoto(values["sha256"], str(values.get("name", "")), str(values.get("caption", "")))


def with_caption(
    photos: tuple[DraftPhoto, ...], sha256: str, caption: str
) -> tuple[DraftPhoto, ...]:
    """The same photos, one with another caption."""
    return tuple(replace(p, caption=caption) if p.sha256 == sha256 else p for p in photos)
