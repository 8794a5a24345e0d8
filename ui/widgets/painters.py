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

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter


def paint_countdown(
    painter: QPainter, rect: QRect, theme: Theme, face: CountdownFace, *, selected: bool = False
) -> None:
    """Icon + text over a 6 px bar, vertically centred in `rect`."""


def paint_clock_line(
    painter: QPainter,
    rect: QRect,
    theme: Theme,
    face: CountdownFace,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignRight,
) -> None:
    """Icon + text only, for two-line rows."""


def paint_dots(painter: QPainter, rect: QRect, theme: Theme, nodes: tuple[NodeFace, ...]) -> None: ...
def dots_width(theme: Theme, count: int) -> int: ...
def paint_tier(painter: QPainter, rect: QRect, theme: Theme, face: TierFace) -> None:
    """At the left of `rect`, vertically centred."""


def tier_width(theme: Theme, face: TierFace) -> int: ...
def paint_sync(painter: QPainter, rect: QRect, theme: Theme, face: SyncFace, align=...) -> None: ...
def sync_width(theme: Theme, face: SyncFace) -> int: ...
def paint_tag(painter: QPainter, rect: QRect, theme: Theme, face: TagFace) -> None: ...
def tag_width(theme: Theme, face: TagFace) -> int: ...
def paint_count(painter: QPainter, rect: QRect, theme: Theme, count: int) -> None: ...
def paint_key(painter: QPainter, rect: QRect, theme: Theme, text: str) -> None: ...
def key_width(theme: Theme, text: str) -> int: ...
def paint_text(
    painter: QPainter,
    rect: QRect,
    theme: Theme,
    text: str,
    role: Role,
    token: FontToken = FontToken.BODY,
    align=...,
    *,
    elide: bool = False,
) -> int:
    """One line; returns the width used."""


def paint_row_ground(painter: QPainter, rect: QRect, theme: Theme, *, selected: bool) -> None:
    """Row background, bottom line and the 4 px left edge of a selected row."""
