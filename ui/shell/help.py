"""F1: all keys on one sheet over the window. Any key or click puts it away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import RADIUS
from ui.widgets.base import Themed
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


class HelpSheet(Themed):
    """Covers its parent while shown and gives the focus back to where it was."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setObjectName("helpSheet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ringInside", True)
        self.setAccessibleName("；".join(f"{key} {words}" for key, words in ALL_KEYS))
        self._before: QWidget | None = None
        self._under = parent
        parent.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Show or hide."""
        if self.isVisible():
            self.put_away()
            return
        self._before = self.window().focusWidget()
        self.setGeometry(self._under.rect())
        self.raise_()
        self.show()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def put_away(self) -> None:
        """Hide, and go back to where the focus was."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt):
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
        columns = 3 if self.width() / theme.scale >= 1100 else 2
        rows = -(-len(ALL_KEYS) // columns)
        line, wide = theme.px(36), theme.px(350)
        sheet = QRect(0, 0, columns * wide + theme.px(48), rows * line + theme.px(96))
        sheet.moveCenter(self.rect().center())
        sheet = sheet.intersected(self.rect())
        paint_box(
            painter, QRectF(sheet), theme.px(RADIUS.panel), theme.color(Role.SURFACE),
            theme.pen(Role.EDGE),
        )  # fmt: skip
        head = QRect(sheet.left() + theme.px(24), sheet.top() + theme.px(12), wide, theme.px(40))
        paint_text(painter, head, theme, "全部快捷键", Role.TEXT, FontToken.TITLE1)
        for number, (key, words) in enumerate(ALL_KEYS):
            column, row = divmod(number, rows)
            left = sheet.left() + theme.px(24) + column * wide
            top = sheet.top() + theme.px(60) + row * line
            self._paint_key(painter, QRect(left, top, wide, line), key, words)

    def _paint_key(self, painter: QPainter, place: QRect, key: str, words: str) -> None:
        theme, left = self._theme, place.left()
        for part in key.split(" "):
            width = key_width(theme, part)
            paint_key(painter, QRect(left, place.top(), width, place.height()), theme, part)
            left += width + theme.px(4)
        room = QRect(left + theme.px(4), place.top(), place.right() - left, place.height())
        paint_text(painter, room, theme, words, Role.TEXT)
