"""The 一三五七 track of the detail pane."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.painters import paint_track, track_height
from ui.widgets.text import NODE_WORDS
from ui.widgets.values import TrackNode


class NodeTrack(Themed):
    """Circles with step name and time; the accessible name says all of it in words."""

    def __init__(
        self, theme: Theme, nodes: tuple[TrackNode, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_nodes(nodes)

    def set_nodes(self, nodes: tuple[TrackNode, ...]) -> None:
        """Change the nodes; called every second while a clock runs."""
        self._nodes = nodes
        self.setAccessibleName("；".join(node.spoken or _spoken(node) for node in nodes))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(100) * max(1, len(self._nodes)), track_height(self._theme))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(80) * max(1, len(self._nodes)), track_height(self._theme))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_track(QPainter(self), self.rect(), self._theme, self._nodes)


def _spoken(node: TrackNode) -> str:
    return f"{node.label} {node.title}：{NODE_WORDS[node.state]}，{node.when}"
