"""API outline; implementation follows."""

# ruff: noqa
# mypy: ignore-errors
from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import *
from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.kinds import *
from ui.widgets.values import *


class Tag(QWidget):
    def __init__(self, theme: Theme, face: TagFace, parent: QWidget | None = None) -> None: ...
    def set_face(self, face: TagFace) -> None: ...


class TierBadge(QWidget):
    def __init__(self, theme: Theme, face: TierFace, parent: QWidget | None = None) -> None: ...
    def set_face(self, face: TierFace) -> None: ...


class SyncBadge(QWidget):
    def __init__(self, theme: Theme, face: SyncFace, parent: QWidget | None = None) -> None: ...
    def set_face(self, face: SyncFace) -> None: ...


class CountdownView(QWidget):
    """Countdown cell as a widget (heads of panels)."""

    def __init__(self, theme: Theme, face: CountdownFace, parent: QWidget | None = None) -> None: ...
    def set_face(self, face: CountdownFace) -> None: ...


class NodeDots(QWidget):
    def __init__(self, theme: Theme, nodes: tuple[NodeFace, ...] = (), parent: QWidget | None = None) -> None: ...
    def set_nodes(self, nodes: tuple[NodeFace, ...]) -> None: ...


class KeyCap(QWidget):
    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None: ...
