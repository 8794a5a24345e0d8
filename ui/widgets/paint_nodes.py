"""Circles of 一三五七: in a row (dots) and, with names and times, as the track of the detail pane."""

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPen

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, RADIUS
from ui.widgets.kinds import NodeState
from ui.widgets.paint_base import CENTER, paint_box, paint_text
from ui.widgets.values import NodeFace, TrackNode

_DOT_GAP = 8
# State -> fill, border, border width, text.
_LOOK: dict[NodeState, tuple[Role, Role, int, Role]] = {
    NodeState.MET: (Role.OK, Role.OK, 2, Role.SURFACE),
    NodeState.LATE: (Role.SURFACE, Role.OVER, 2, Role.OVER),
    NodeState.CUR: (Role.SURFACE, Role.PRIMARY, 3, Role.PRIMTEXT),
    NodeState.DUE: (Role.OVER, Role.OVER, 2, Role.ONOVER),
    NodeState.FUT: (Role.SURFACE, Role.EDGE, 2, Role.TEXT3),
}


def dots_width(theme: Theme, count: int) -> int:
    """Width of `count` circles and the lines between them."""
    return count * theme.px(HEIGHT.dot) + max(0, count - 1) * theme.px(_DOT_GAP)


def paint_dots(painter: QPainter, rect: QRect, theme: Theme, nodes: tuple[NodeFace, ...]) -> None:
    """The circles of a row, from the left, vertically centred."""
    side, gap = theme.px(HEIGHT.dot), theme.px(_DOT_GAP)
    left, top = rect.left(), rect.top() + (rect.height() - side) // 2
    for index, node in enumerate(nodes):
        if index:
            painter.fillRect(QRect(left - gap, top + side // 2 - 1, gap, 2), theme.color(Role.EDGE))
        paint_node(painter, QRect(left, top, side, side), theme, node.label, node.state)
        left += side + gap


def paint_node(painter: QPainter, box: QRect, theme: Theme, label: str, state: NodeState) -> None:
    """One circle; DUE is a square with `!`, LATE has its label struck."""
    fill, edge, width, text = _LOOK[state]
    radius = theme.px(RADIUS.badge) if state is NodeState.DUE else box.width() / 2
    pen = QPen(theme.color(edge), theme.px(width))
    paint_box(painter, QRectF(box), radius, theme.color(fill), pen)
    paint_text(
        painter, box, theme, "!" if state is NodeState.DUE else label, text, FontToken.NUM, CENTER
    )
    if state is NodeState.LATE:
        _strike(painter, box, theme)


def _strike(painter: QPainter, box: QRect, theme: Theme) -> None:
    reach = theme.px(7)
    middle = box.center()
    painter.fillRect(
        QRect(middle.x() - reach + 1, middle.y(), 2 * reach, theme.px(1.5)), theme.color(Role.OVER)
    )


def track_height(theme: Theme) -> int:
    """Height of circles, names and times."""
    return theme.px(HEIGHT.node) + 2 * theme.px(24)


def paint_track(painter: QPainter, rect: QRect, theme: Theme, nodes: tuple[TrackNode, ...]) -> None:
    """The track: equal columns, a line from the middle of each circle to the one before it."""
    if not nodes:
        return
    column = rect.width() / len(nodes)
    side = theme.px(HEIGHT.node)
    for index in range(1, len(nodes)):
        _paint_link(
            painter,
            rect,
            theme,
            (index - 0.5) * column,
            column,
            done=nodes[index - 1].state in _PASSED,
        )
    for index, node in enumerate(nodes):
        cell = QRect(round(rect.left() + index * column), rect.top(), round(column), rect.height())
        circle = QRect(cell.left() + (cell.width() - side) // 2, rect.top(), side, side)
        paint_node(painter, circle, theme, node.label, node.state)
        _paint_words(painter, cell, theme, node)


_PASSED = (NodeState.MET, NodeState.LATE)


def _paint_link(
    painter: QPainter, rect: QRect, theme: Theme, left: float, width: float, *, done: bool
) -> None:
    top = rect.top() + (theme.px(HEIGHT.node) - theme.px(3)) // 2
    color = theme.color(Role.OKBAR if done else Role.LINE)
    painter.fillRect(QRect(round(rect.left() + left), top, round(width), theme.px(3)), color)


def _paint_words(painter: QPainter, cell: QRect, theme: Theme, node: TrackNode) -> None:
    line = theme.px(23)
    first = QRect(cell.left(), cell.top() + theme.px(HEIGHT.node) + theme.px(2), cell.width(), line)
    paint_text(painter, first, theme, node.title, Role.TEXT, FontToken.STRONG, CENTER)
    token = FontToken.STRONG if node.strong else FontToken.BODY
    role = Role.OVER if node.state is NodeState.DUE else (Role.TEXT if node.strong else Role.TEXT2)
    paint_text(painter, first.translated(0, line), theme, node.when, role, token, CENTER)
