"""The left rail: icon over word, with counts."""

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from ui.theme.roles import FontToken, Role
from ui.theme.theme import Theme
from ui.theme.tokens import HEIGHT, ICON, NAV_WIDTH
from ui.widgets.base import Themed
from ui.widgets.paint_badges import count_width, paint_count
from ui.widgets.paint_base import CENTER, paint_icon, paint_text
from ui.widgets.values import NavItem

_MORE = NavItem("", "更多", "dots")


class NavButton(QAbstractButton):
    """One entry."""

    def __init__(self, theme: Theme, item: NavItem, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ringInside", True)
        self.set_item(item)

    @property
    def item(self) -> NavItem:
        """What the entry shows."""
        return self._item

    def set_item(self, item: NavItem) -> None:
        """Change the count."""
        self._item = item
        self.setText(item.text)
        self.setAccessibleName(f"{item.text} {item.count} 件" if item.count else item.text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, chosen = QPainter(self), self._theme, self.isChecked()
        if chosen:
            painter.fillRect(self.rect(), theme.color(Role.NAVSEL))
            painter.fillRect(QRect(0, 0, theme.px(4), self.height()), theme.color(Role.NAVON))
        role = Role.NAVON if chosen else Role.NAVTEXT
        side = theme.px(ICON.large)
        top = (self.height() - side - theme.px(24)) // 2
        icon = QRect(0, top, self.width(), side)
        paint_icon(
            painter, icon, theme, self._item.icon, role, ICON.large, (self.width() - side) // 2
        )
        word = QRect(0, icon.bottom() + theme.px(2), self.width(), theme.px(24))
        paint_text(
            painter,
            word,
            theme,
            self._item.text,
            role,
            FontToken.STRONG if chosen else FontToken.BODY,
            CENTER,
        )
        room = self.width() - theme.px(3) - count_width(theme, self._item.count)
        count = QRect(min(theme.px(50), room), theme.px(3), theme.px(30), theme.px(22))
        paint_count(painter, count, theme, self._item.count)


class NavRail(Themed):
    """Entries from the top, those marked `at_end` from the bottom; what does not fit is behind 更多."""

    entry_chosen = Signal(str)

    def __init__(
        self, theme: Theme, items: tuple[NavItem, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("导航")
        self._buttons: list[NavButton] = []
        self._more = NavButton(theme, _MORE, self)
        self._more.setCheckable(False)
        self._more.clicked.connect(self._on_more_clicked)
        self._menu = QMenu(self)
        self._menu.triggered.connect(self._on_menu_triggered)
        self._current = ""
        self.set_items(items)

    def set_items(self, items: tuple[NavItem, ...]) -> None:
        """Replace the entries."""
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [NavButton(self._theme, item, self) for item in items]
        for button in self._buttons:
            button.clicked.connect(self._on_clicked)
        self.set_current(self._current)
        self._arrange()

    def set_count(self, key: str, count: int) -> None:
        """Change one count."""
        for button in self._buttons:
            item = button.item
            if item.key == key and item.count != count:
                button.set_item(NavItem(key, item.text, item.icon, count, item.at_end))

    def set_current(self, key: str) -> None:
        """Mark an entry without emitting."""
        self._current = key
        for button in self._buttons:
            button.setChecked(button.item.key == key)
        self._arrange()

    def current(self) -> str:
        """Key of the marked entry."""
        return self._current

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, NavButton):
            self._choose(button.item.key)

    @Slot()
    def _on_more_clicked(self) -> None:
        self._menu.clear()
        for button in self._buttons:
            if button.isHidden():
                icon = self._theme.icon(button.item.icon, Role.TEXT2)
                self._menu.addAction(icon, button.accessibleName()).setData(button.item.key)
        self._menu.popup(self._more.mapToGlobal(self._more.rect().topRight()))

    @Slot(QAction)
    def _on_menu_triggered(self, action: QAction) -> None:
        self._choose(str(action.data()))

    def _choose(self, key: str) -> None:
        self.set_current(key)
        self.entry_chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        shown = [button for button in (*self._buttons, self._more) if button.isVisible()]
        focused = next((n for n, button in enumerate(shown) if button.hasFocus()), -1)
        if not step or focused < 0:
            super().keyPressEvent(event)
            return
        shown[(focused + step) % len(shown)].setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _restyle(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        high, pad = self._theme.px(HEIGHT.nav), self._theme.px(8)
        slots = (self.height() - 2 * pad) // high
        ends = [button for button in self._buttons if button.item.at_end]
        tops = [button for button in self._buttons if not button.item.at_end]
        shown = self._fitting(tops, slots - len(ends))
        for button in tops:
            button.setVisible(button in shown)
        self._more.setVisible(len(shown) < len(tops))
        column = [*shown, self._more] if len(shown) < len(tops) else shown
        for row, button in enumerate(column):
            button.setGeometry(0, pad + row * high, self.width(), high)
        for row, button in enumerate(reversed(ends), start=1):
            button.setGeometry(0, self.height() - pad - row * high, self.width(), high)
            button.show()

    def _fitting(self, tops: list[NavButton], slots: int) -> list[NavButton]:
        if len(tops) <= slots:
            return tops
        shown = tops[: max(0, slots - 1)]
        chosen = [button for button in tops if button.item.key == self._current]
        if chosen and shown and chosen[0] not in shown:
            shown[-1] = chosen[0]
        return shown

    def sizeHint(self) -> QSize:
        return QSize(
            self._theme.px(NAV_WIDTH), self._theme.px(HEIGHT.nav) * max(1, len(self._buttons))
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(NAV_WIDTH), self._theme.px(HEIGHT.nav) * 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(Role.NAV))
        if self._theme.palette.nav == self._theme.palette.bg:
            painter.fillRect(
                QRect(self.width() - 1, 0, 1, self.height()), self._theme.color(Role.LINE)
            )
