"""F1: all keys on one sheet over the window. Any key or click puts it away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS
from ui.widgets.base import Themed
from ui.widgets.focus import give_back
from ui.widgets.painters import key_width, paint_box, paint_key, paint_text

ALL_KEYS: tuple[tuple[str, str], ...] = (
    ("F1", "全部快捷键"), ("F5", "同步"), ("↑ ↓", "选单"), ("Home End", "第一件、最后一件"),
    ("Enter", "打开"), ("Ctrl+Enter", "本页的主要一步"), ("Ctrl+Shift+Enter", "批签"),
    ("Ctrl+F", "搜索"), ("F4", "筛选"), ("F6", "换到下一栏"), ("F7", "催办"),
    ("F8", "打电话、登记通话"), ("F9", "拟办"), ("F12", "稍后 10 分"), ("Ctrl+M", "修改后签批"),
    ("Ctrl+B", "退回"), ("Ctrl+G", "换一组建议"), ("Ctrl+J", "常用语"),
    ("Ctrl+1 2 3", "村里：见面、说明、办结"), ("F2", "拍照、选照片"), ("T", "全部经过"),
    ("Ctrl+S", "存草稿"), ("Ctrl+P", "打印"), ("Ctrl+E", "导出表格"), ("空格", "选入批签"),
    ("Alt+1 2 3", "冲突：选一条"), ("Alt+P", "到提醒窗口"), ("1…6", "提醒窗口：打开第几件"),
    ("Ctrl + −", "放大、缩小"), ("Ctrl+0", "原来大小"), ("Esc", "返回，草稿保留"),
)  # fmt: skip
_LINE, _HEAD, _FOOT = 36, 60, 36
_TURNS = {
    Qt.Key.Key_Down: 1, Qt.Key.Key_PageDown: 1, Qt.Key.Key_Space: 1,
    Qt.Key.Key_Up: -1, Qt.Key.Key_PageUp: -1,
}  # fmt: skip


class HelpSheet(Themed):
    """Covers its parent while shown and gives the focus back to where it was."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setObjectName("helpSheet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ringInside", True)
        self.setAccessibleName("；".join(f"{key} {words}" for key, words in ALL_KEYS))
        self._before: QWidget | None = None
        self._page = 0
        self._under = parent
        parent.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Show, go on to the next page if there is one, or hide."""
        if self.isVisible():
            if not self._turn(1):
                self.put_away()
            return
        self._page = 0
        self._before = self.window().focusWidget()
        self.setGeometry(self._under.rect())
        self.raise_()
        self.show()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def put_away(self) -> None:
        """Hide, and go back to where the focus was."""
        self.hide()
        give_back(self._before)

    def pages(self) -> int:
        """How many pages the keys take in this window at this size of type."""
        columns, rows = self._grid()
        return -(-len(ALL_KEYS) // (columns * rows))

    def shown_keys(self) -> tuple[tuple[str, str], ...]:
        """The keys on the present page."""
        columns, rows = self._grid()
        page = min(self._page, self.pages() - 1)
        return ALL_KEYS[page * columns * rows : (page + 1) * columns * rows]

    def _grid(self) -> tuple[int, int]:
        """Columns, and rows that fit whole between the title and the line at the foot."""
        theme = self._theme
        columns = 3 if self.width() / theme.scale >= 1100 else 2
        wanted = -(-len(ALL_KEYS) // columns)
        fitting = (self.height() - theme.px(_HEAD + _FOOT)) // theme.px(_LINE)
        return columns, max(1, min(wanted, fitting))

    def _turn(self, step: int) -> bool:
        page = min(self._page, self.pages() - 1) + step
        if not 0 <= page < self.pages():
            return False
        self._page = page
        self.update()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _TURNS.get(Qt.Key(event.key()), 0) if self.pages() > 1 else 0
        if step:
            self._turn(step)
        elif event.key() not in (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt):
            self.put_away()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.put_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._under.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        shade = QColor(theme.color(Role.NAV))
        shade.setAlpha(200)
        painter.fillRect(self.rect(), shade)
        columns, rows = self._grid()
        line, wide = theme.px(_LINE), theme.px(350)
        high = rows * line + theme.px(_HEAD + _FOOT)
        sheet = QRect(0, 0, columns * wide + theme.px(48), high)
        sheet.moveCenter(self.rect().center())
        sheet = sheet.intersected(self.rect())
        paint_box(
            painter, QRectF(sheet), theme.px(RADIUS.panel), theme.color(Role.SURFACE),
            theme.pen(Role.EDGE),
        )  # fmt: skip
        head = QRect(sheet.left() + theme.px(24), sheet.top() + theme.px(12), wide, theme.px(40))
        paint_text(painter, head, theme, "全部快捷键", Role.TEXT, FontToken.TITLE1)
        if self.pages() > 1:
            foot = QRect(head.left(), sheet.bottom() - theme.px(_FOOT), 2 * wide, theme.px(_FOOT))
            number = min(self._page, self.pages() - 1) + 1
            words = f"第 {number} / {self.pages()} 页 · ↑ ↓ 翻页 · Esc 收起"
            paint_text(painter, foot, theme, words, Role.TEXT2)
        for number, (key, words) in enumerate(self.shown_keys()):
            column, row = divmod(number, rows)
            left = sheet.left() + theme.px(24) + column * wide
            top = sheet.top() + theme.px(_HEAD) + row * line
            self._paint_key(painter, QRect(left, top, wide, line), key, words)

    def _paint_key(self, painter: QPainter, place: QRect, key: str, words: str) -> None:
        theme, left = self._theme, place.left()
        for part in key.split(" "):
            width = key_width(theme, part)
            paint_key(painter, QRect(left, place.top(), width, place.height()), theme, part)
            left += width + theme.px(4)
        room = QRect(left + theme.px(4), place.top(), place.right() - left, place.height())
        paint_text(painter, room, theme, words, Role.TEXT)
