"""The badge painters as widgets, for heads and panels (rows paint them through their delegate)."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT
from ui.widgets import painters
from ui.widgets.base import Themed
from ui.widgets.paint_badges import sync_text
from ui.widgets.text import NODE_WORDS
from ui.widgets.values import CountdownFace, NodeFace, SyncFace, TagFace, TierFace

_FIXED = QSizePolicy.Policy.Fixed


class Tag(Themed):
    """A tinted tag."""

    def __init__(self, theme: Theme, face: TagFace, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(_FIXED, _FIXED)
        self.set_face(face)

    def set_face(self, face: TagFace) -> None:
        """Change text, tone and icon."""
        self._face = face
        self.setAccessibleName(face.text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(painters.tag_width(self._theme, self._face), self._theme.px(HEIGHT.tag))

    def paintEvent(self, event: QPaintEvent) -> None:
        painters.paint_tag(QPainter(self), self.rect(), self._theme, self._face)


class TierBadge(Themed):
    """An urgency tier."""

    def __init__(self, theme: Theme, face: TierFace, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(_FIXED, _FIXED)
        self.set_face(face)

    def set_face(self, face: TierFace) -> None:
        """Change word and look."""
        self._face = face
        self.setAccessibleName(face.text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(painters.tier_width(self._theme, self._face), self._theme.px(HEIGHT.tier))

    def paintEvent(self, event: QPaintEvent) -> None:
        painters.paint_tier(QPainter(self), self.rect(), self._theme, self._face)


class SyncBadge(Themed):
    """Where an act or an order stands towards the platform."""

    def __init__(self, theme: Theme, face: SyncFace, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(_FIXED, _FIXED)
        self.set_face(face)

    def set_face(self, face: SyncFace) -> None:
        """Change mark and text."""
        self._face = face
        self.setAccessibleName(sync_text(face))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(painters.sync_width(self._theme, self._face), self._theme.px(HEIGHT.tag))

    def paintEvent(self, event: QPaintEvent) -> None:
        painters.paint_sync(QPainter(self), self.rect(), self._theme, self._face)


class CountdownView(Themed):
    """A countdown cell in the head of a page."""

    def __init__(self, theme: Theme, face: CountdownFace, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, _FIXED)
        self.set_face(face)

    def set_face(self, face: CountdownFace) -> None:
        """Change text, band and share; called every second."""
        self._face = face
        self.setAccessibleName(face.text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = max(painters.clock_width(self._theme, self._face.text), self._theme.px(132))
        return QSize(wide + 2, painters.clock_height(self._theme) + self._theme.px(2))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painters.paint_countdown(QPainter(self), self.rect(), self._theme, self._face)


class NodeDots(Themed):
    """The circles of a row, outside of a list."""

    def __init__(
        self, theme: Theme, nodes: tuple[NodeFace, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(_FIXED, _FIXED)
        self.set_nodes(nodes)

    def set_nodes(self, nodes: tuple[NodeFace, ...]) -> None:
        """Change the circles."""
        self._nodes = nodes
        self.setAccessibleName(
            "；".join(f"{node.label} {NODE_WORDS[node.state]}" for node in nodes)
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(painters.dots_width(self._theme, len(self._nodes)), self._theme.px(HEIGHT.dot))

    def paintEvent(self, event: QPaintEvent) -> None:
        painters.paint_dots(QPainter(self), self.rect(), self._theme, self._nodes)


class KeyCap(Themed):
    """A key, as printed on it."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(_FIXED, _FIXED)

    def sizeHint(self) -> QSize:
        return QSize(painters.key_width(self._theme, self._text), painters.key_height(self._theme))

    def paintEvent(self, event: QPaintEvent) -> None:
        painters.paint_key(QPainter(self), self.rect(), self._theme, self._text)
