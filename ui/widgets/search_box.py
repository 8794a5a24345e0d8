"""The search field above a list."""

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.roles import Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, RADIUS
from ui.widgets.base import Themed
from ui.widgets.ime import ImeLineEdit
from ui.widgets.keys import bind
from ui.widgets.paint_badges import key_width, paint_key
from ui.widgets.paint_base import paint_box, paint_icon

_WAIT_MS = 250


class SearchBox(Themed):
    """Asks for a search 250 ms after the last committed text; while an input method composes, nothing happens."""

    search_requested = Signal(str)
    left = Signal()
    """Esc in the field: the screen gives the focus back to where it came from."""
    entered = Signal()
    """Down or Enter in the field: go on to the list."""

    def __init__(
        self,
        theme: Theme,
        placeholder: str,
        shortcut: str = "Ctrl+F",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._key = shortcut
        self._sent = ""
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._field = self._make_field(placeholder)
        self.setFocusProxy(self._field)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if shortcut:
            bind(self, shortcut).activated.connect(self._on_shortcut)

    def _make_field(self, placeholder: str) -> ImeLineEdit:
        field = ImeLineEdit()
        field.setParent(self)
        field.setProperty("bare", True)
        field.setProperty("ringHost", True)
        field.setPlaceholderText(placeholder)
        field.setAccessibleName("搜索")
        field.setAccessibleDescription(placeholder)
        field.committed.connect(self._on_committed)
        field.composing_changed.connect(self._on_composing_changed)
        field.installEventFilter(self)
        return field

    def text(self) -> str:
        """The committed text."""
        return self._field.text()

    def set_text(self, text: str) -> None:
        """Set the text without searching."""
        self._timer.stop()
        self._sent = text
        self._field.set_quietly(text)

    def field(self) -> ImeLineEdit:
        """The line edit, for the tab order."""
        return self._field

    @Slot(str)
    def _on_committed(self, _text: str) -> None:
        self._timer.start()

    @Slot(bool)
    def _on_composing_changed(self, composing: bool) -> None:
        if composing:
            self._timer.stop()
        elif self.text() != self._sent:
            self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        if not self._field.composing() and self.text() != self._sent:
            self._sent = self.text()
            self.search_requested.emit(self._sent)

    @Slot()
    def _on_shortcut(self) -> None:
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        key = event.key() if isinstance(event, QKeyEvent) else 0
        if event.type() == QEvent.Type.KeyPress and not self._field.composing():
            return self._leave_by(key)
        return super().eventFilter(watched, event)

    def _leave_by(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            return False
        return True

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(360), self._theme.px(HEIGHT.control))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(HEIGHT.control))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()

    def _restyle(self) -> None:
        theme = self._theme
        left = theme.px(12 + ICON.normal + 8)
        right = theme.px(12) + (key_width(theme, self._key) + theme.px(8) if self._key else 0)
        self._field.setGeometry(left, 1, max(0, self.width() - left - right), self.height() - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        edge = Role.FOCUS if self._field.hasFocus() else Role.EDGE
        paint_box(
            painter,
            QRectF(self.rect()),
            theme.px(RADIUS.control),
            theme.color(Role.SURFACE),
            theme.pen(edge),
        )
        paint_icon(painter, self.rect(), theme, "search", Role.TEXT, ICON.normal, theme.px(12))
        if self._key:
            width = key_width(theme, self._key)
            paint_key(
                painter,
                QRect(self.width() - theme.px(12) - width, 0, width, self.height()),
                theme,
                self._key,
            )
