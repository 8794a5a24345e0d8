"""Paints one act of the timeline; the height depends on how many lines its result takes."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import ICON
from ui.widgets.kinds import SyncMark, Tone
from ui.widgets.paint_badges import TONE_LOOK, paint_sync, paint_tag, sync_width, tag_width
from ui.widgets.paint_base import RIGHT, paint_box, paint_icon, paint_text
from ui.widgets.values import SyncFace, TagFace, TimelineItem

ITEM_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_TIME, _POINT, _GAP, _LINE, _PAD = 88, 28, 8, 22, 8
_POINTS = {**TONE_LOOK, Tone.LINE: TONE_LOOK[Tone.PLAIN]}
_NOT_ADOPTED = TagFace("未采用", Tone.PLAIN)


class TimelineDelegate(QStyledItemDelegate):
    """Time, round icon on a rail, act and who, the result below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        theme, item = self._theme, _item(index)
        view = self.parent()
        width = (
            view.viewport().width()
            if isinstance(view, QAbstractScrollArea)
            else option.rect.width()
        )
        room = width - theme.px(_TIME + _POINT + 2 * _GAP + 4)
        lines = sum(_line_count(theme, text, room) for text in _notes(item))
        high = theme.px(4 + _LINE) + lines * theme.px(_LINE) + theme.px(_PAD)
        return QSize(width, max(high, theme.px(_POINT + 10)))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme, item, rect = self._theme, _item(index), option.rect
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(rect, theme.color(Role.SELECT))
        last = index.row() == index.model().rowCount() - 1
        painter.save()
        _paint_time(painter, rect, theme, item)
        _paint_point(painter, rect, theme, item, last=last)
        _paint_words(painter, rect, theme, item)
        painter.restore()


def _item(index: QModelIndex | QPersistentModelIndex) -> TimelineItem:
    found: TimelineItem = index.data(ITEM_ROLE)
    return found


def _notes(item: TimelineItem) -> list[str]:
    return [item.text] if item.text else []


def _paint_time(painter: QPainter, rect: QRect, theme: Theme, item: TimelineItem) -> None:
    box = QRect(rect.left(), rect.top() + theme.px(3), theme.px(_TIME), theme.px(_LINE))
    paint_text(painter, box, theme, item.time, Role.TEXT2, align=RIGHT)


def _paint_point(
    painter: QPainter, rect: QRect, theme: Theme, item: TimelineItem, *, last: bool
) -> None:
    side = theme.px(_POINT)
    box = QRect(rect.left() + theme.px(_TIME + _GAP), rect.top(), side, side)
    if not last:
        middle = box.center().x()
        painter.fillRect(
            QRect(middle, box.bottom() + 1, 2, rect.bottom() - box.bottom()), theme.color(Role.LINE)
        )
    fill, ink = _POINTS[item.tone]
    edge = theme.pen(Role.EDGE) if theme.palette.bg == "#000000" else None
    paint_box(painter, QRectF(box), side / 2, theme.color(fill), edge)
    small = theme.px(ICON.small)
    paint_icon(painter, box, theme, item.icon, ink, ICON.small, box.left() + (side - small) // 2)


def _paint_words(painter: QPainter, rect: QRect, theme: Theme, item: TimelineItem) -> None:
    left = rect.left() + theme.px(_TIME + _POINT + 2 * _GAP)
    line = QRect(
        left, rect.top() + theme.px(3), rect.right() + 1 - left - theme.px(4), theme.px(_LINE)
    )
    line.setRight(line.right() - _paint_corner(painter, line, theme, item))
    role = Role.TEXT3 if item.struck else Role.TEXT
    used = paint_text(painter, line, theme, item.title, role, FontToken.STRONG, elide=True)
    if item.struck:
        painter.fillRect(QRect(left, line.center().y() + 1, used, theme.px(1.5)), theme.color(role))
    who = QRect(line)
    who.setLeft(left + used + theme.px(8))
    paint_text(painter, who, theme, item.who, Role.TEXT3, elide=True)
    if item.text:
        width = rect.right() + 1 - left - theme.px(4)
        top = line.bottom() + 1
        _paint_result(painter, QRect(left, top, width, rect.bottom() - top), theme, item)


def _paint_corner(painter: QPainter, line: QRect, theme: Theme, item: TimelineItem) -> int:
    """What stands at the right of the first line; returns the room it takes."""
    if item.struck:
        paint_tag(painter, line, theme, _NOT_ADOPTED, RIGHT)
        return tag_width(theme, _NOT_ADOPTED) + theme.px(8)
    if item.sync is not None and item.sync is not SyncMark.SYNCED:
        face = SyncFace(item.sync)
        paint_sync(painter, line, theme, face, RIGHT)
        return sync_width(theme, face) + theme.px(8)
    if not item.late_note:
        return 0
    wide = theme.width(FontToken.BODY, item.late_note)
    icon = theme.px(ICON.small + 4)
    paint_icon(
        painter, line, theme, "cloud-up", Role.TEXT3, ICON.small, line.right() + 1 - wide - icon
    )
    paint_text(painter, line, theme, item.late_note, Role.TEXT3, align=RIGHT)
    return wide + icon + theme.px(8)


def _lay_out(theme: Theme, text: str, width: int) -> QTextLayout:
    layout = QTextLayout(text.replace("\n", "\u2028"), theme.font(FontToken.BODY))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    top = 0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        line.setPosition(QPointF(0, top))
        top += theme.px(_LINE)
    layout.endLayout()
    return layout


def _line_count(theme: Theme, text: str, width: int) -> int:
    if "\n" not in text and theme.width(FontToken.BODY, text) <= width:
        return 1
    return _lay_out(theme, text, width).lineCount()


def _paint_result(painter: QPainter, rect: QRect, theme: Theme, item: TimelineItem) -> None:
    painter.setPen(theme.color(Role.TEXT3 if item.struck else Role.TEXT2))
    _lay_out(theme, item.text, rect.width()).draw(painter, QPointF(rect.topLeft()))
