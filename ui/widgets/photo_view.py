"""One photo, large, over the window. Esc, Enter, a click: back to where one was."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.widgets.base import Themed
from ui.widgets.focus import give_back
from ui.widgets.paint_base import CENTER, paint_text

_AWAY = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})
_FOOT = 56


class PhotoView(Themed):
    """Covers ``window`` until it is put away, then it is gone."""

    def __init__(self, theme: Theme, image: QImage, caption: str, window: QWidget) -> None:
        super().__init__(theme, window)
        self.setObjectName("photoView")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ringInside", True)
        self.setAccessibleName(f"照片 {caption}，Esc 关闭")
        self._image, self._caption = image, caption
        self._under = window
        self._before: QWidget | None = window.focusWidget()
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.raise_()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def put_away(self) -> None:
        """Go back to where the focus was."""
        self._under.removeEventFilter(self)
        self.hide()
        give_back(self._before)
        self.deleteLater()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # nothing below is done by a key while it cannot be seen
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in _AWAY and not plain:
            self.put_away()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.put_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._under.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        shade = QColor(theme.color(Role.NAV))
        shade.setAlpha(235)
        painter.fillRect(self.rect(), shade)
        edge, foot = theme.px(16), theme.px(_FOOT)
        room = self.rect().adjusted(edge, edge, -edge, -foot)
        size = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        frame = QRect(0, 0, size.width(), size.height())
        frame.moveCenter(room.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(frame, self._image)
        line = QRect(edge, self.height() - foot, self.width() - 2 * edge, foot)
        words = "　".join(part for part in (self._caption, "Esc 关闭") if part)
        paint_text(painter, line, theme, words, Role.NAVTEXT, FontToken.STRONG, CENTER, elide=True)
