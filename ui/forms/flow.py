"""Widgets side by side that go on to the next line where the room ends.

With ``split`` the widgets from that number on stand at the right while one line holds all, and so does
the last line where it does not.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Lines from the left. Hidden widgets take no room."""

    def __init__(self, gap: int = 8, *, split: int = -1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._split = gap, split
        self.setContentsMargins(0, 0, 0, 0)

    def set_gap(self, gap: int) -> None:
        """Room between the widgets and between the lines, in px."""
        self._gap = gap
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        around = self.contentsMargins()
        inner = width - around.left() - around.right()
        return self._place(QRect(0, 0, inner, 0), move=False) + around.top() + around.bottom()

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect.marginsRemoved(self.contentsMargins()), move=True)

    def sizeHint(self) -> QSize:
        shown = [i.sizeHint() for i in self._items if not i.isEmpty()]
        width = sum(s.width() + self._gap for s in shown)
        high = max((s.height() for s in shown), default=0)
        return QSize(max(0, width - self._gap), high).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        shown = [i.minimumSize() for i in self._items if not i.isEmpty()]
        wide = max((s.width() for s in shown), default=0)
        high = max((s.height() for s in shown), default=0)
        return QSize(wide, high).grownBy(self.contentsMargins())

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = [[]]
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            wide = item.sizeHint().width()
            if lines[-1] and used + wide > width:
                lines.append([])
                used = 0
            lines[-1].append(item)
            used += wide + self._gap
        return lines

    def _place(self, rect: QRect, *, move: bool) -> int:
        lines, top = self._lines(rect.width()), rect.top()
        for line in lines:
            if move:
                self._place_line(line, rect, top, last=line is lines[-1], only=len(lines) == 1)
            top += max((i.sizeHint().height() for i in line), default=0) + self._gap
        return top - self._gap - rect.top()

    def _place_line(
        self, line: list[QLayoutItem], rect: QRect, top: int, *, last: bool, only: bool
    ) -> None:
        spare = rect.width() + self._gap - sum(i.sizeHint().width() + self._gap for i in line)
        right = self._items[self._split :] if only else (line if last else [])
        left, moved = rect.left(), self._split < 0
        for item in line:
            if not moved and item in right:
                left, moved = left + max(0, spare), True
            item.setGeometry(QRect(QPoint(left, top), item.sizeHint()))
            left += item.sizeHint().width() + self._gap
