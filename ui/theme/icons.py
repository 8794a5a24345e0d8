"""Tabler outline icons, drawn from SVG in the asked colour and size."""

import zlib
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt, QTemporaryDir
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources


class IconStore:
    """Finds `<name>.svg`, replaces `currentColor` and caches the pixmap per (name, colour, size, ratio)."""

    def __init__(self, folder: Path | None = None, cache: Path | None = None) -> None:
        self._folder = folder or resources.path("icons")
        self._cache = cache
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._files: QTemporaryDir | None = None

    def has(self, name: str) -> bool:
        """Whether an icon of that name is shipped."""
        return bool(self._source(name))

    def pixmap(self, name: str, color: str, size: int, dpr: float = 1.0) -> QPixmap:
        """The icon as a square of `size` logical px; an unknown name gives an empty square."""
        key = (name, color, size, dpr)
        found = self._pixmaps.get(key)
        if found is None:
            found = self._pixmaps[key] = self._draw(name, color, size, dpr)
        return found

    def icon(self, name: str, color: str, size: int) -> QIcon:
        """The icon with pixmaps for ratio 1 and 2."""
        made = QIcon()
        for dpr in (1.0, 2.0):
            made.addPixmap(self.pixmap(name, color, size, dpr))
        return made

    def file(self, name: str, color: str) -> str:
        """Path of a coloured copy: a style sheet can only name files.

        Copies are kept in the cache folder and used again by the next start. Without one, or where it
        cannot be written, they lie in a temporary folder that goes with this object.
        """
        text = self._source(name).replace("currentColor", color)
        # The sum makes a new version's drawing a new file.
        called = f"{name}-{color.removeprefix('#')}-{zlib.crc32(text.encode()):08x}.svg"
        if self._cache is not None:
            try:
                return _kept(self._cache, called, text)
            except OSError:
                self._cache = None
        if self._files is None:
            self._files = QTemporaryDir()
        return _kept(Path(self._files.path()), called, text)

    def _source(self, name: str) -> str:
        if name not in self._sources:
            file = self._folder / f"{name}.svg"
            self._sources[name] = (
                file.read_text(encoding="utf-8") if name and file.is_file() else ""
            )
        return self._sources[name]

    def _draw(self, name: str, color: str, size: int, dpr: float) -> QPixmap:
        side = round(size * dpr)
        pixmap = QPixmap(side, side)
        pixmap.fill(QColor(Qt.GlobalColor.transparent))
        source = self._source(name)
        if source:
            renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, side, side))
            painter.end()
        pixmap.setDevicePixelRatio(dpr)
        return pixmap


def _kept(folder: Path, called: str, text: str) -> str:
    """Write the file unless it is there whole; a program killed meanwhile leaves no half a picture."""
    target = folder / called
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)
    return target.as_posix()
